package checkpoint

import (
	"fmt"
	"io"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/tokenizer"
)

// WriteGGUF writes the model, read by scheme s at one t, as a file that stock llama.cpp runs: frequencies
// as rope_freqs.weight, which divides each plain one by θ_i/θ_i(t), the attention factor as
// llama.rope.scaling.attn_factor, a context of L·t tokens. Method and t are recorded as clexlab.method and
// clexlab.t. Rows of queries and keys stand in llama.cpp's order, pairs side by side. p is F32 or F16, or I8
// for Q8_0, blocks of 32 weights; norms, biases and matrices whose rows are no whole blocks stay wider.
//
// Qwen 3, whose graph there takes no factors, is written where keys of its own say the frequencies: another base (plain RoPE, NTK),
// linear scaling (PI) or YaRN.
//
// What llama.cpp cannot compute is an error that says so: a remap of positions (STRING), log-n scaling,
// GPT-NeoX (whose graph there takes no factors), partial rotary, vocabularies that neither merges nor scores say.
func (c *Checkpoint) WriteGGUF(w io.Writer, tok *tokenizer.Tokenizer, s clex.Scheme, t float64, p Precision) error {
	var e clex.Encoding
	if err := s.Encode(&e, t, 0); err != nil {
		return fmt.Errorf("checkpoint: GGUF: %w", err)
	}
	r := c.Config.Rotary
	switch {
	case c.Config.Activation != model.DefaultActivation && c.Config.Activation != model.SiLU:
		return fmt.Errorf("checkpoint: GGUF: llama.cpp's LLaMA has SwiGLU: the activation is %v", c.Config.Activation)
	case c.Config.Architecture != model.LLaMA:
		return fmt.Errorf("checkpoint: GGUF: %v: llama.cpp takes no frequency factors in this form", c.Config.Architecture)
	case e.Remap != nil:
		return fmt.Errorf("checkpoint: GGUF: scheme %s moves positions: llama.cpp has no place for that", s.Name())
	case e.LogN != 0:
		return fmt.Errorf("checkpoint: GGUF: scheme %s scales queries by the length of the text: llama.cpp has no place for that", s.Name())
	case r.Dims != r.HeadDim:
		return fmt.Errorf("checkpoint: GGUF: %d of %d components of a head turn: the factors of llama.cpp's LLaMA are for all", r.Dims, r.HeadDim)
	case p > I8:
		return fmt.Errorf("checkpoint: GGUF: precision %d: must be F32, F16 or I8 (Q8_0)", p)
	}
	if err := c.Weights.Validate(c.Config); err != nil {
		return fmt.Errorf("checkpoint: GGUF: %w", err)
	}
	vocabulary, err := ggufVocabulary(tok, c.Config.Vocab, c.EndOfText)
	if err != nil {
		return fmt.Errorf("checkpoint: GGUF: %w", err)
	}
	metadata := append(c.ggufMetadata(s, t, &e, p), vocabulary...)
	if c.Config.HeadNorm {
		if metadata, err = c.ggufQwen3(metadata, s, t, &e); err != nil {
			return fmt.Errorf("checkpoint: GGUF: %w", err)
		}
		c = c.halfSplit()
	}
	if err := writeGGUF(w, metadata, c.ggufTensors(&e, p)); err != nil {
		return fmt.Errorf("checkpoint: GGUF: %w", err)
	}
	return nil
}

func (c *Checkpoint) ggufMetadata(s clex.Scheme, t float64, e *clex.Encoding, p Precision) []ggufValue {
	cfg := &c.Config
	u := func(n int) uint32 { return uint32(n) }
	fileType := map[Precision]uint32{F32: 0, F16: 1, I8: 7}[p]
	list := []ggufValue{
		{"general.architecture", "llama"}, {"general.name", fmt.Sprintf("%s at t = %g", s.Name(), t)}, {"general.file_type", fileType},
		{"llama.vocab_size", u(cfg.Vocab)}, {"llama.context_length", uint32(float64(cfg.Rotary.Window) * t)},
		{"llama.embedding_length", u(cfg.Dim)}, {"llama.block_count", u(cfg.Layers)}, {"llama.feed_forward_length", u(cfg.HiddenDim)},
		{"llama.attention.head_count", u(cfg.Heads)}, {"llama.attention.head_count_kv", u(cfg.KVHeads)},
		{"llama.attention.key_length", u(cfg.Rotary.HeadDim)}, {"llama.attention.value_length", u(cfg.Rotary.HeadDim)},
		{"llama.attention.layer_norm_rms_epsilon", cfg.NormEps},
		{"llama.rope.dimension_count", u(cfg.Rotary.Dims)}, {"llama.rope.freq_base", float32(cfg.Rotary.Base)},
		{"llama.rope.scaling.attn_factor", float32(e.AttentionFactor)},
		{"clexlab.method", s.Name()}, {"clexlab.t", float32(t)}, {"clexlab.trained_length", u(cfg.Rotary.Window)},
	}
	if p == I8 {
		list = append(list, ggufValue{"general.quantization_version", uint32(2)})
	}
	return list
}

// ggufTensors lists the tensors under llama.cpp's names.
func (c *Checkpoint) ggufTensors(e *clex.Encoding, p Precision) []ggufTensor {
	cfg, w := &c.Config, c.Weights
	var list []ggufTensor
	vector := func(name string, v []float32) {
		list = append(list, ggufTensor{name: name, cols: len(v), row: func(dst []float32, _ int) { copy(dst, v) }})
	}
	matrix := func(name string, m *model.Matrix, order func(row int) int) {
		t := ggufTensor{name: name, rows: m.Rows, cols: m.Cols, row: func(dst []float32, i int) { m.CopyRow(dst, order(i)) }}
		switch {
		case p == I8 && m.Cols%q8Block == 0:
			t.kind = ggmlQ8_0
		case p != F32:
			t.kind = ggmlF16
		}
		list = append(list, t)
	}
	asItIs := func(row int) int { return row }
	linear := func(name string, l *model.Linear, order func(row int) int) {
		matrix(name+".weight", &l.Matrix, order)
		if l.Bias != nil {
			bias := make([]float32, len(l.Bias))
			for i := range bias {
				bias[i] = l.Bias[order(i)]
			}
			vector(name+".bias", bias)
		}
	}
	// Components that turn together stand side by side in its LLaMA, half a head apart here.
	pairs := asItIs
	if d := cfg.Rotary.HeadDim; cfg.Rotary.Pairing == clex.HalfSplit && !cfg.HeadNorm {
		pairs = func(row int) int {
			in := row % d
			return row - in + in%2*d/2 + in/2
		}
	}
	matrix("token_embd.weight", &w.Embedding, asItIs)
	for i := range w.Layers {
		l, name := &w.Layers[i], fmt.Sprintf("blk.%d.", i)
		vector(name+"attn_norm.weight", l.AttentionNorm.Weight)
		linear(name+"attn_q", &l.Q, pairs)
		linear(name+"attn_k", &l.K, pairs)
		linear(name+"attn_v", &l.V, asItIs)
		linear(name+"attn_output", &l.O, asItIs)
		if cfg.HeadNorm {
			vector(name+"attn_q_norm.weight", l.QNorm.Weight)
			vector(name+"attn_k_norm.weight", l.KNorm.Weight)
		}
		vector(name+"ffn_norm.weight", l.MLPNorm.Weight)
		linear(name+"ffn_gate", &l.Gate, asItIs)
		linear(name+"ffn_up", &l.Up, asItIs)
		linear(name+"ffn_down", &l.Down, asItIs)
	}
	vector("output_norm.weight", w.FinalNorm.Weight)
	if !cfg.TiedHead {
		matrix("output.weight", &w.Head, asItIs)
	}
	if cfg.HeadNorm {
		return list
	}
	plain := cfg.Rotary.Plain()
	factors := make([]float32, len(e.InvFreq))
	for i, theta := range e.InvFreq {
		factors[i] = float32(plain.InvFreq[i] / theta)
	}
	vector(factorsTensor, factors)
	return list
}
