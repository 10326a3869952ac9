package checkpoint

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"clexlab/model"
)

// foreignGGUF is a GPT-NeoX or Phi model as llama.cpp's converter lays it out, with queries, keys and values of a layer in one
// tensor or in three, and a vocabulary of a few letters. change may spoil the list of metadata and of tensors.
func foreignGGUF(t testing.TB, arch string, c *Checkpoint, together bool, change func([]ggufValue, []ggufTensor) ([]ggufValue, []ggufTensor)) []byte {
	t.Helper()
	cfg, w := &c.Config, c.Weights
	u := func(n int) uint32 { return uint32(n) }
	metadata := []ggufValue{
		{"general.architecture", arch}, {arch + ".context_length", u(cfg.Rotary.Window)}, {arch + ".embedding_length", u(cfg.Dim)}, {arch + ".block_count", u(cfg.Layers)},
		{arch + ".feed_forward_length", u(cfg.HiddenDim)}, {arch + ".rope.dimension_count", u(cfg.Rotary.Dims)}, {arch + ".attention.head_count", u(cfg.Heads)},
		{arch + ".attention.head_count_kv", u(cfg.KVHeads)}, {arch + ".attention.layer_norm_epsilon", cfg.NormEps},
		{"tokenizer.ggml.model", "gpt2"}, {"tokenizer.ggml.pre", map[string]string{"gptneox": "olmo", "phi2": "phi-2"}[arch]}, {"tokenizer.ggml.merges", []string{"a b"}},
	}
	if arch == "gptneox" {
		metadata = append(metadata, ggufValue{"gptneox.use_parallel_residual", !cfg.SequentialResidual})
	}
	tokens := []string{"a", "b", "ab", "<end>"}
	for id := len(tokens); id < cfg.Vocab; id++ {
		tokens = append(tokens, fmt.Sprintf("x%d", id))
	}
	metadata = append(metadata, ggufValue{"tokenizer.ggml.tokens", tokens})
	var list []ggufTensor
	tensor := func(name string, rows, cols int, parts ...[]float32) {
		all := slices.Concat(parts...)
		list = append(list, ggufTensor{name: name, rows: rows, cols: cols, row: func(dst []float32, i int) { copy(dst, all[i*cols:]) }})
	}
	linear := func(name string, maps ...*model.Linear) {
		var weights, biases [][]float32
		rows := 0
		for _, m := range maps {
			rows += m.Rows
			weights, biases = append(weights, m.F32), append(biases, m.Bias)
		}
		tensor(name+".weight", rows, maps[0].Cols, weights...)
		tensor(name+".bias", 0, rows, biases...)
	}
	norm := func(name string, n *model.Norm) {
		tensor(name+".weight", 0, len(n.Weight), n.Weight)
		tensor(name+".bias", 0, len(n.Bias), n.Bias)
	}
	tensor("token_embd.weight", cfg.Vocab, cfg.Dim, w.Embedding.F32)
	norm("output_norm", &w.FinalNorm)
	tensor("output.weight", cfg.Vocab, cfg.Dim, w.Head.F32)
	if arch == "phi2" {
		tensor("output.bias", 0, cfg.Vocab, w.HeadBias)
	}
	for i := range w.Layers {
		l, name := &w.Layers[i], fmt.Sprintf("blk.%d.", i)
		norm(name+"attn_norm", &l.AttentionNorm)
		if together {
			linear(name+"attn_qkv", &l.Q, &l.K, &l.V)
		} else {
			linear(name+"attn_q", &l.Q)
			linear(name+"attn_k", &l.K)
			linear(name+"attn_v", &l.V)
		}
		linear(name+"attn_output", &l.O)
		if arch == "gptneox" {
			norm(name+"ffn_norm", &l.MLPNorm)
		}
		linear(name+"ffn_up", &l.Up)
		linear(name+"ffn_down", &l.Down)
	}
	if change != nil {
		metadata, list = change(metadata, list)
	}
	var b bytes.Buffer
	if err := writeGGUF(&b, metadata, list); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// logitsOf are those behind a few tokens.
func logitsOf(t *testing.T, c *Checkpoint) []float32 {
	t.Helper()
	m, err := model.New(c.Config, c.Weights)
	if err != nil {
		t.Fatal(err)
	}
	s, err := m.NewSequence(20)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Prefill(t.Context(), []int32{1, 7, 3, 3, 10, 0, 5}, nil); err != nil {
		t.Fatal(err)
	}
	return s.Logits()
}

// GPT-NeoX and Phi are read of a GGUF file as the same weights are in Hugging Face's layout, with the same logits; rounded to int8 as
// they arrive they are what is rounded later.
func TestGGUFOfNeoXAndPhi(t *testing.T) {
	for _, x := range []struct {
		form, arch           string
		together, sequential bool
		kvHeads              int
	}{
		{"neox", "gptneox", true, true, 2}, {"neox", "gptneox", true, false, 2},
		{"phi", "phi2", false, false, 2}, {"phi", "phi2", false, false, 4}, {"phi", "phi2", true, false, 4},
	} {
		name := fmt.Sprintf("%s, together %v, %+v", x.arch, x.together, x)
		c := testCheckpoint(t, x.form, false)
		if x.kvHeads != c.Config.KVHeads {
			c.Config.KVHeads = x.kvHeads
			fresh := model.RandomWeights(c.Config, 9, 4, true)
			for i := range fresh.Layers {
				fresh.Layers[i].MLPNorm = fresh.Layers[i].AttentionNorm
			}
			fresh.HeadBias = c.Weights.HeadBias
			c.Weights = fresh
		}
		c.Config.SequentialResidual = x.sequential
		dir := t.TempDir()
		if err := Write(dir, c, F32); err != nil {
			t.Fatal(err)
		}
		want, err := Read(t.Context(), os.DirFS(dir), nil)
		if err != nil {
			t.Fatal(err)
		}
		file := foreignGGUF(t, x.arch, want, x.together, nil)
		got, tok, err := ReadGGUF(t.Context(), bytes.NewReader(file), int64(len(file)), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got.Config != want.Config || got.Scaling != nil {
			t.Errorf("%s: %+v, want %+v", name, got.Config, want.Config)
		}
		if ids := tok.Encode(nil, "aba"); !slices.Equal(ids, []int32{2, 0}) {
			t.Errorf("%s: %d", name, ids)
		}
		if a, b := logitsOf(t, got), logitsOf(t, want); !slices.Equal(a, b) {
			t.Errorf("%s: logits %v, want %v", name, a, b)
		}
		rounded, _, err := Loader{Int8: true}.ReadGGUF(t.Context(), bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		later := *want
		later.Weights = model.Quantize(want.Weights)
		if a, b := logitsOf(t, rounded), logitsOf(t, &later); !slices.Equal(a, b) {
			t.Errorf("%s, in int8: logits %v, want %v", name, a, b)
		}
	}
}

func TestGGUFOfNeoXAndPhiRefused(t *testing.T) {
	named := func(name string) func(ggufTensor) bool { return func(x ggufTensor) bool { return x.name == name } }
	without := func(name string) func([]ggufValue, []ggufTensor) ([]ggufValue, []ggufTensor) {
		return func(m []ggufValue, l []ggufTensor) ([]ggufValue, []ggufTensor) {
			return m, slices.DeleteFunc(l, named(name))
		}
	}
	for _, x := range []struct {
		name, form, arch string
		together         bool
		change           func([]ggufValue, []ggufTensor) ([]ggufValue, []ggufTensor)
		want             string
	}{
		{"no bias of a norm", "neox", "gptneox", true, without("blk.1.attn_norm.bias"), "blk.1.attn_norm.bias"},
		{"no queries", "neox", "gptneox", true, without("blk.0.attn_qkv.weight"), "blk.0.attn_qkv.weight"},
		{"queries apart", "neox", "gptneox", false, nil, "blk.0.attn_"},
		{"no keys", "phi", "phi2", false, without("blk.1.attn_k.weight"), "blk.1.attn_k.weight"},
		{"no head's bias", "phi", "phi2", false, without("output.bias"), "output.bias"},
		{"one more", "neox", "gptneox", true, func(m []ggufValue, l []ggufTensor) ([]ggufValue, []ggufTensor) {
			extra := l[slices.IndexFunc(l, named("blk.0.attn_output.bias"))]
			extra.name = "blk.0.ffn_gate.bias"
			return m, append(l, extra)
		}, "ffn_gate"},
		{"an epsilon of another kind", "neox", "gptneox", true, func(m []ggufValue, l []ggufTensor) ([]ggufValue, []ggufTensor) {
			m[slices.IndexFunc(m, func(v ggufValue) bool { return strings.HasSuffix(v.key, "epsilon") })].key = "gptneox.attention.layer_norm_rms_epsilon"
			return m, l
		}, "gptneox.attention.layer_norm_epsilon: missing"},
		{"a bias of another size", "neox", "gptneox", true, func(m []ggufValue, l []ggufTensor) ([]ggufValue, []ggufTensor) {
			l[slices.IndexFunc(l, named("blk.0.attn_qkv.bias"))].cols--
			return m, l
		}, "wants 1 of 72"},
	} {
		file := foreignGGUF(t, x.arch, testCheckpoint(t, x.form, false), x.together, x.change)
		_, _, err := ReadGGUF(t.Context(), bytes.NewReader(file), int64(len(file)), nil)
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v, want %q", x.name, err, x.want)
		}
	}
	c := testCheckpoint(t, "phi", false)
	c.Config.KVHeads = 4
	c.Weights = model.RandomWeights(c.Config, 9, 4, true)
	c.Weights.HeadBias = make([]float32, c.Config.Vocab)
	for want, change := range map[string]func([]ggufValue, []ggufTensor) ([]ggufValue, []ggufTensor){
		"which of them counts": func(m []ggufValue, l []ggufTensor) ([]ggufValue, []ggufTensor) {
			extra := l[slices.IndexFunc(l, named("blk.0.attn_output.weight"))]
			extra.name = "blk.0.attn_q.weight"
			return m, append(l, extra)
		},
		"blocks of 32": func(m []ggufValue, l []ggufTensor) ([]ggufValue, []ggufTensor) {
			l[slices.IndexFunc(l, named("blk.0.attn_qkv.bias"))].kind = ggmlQ8_0
			return m, l
		},
	} {
		file := foreignGGUF(t, "phi2", c, true, change)
		if _, _, err := ReadGGUF(t.Context(), bytes.NewReader(file), int64(len(file)), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
