package checkpoint

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/tokenizer"
)

// ReadGGUF reads a model and its tokenizer from a GGUF file of size bytes that arrives through src:
// the llama, qwen2, qwen3, gptneox and phi2 graphs of llama.cpp, weights in F32, F16, BF16 and the quantised types that ggml
// blocks are known of, widened to float32. progress and ctx are as in [Read]. A file is as untrusted as a
// safetensors file, and errors name what is wrong. Frequencies that the file divides by factors
// (rope_freqs.weight) become Llama 3's scheme, or the one that the file names as [Checkpoint.WriteGGUF] does, where
// they are its own; others are read as the list that they are.
func ReadGGUF(ctx context.Context, src io.Reader, size int64, progress func(done, total int64)) (*Checkpoint, *tokenizer.Tokenizer, error) {
	return Loader{Progress: progress}.ReadGGUF(ctx, src, size)
}

// ReadGGUF is [ReadGGUF].
func (l Loader) ReadGGUF(ctx context.Context, src io.Reader, size int64) (*Checkpoint, *tokenizer.Tokenizer, error) {
	r := &ggufReader{reader: reader{Loader: l, ctx: ctx, total: size, limit: maxMemory}, src: bufio.NewReaderSize(src, chunkSize)}
	c, tok, err := r.read(size)
	if err != nil {
		return nil, nil, fmt.Errorf("checkpoint: GGUF: %w", err)
	}
	return c, tok, nil
}

// factorsTensor divides the plain frequencies, pair by pair.
const factorsTensor = "rope_freqs.weight"

type ggufReader struct {
	reader
	src    *bufio.Reader
	head   *ggufHeader
	arch   string
	config model.Config
	notes  []string
	// scaledBase is the base that frequencies are made of, where it is not that of the plain ones.
	scaledBase float64
}

func (r *ggufReader) read(size int64) (*Checkpoint, *tokenizer.Tokenizer, error) {
	var err error
	if r.head, err = readGGUFHeader(r.src, size); err != nil {
		return nil, nil, err
	}
	if err := r.advance(r.head.size); err != nil {
		return nil, nil, err
	}
	if len(r.head.tensors) == 0 {
		return nil, nil, fmt.Errorf("n_tensors: 0: the file has a vocabulary alone")
	}
	scaling, err := r.parse()
	if err != nil {
		return nil, nil, err
	}
	tok, ends, err := r.tokenizer()
	if err != nil {
		return nil, nil, err
	}
	c := &Checkpoint{Config: r.config, Scaling: scaling, EndOfText: ends, Metadata: map[string]string{}, Weights: &model.Weights{Layers: make([]model.Layer, r.config.Layers)}}
	factors, err := r.tensors(c)
	if err != nil {
		return nil, nil, err
	}
	if err := r.frequencies(c, factors); err != nil {
		return nil, nil, err
	}
	if err := c.Weights.Validate(c.Config); err != nil {
		return nil, nil, err
	}
	c.Notes = r.notes
	return c, tok, nil
}

// number is a whole number of the metadata, from 1 to limit; byDefault stands where it is not there, 0 wants it there.
func (r *ggufReader) number(key string, byDefault, limit int) (int, error) {
	v, ok := r.head.metadata[key]
	if !ok && byDefault > 0 {
		return byDefault, nil
	}
	var n int64
	switch v := v.(type) {
	case uint64:
		n = int64(min(v, math.MaxInt64))
	case int64:
		n = v
	case nil:
		return 0, fmt.Errorf("%s: missing", key)
	default:
		return 0, fmt.Errorf("%s: %.40v: must be one whole number", key, v)
	}
	if n < 1 || n > int64(limit) {
		return 0, fmt.Errorf("%s: %d: must be 1 … %d", key, n, limit)
	}
	return int(n), nil
}

// float is a number of the metadata; byDefault stands where it is not there, [required] wants it there.
func (r *ggufReader) float(key string, byDefault float64) (float64, error) {
	switch v := r.head.metadata[key].(type) {
	case nil:
		if math.IsNaN(byDefault) {
			return 0, fmt.Errorf("%s: missing", key)
		}
		return byDefault, nil
	case float64:
		return v, nil
	default:
		return 0, fmt.Errorf("%s: %.40v: must be a number with a fraction", key, v)
	}
}

func (r *ggufReader) text(key string) string {
	s, _ := r.head.metadata[key].(string)
	return s
}

// parse reads the shape and the scaling from the metadata.
func (r *ggufReader) parse() (*Scaling, error) {
	r.arch = r.text("general.architecture")
	c := &r.config
	epsilon, byDefault := "attention.layer_norm_rms_epsilon", 1e-5
	switch r.arch {
	case "llama":
		// Its rows of queries and keys stand pair by pair.
		c.Rotary.Pairing = clex.Interleaved
	case "qwen2", "qwen3":
		c.HeadNorm = r.arch == "qwen3"
	case "gptneox", "phi2":
		c.Architecture = model.NeoX
		epsilon, byDefault = "attention.layer_norm_epsilon", required
		if r.arch == "phi2" {
			c.Activation = model.TanhGELU
		} else if parallel, said := r.head.metadata["gptneox.use_parallel_residual"].(bool); said {
			c.SequentialResidual = !parallel
		}
	default:
		return nil, fmt.Errorf("general.architecture: %q: only llama, qwen2, qwen3, gptneox and phi2 are understood", r.arch)
	}
	key := func(name string) string { return r.arch + "." + name }
	var errs [12]error
	c.Dim, errs[0] = r.number(key("embedding_length"), 0, maxExtent)
	c.Layers, errs[1] = r.number(key("block_count"), 0, maxLayers)
	c.HiddenDim, errs[2] = r.number(key("feed_forward_length"), 0, maxExtent)
	c.Heads, errs[3] = r.number(key("attention.head_count"), 0, maxExtent)
	c.KVHeads, errs[4] = r.number(key("attention.head_count_kv"), max(c.Heads, 1), maxExtent)
	c.Rotary.HeadDim, errs[5] = r.number(key("attention.key_length"), max(c.Dim/max(c.Heads, 1), 1), maxExtent)
	values, err := r.number(key("attention.value_length"), max(c.Rotary.HeadDim, 1), maxExtent)
	errs[6] = err
	c.Rotary.Dims, errs[7] = r.number(key("rope.dimension_count"), max(c.Rotary.HeadDim, 1), maxExtent)
	c.Rotary.Window, errs[8] = r.number(key("context_length"), 0, math.MaxInt32)
	c.Rotary.Base, errs[9] = r.float(key("rope.freq_base"), 10000)
	if base, ok := r.head.metadata[baseKey].(float64); ok {
		r.scaledBase, c.Rotary.Base = c.Rotary.Base, base
	}
	eps, err := r.float(key(epsilon), byDefault)
	c.NormEps, errs[10] = float32(eps), err
	tokens, _ := r.head.metadata["tokenizer.ggml.tokens"].([]string)
	c.Vocab, errs[11] = r.number(key("vocab_size"), len(tokens), maxExtent)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	if values != c.Rotary.HeadDim || c.Architecture == model.LLaMA && c.Rotary.Dims != c.Rotary.HeadDim {
		return nil, fmt.Errorf("%s: values of %d and %d turning components in heads of %d: must be all alike", key("attention.value_length"), values, c.Rotary.Dims, c.Rotary.HeadDim)
	}
	trained, err := r.number("clexlab.trained_length", c.Rotary.Window, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	extended := c.Rotary.Window
	c.Rotary.Window = trained
	return r.scaling(key, extended)
}

// scaling reads what the file says of rope scaling, other than factors.
func (r *ggufReader) scaling(key func(string) string, extended int) (*Scaling, error) {
	kind := r.text(key("rope.scaling.type"))
	factor, err := r.float(key("rope.scaling.factor"), 1)
	if err != nil {
		return nil, err
	}
	if kind == "" || kind == "none" || factor == 1 && kind == "linear" {
		return nil, nil
	}
	if !(factor >= 1) || math.IsInf(factor, 0) {
		return nil, fmt.Errorf("%s: %v: must be at least 1", key("rope.scaling.factor"), factor)
	}
	window, err := r.number(key("rope.scaling.original_context_length"), r.config.Rotary.Window, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	r.config.Rotary.Window = window
	switch kind {
	case "linear":
		return &Scaling{Type: "linear", Factor: factor}, nil
	case "yarn":
		return &Scaling{Type: "yarn", Factor: factor, OriginalWindow: window, Extended: extended}, nil
	}
	return nil, fmt.Errorf("%s: %q: only none, linear and yarn are understood", key("rope.scaling.type"), kind)
}

// tensors reads the data into the weights and returns the factors of rope_freqs.weight, nil without it.
func (r *ggufReader) tensors(c *Checkpoint) (factors []float32, err error) {
	slots := ggufLayout(r.arch, &r.config, c.Weights, &factors)
	read, at := map[string]bool{}, int64(0)
	for i := range r.head.tensors {
		t := &r.head.tensors[i]
		s := slots[t.name]
		if s == nil {
			return nil, fmt.Errorf("tensor %s: is none of this model's", shortName(t.name))
		}
		rows, cols := int64(s.rows), int64(s.cols)
		if s.vector {
			rows, cols = 1, rows*cols
		}
		if cols != t.cols() || rows != t.rows() {
			return nil, fmt.Errorf("tensor %q: %d rows of %d: the metadata wants %d of %d", t.name, t.rows(), t.cols(), rows, cols)
		}
		if b := ggmlBlocks[t.kind]; s.cols%int(b.values) != 0 {
			return nil, fmt.Errorf("tensor %q: blocks of %d values in %s: it may have no such type", t.name, b.values, b.name)
		}
		bytes := 4 * int64(s.rows) * int64(s.cols)
		if r.rounds(s) {
			bytes = bytes/4 + 4*int64(s.rows)
		}
		if r.memory += bytes; r.memory > r.limit {
			return nil, fmt.Errorf("tensor %q: the weights up to here take %d bytes of memory: at most %d are allowed", t.name, r.memory, r.limit)
		}
		if err := r.skip(t.offset - at); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", t.name, err)
		}
		if err := r.fill(t, s); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", t.name, err)
		}
		at, read[t.name] = t.offset+t.size, true
	}
	for name, s := range slots {
		if !read[name] && !s.optional {
			return nil, fmt.Errorf("tensor %q is missing", name)
		}
	}
	r.config.TiedHead = !read["output.weight"]
	if err := r.fused(read); err != nil {
		return nil, err
	}
	if r.arch == "phi2" {
		// Its two norms of a layer are one.
		for i := range c.Weights.Layers {
			c.Weights.Layers[i].MLPNorm = c.Weights.Layers[i].AttentionNorm
		}
	}
	c.Config = r.config
	return factors, nil
}

func (r *ggufReader) skip(n int64) error {
	return r.each(r.src, n, func([]byte) error { return nil })
}

// fill reads the blocks of a tensor.
func (r *ggufReader) fill(t *ggufInfo, s *slot) error {
	b := ggmlBlocks[t.kind]
	into, end := r.destination(s)
	row, col := 0, 0
	block := make([]byte, 0, b.bytes)
	err := r.each(r.src, t.size, func(chunk []byte) error {
		for len(chunk) > 0 {
			n := min(int(b.bytes)-len(block), len(chunk))
			block = append(block, chunk[:n]...)
			chunk = chunk[n:]
			if len(block) < int(b.bytes) {
				return nil
			}
			dst := into(row)[col : col+int(b.values)]
			b.decode(dst, block)
			for i, x := range dst {
				if math.Float32bits(x)&exponent == exponent {
					return fmt.Errorf("value [%d, %d] is %v: weights must be finite", row, col+i, x)
				}
			}
			block = block[:0]
			if col += int(b.values); col == s.cols {
				row, col = row+1, 0
			}
		}
		return nil
	})
	if err == nil {
		end()
	}
	return err
}

// frequencies understands the factors that divide plain frequencies.
func (r *ggufReader) frequencies(c *Checkpoint, factors []float32) error {
	attention, err := r.float(r.arch+".rope.scaling.attn_factor", 1)
	if err != nil {
		return err
	}
	same := func(s clex.Scheme, t float64) bool {
		var e clex.Encoding
		if err := s.Encode(&e, t, 0); err != nil || math.Abs(e.AttentionFactor-attention) > 1e-5*attention {
			return false
		}
		plain := c.Config.Rotary.Plain()
		for i, theta := range e.InvFreq {
			f := 1.0
			if factors != nil {
				f = float64(factors[i])
			}
			if math.Abs(plain.InvFreq[i]/theta/f-1) > 1e-5 {
				return false
			}
		}
		return true
	}
	if x := c.Scaling; x != nil && factors == nil && (attention == 1 || x.Type == "yarn") {
		if attention != 1 { // on top of YaRN's own
			x.AttentionFactor = attention * (0.1*math.Log(x.Factor) + 1)
		}
		return nil // the file's own keys say all
	}
	if r.scaledBase > 1 && factors == nil {
		scaled := c.Config.Rotary
		scaled.Base = r.scaledBase
		for i, theta := range scaled.Plain().InvFreq {
			factors = append(factors, float32(c.Config.Rotary.Plain().InvFreq[i]/theta))
		}
	}
	if name := r.text("clexlab.method"); name != "" {
		t, err := r.float("clexlab.t", 1)
		if err != nil {
			return err
		}
		s, err := clex.New(name, c.Config.Rotary, clex.Options{})
		if err == nil && same(s, t) {
			return c.SetScheme(s, t)
		}
		if err != nil {
			return fmt.Errorf("clexlab.method: %w", err)
		}
		return list(c, factors, attention, t) // its field is not in the file
	}
	plain, err := clex.New("rope", c.Config.Rotary, clex.Options{})
	if err != nil {
		return err
	}
	if same(plain, 1) || factors == nil && attention == 1 {
		return nil
	}
	for _, factor := range []float64{8, 16, 32} {
		// As the released configurations of Llama 3.1 and 3.2 have it.
		rotary := c.Config.Rotary
		rotary.Window = 8192
		s, err := clex.New("llama3", rotary, clex.Options{})
		if err == nil && same(s, factor) {
			c.Scaling = &Scaling{Type: "llama3", Factor: factor, LowFreqFactor: 1, HighFreqFactor: 4, OriginalWindow: 8192, Extended: c.Config.Rotary.Window}
			c.Config.Rotary.Window = 8192
			return nil
		}
	}
	return list(c, factors, attention, 1)
}

// list has a checkpoint be read by a file's factors as they stand, alike for texts of any length; nil is 1 for every pair.
func list(c *Checkpoint, factors []float32, attention, t float64) error {
	if c.Scaling != nil {
		return fmt.Errorf("rope_freqs.weight: factors beside rope.scaling of type %s: which of them counts?", c.Scaling.Type)
	}
	all := make([]float64, c.Config.Rotary.Pairs())
	for i := range all {
		if all[i] = 1; factors != nil {
			all[i] = float64(factors[i])
		}
	}
	c.Scaling = &Scaling{Type: "longrope", Factor: max(1, t), OriginalWindow: c.Config.Rotary.Window, ShortFactor: all, LongFactor: all, AttentionFactor: attention}
	if _, _, err := c.Scheme(); err != nil {
		return fmt.Errorf("rope_freqs.weight: %w", err)
	}
	return nil
}
