package checkpoint

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/tokenizer"
)

// ggufFile is a file read by hand, after the format's description alone.
type ggufFile struct {
	metadata map[string]any
	tensors  map[string]ggufRead
}

type ggufRead struct {
	dims []uint64
	kind uint32
	data []byte
}

func readGGUF(t *testing.T, data []byte) ggufFile {
	t.Helper()
	at := 0
	take := func(n int) []byte {
		at += n
		return data[at-n : at]
	}
	u32 := func() uint32 { return binary.LittleEndian.Uint32(take(4)) }
	u64 := func() uint64 { return binary.LittleEndian.Uint64(take(8)) }
	text := func() string { return string(take(int(u64()))) }
	if magic := string(take(4)); magic != "GGUF" || u32() != 3 {
		t.Fatalf("begins with %q", magic)
	}
	f := ggufFile{metadata: map[string]any{}, tensors: map[string]ggufRead{}}
	tensors, entries := u64(), u64()
	var value func(kind uint32) any
	value = func(kind uint32) any {
		switch kind {
		case 4, 5:
			return int(int32(u32()))
		case 6:
			return math.Float32frombits(u32())
		case 7:
			return take(1)[0] == 1
		case 8:
			return text()
		case 9:
			inner, n := u32(), u64()
			list := make([]any, n)
			for i := range list {
				list[i] = value(inner)
			}
			return list
		}
		t.Fatalf("metadata of type %d", kind)
		return nil
	}
	for range entries {
		key := text()
		f.metadata[key] = value(u32())
	}
	type info struct {
		name   string
		offset uint64
	}
	var list []info
	for range tensors {
		name := text()
		r := ggufRead{dims: make([]uint64, u32())}
		for i := range r.dims {
			r.dims[i] = u64()
		}
		r.kind = u32()
		f.tensors[name] = r
		list = append(list, info{name, u64()})
	}
	begin := (at + 31) / 32 * 32
	for _, x := range list {
		r := f.tensors[x.name]
		n := uint64(1)
		for _, d := range r.dims {
			n *= d
		}
		size := map[uint32]uint64{0: 4 * n, 1: 2 * n, 8: n / 32 * 34}[r.kind]
		if x.offset%32 != 0 {
			t.Errorf("%s lies at %d", x.name, x.offset)
		}
		r.data = data[uint64(begin)+x.offset:][:size]
		f.tensors[x.name] = r
	}
	if len(data)%32 != begin%32 {
		t.Errorf("%d bytes", len(data))
	}
	return f
}

// value is element i of a tensor.
func (r ggufRead) value(i int) float64 {
	switch r.kind {
	case 1:
		return float64(fromHalf(binary.LittleEndian.Uint16(r.data[2*i:])))
	case 8:
		block := r.data[i/32*34:]
		return float64(fromHalf(binary.LittleEndian.Uint16(block))) * float64(int8(block[2+i%32]))
	}
	return float64(math.Float32frombits(binary.LittleEndian.Uint32(r.data[4*i:])))
}

func ggufModel(t testing.TB, pairing clex.Pairing) (*Checkpoint, *tokenizer.Tokenizer) {
	t.Helper()
	tok, err := tokenizer.Train(strings.Repeat("the little fox ran. ", 30), 280, "<|endoftext|>")
	if err != nil {
		t.Fatal(err)
	}
	cfg := model.Config{Architecture: model.LLaMA, Vocab: tok.Size() + 3, Dim: 64, HiddenDim: 72, Layers: 2, Heads: 4, KVHeads: 2, NormEps: 1e-5,
		Rotary: clex.Rotary{HeadDim: 16, Dims: 16, Base: 10000, Window: 32, Pairing: pairing}}
	return &Checkpoint{Config: cfg, Weights: model.RandomWeights(cfg, 3, 1.5, true), EndOfText: []int32{0}}, tok
}

func ggufOf(t *testing.T, c *Checkpoint, tok *tokenizer.Tokenizer, scheme string, at float64, p Precision) ggufFile {
	t.Helper()
	s, err := clex.New(scheme, c.Config.Rotary, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := c.WriteGGUF(&b, tok, s, at, p); err != nil {
		t.Fatal(err)
	}
	return readGGUF(t, b.Bytes())
}

func TestGGUFHoldsTheModel(t *testing.T) {
	for _, p := range []Precision{F32, F16, I8} {
		c, tok := ggufModel(t, clex.HalfSplit)
		f := ggufOf(t, c, tok, "yarn", 4, p)
		for key, want := range map[string]any{
			"general.architecture": "llama", "llama.context_length": 128, "llama.embedding_length": 64, "llama.block_count": 2, "llama.feed_forward_length": 72,
			"llama.attention.head_count": 4, "llama.attention.head_count_kv": 2, "llama.attention.key_length": 16, "llama.rope.dimension_count": 16,
			"llama.rope.freq_base": float32(10000), "llama.attention.layer_norm_rms_epsilon": float32(1e-5), "llama.vocab_size": c.Config.Vocab,
			"llama.rope.scaling.attn_factor": float32(0.1*math.Log(4) + 1), "clexlab.method": "yarn", "clexlab.t": float32(4), "clexlab.trained_length": 32,
			"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "gpt-2", "tokenizer.ggml.eos_token_id": 0, "tokenizer.ggml.add_bos_token": false,
			"general.file_type": map[Precision]int{F32: 0, F16: 1, I8: 7}[p],
		} {
			if f.metadata[key] != want {
				t.Errorf("%v: %s is %v, want %v", p, key, f.metadata[key], want)
			}
		}
		kind := func(name string) uint32 { return f.tensors[name].kind }
		// Rows of 72 are no whole blocks of 32.
		want := map[Precision][3]uint32{F32: {0, 0, 0}, F16: {1, 1, 0}, I8: {8, 1, 0}}[p]
		if got := [3]uint32{kind("blk.1.attn_v.weight"), kind("blk.1.ffn_down.weight"), kind("blk.1.attn_norm.weight")}; got != want {
			t.Errorf("%v: types %v, want %v", p, got, want)
		}
		near := func(name string, i int, want float64) {
			t.Helper()
			limit := map[uint32]float64{0: 0, 1: math.Abs(want)/2048 + 0x1p-25, 8: 0.03}[kind(name)]
			if got := f.tensors[name].value(i); math.Abs(got-want) > limit {
				t.Errorf("%v: %s[%d] is %v, want %v", p, name, i, got, want)
			}
		}
		l := &c.Weights.Layers[1]
		for i := range 64 * 64 {
			near("token_embd.weight", i, float64(c.Weights.Embedding.F32[i]))
			near("output.weight", i, float64(c.Weights.Head.F32[i]))
			near("blk.1.attn_output.weight", i, float64(l.O.F32[i]))
			near("blk.1.ffn_down.weight", i, float64(l.Down.F32[i]))
			// Row r of a head, (half, pair) here, stands at 2·pair + half there.
			row, col := i/64, i%64
			head, half, pair := row/16, row%16/8, row%8
			near("blk.1.attn_q.weight", (head*16+2*pair+half)*64+col, float64(l.Q.F32[i]))
			near("blk.1.attn_q.bias", head*16+2*pair+half, float64(l.Q.Bias[row]))
		}
		for row := range 32 {
			head, half, pair := row/16, row%16/8, row%8
			near("blk.1.attn_k.weight", (head*16+2*pair+half)*64+5, float64(l.K.F32[row*64+5]))
		}
		plain, e := c.Config.Rotary.Plain(), clex.Encoding{}
		s, err := clex.New("yarn", c.Config.Rotary, clex.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Encode(&e, 4, 0); err != nil {
			t.Fatal(err)
		}
		for i := range e.InvFreq {
			near("rope_freqs.weight", i, float64(float32(plain.InvFreq[i]/e.InvFreq[i])))
		}
		tokens, kinds := f.metadata["tokenizer.ggml.tokens"].([]any), f.metadata["tokenizer.ggml.token_type"].([]any)
		if len(tokens) != c.Config.Vocab || tokens[0] != "<|endoftext|>" || kinds[0] != 3 || kinds[100] != 1 || kinds[len(kinds)-1] != 5 || tokens[len(tokens)-1] != fmt.Sprintf("[PAD%d]", len(tokens)-1) {
			t.Errorf("%d tokens, first %v of type %v, last %v of type %v", len(tokens), tokens[0], kinds[0], tokens[len(tokens)-1], kinds[len(kinds)-1])
		}
		if merges := f.metadata["tokenizer.ggml.merges"].([]any); len(merges) != tok.Size()-257 || merges[0] != "t h" && merges[0] != "Ġ t" && strings.Count(merges[0].(string), " ") != 1 {
			t.Errorf("%d merges, first %v", len(merges), merges[0])
		}
	}
}

// A model whose pairs stand side by side already is written in its own order, and tied embeddings have no head.
func TestGGUFOfInterleavedPairs(t *testing.T) {
	c, tok := ggufModel(t, clex.Interleaved)
	c.Config.TiedHead = true
	f := ggufOf(t, c, tok, "rope", 1, F32)
	for i, want := range c.Weights.Layers[0].Q.F32 {
		if got := f.tensors["blk.0.attn_q.weight"].value(i); got != float64(want) {
			t.Fatalf("attn_q[%d] is %v, want %v", i, got, want)
		}
	}
	if _, ok := f.tensors["output.weight"]; ok {
		t.Error("a tied model has a head")
	}
}

func TestGGUFRefuses(t *testing.T) {
	c, tok := ggufModel(t, clex.HalfSplit)
	for _, x := range []struct {
		want   string
		scheme string
		o      clex.Options
		at     float64
		change func(c *Checkpoint)
		tok    *tokenizer.Tokenizer
	}{
		{"moves positions", "string", clex.Options{}, 1, nil, tok},
		{"length of the text", "ntk", clex.Options{LogN: true}, 2, nil, tok},
		{"t = 0.5", "ntk", clex.Options{}, 0.5, nil, tok},
		{"17", "clex", clex.Options{}, 17, nil, tok},
		{"no tokenizer", "ntk", clex.Options{}, 2, nil, nil},
		{"GPT-NeoX", "ntk", clex.Options{}, 2, func(c *Checkpoint) { c.Config.Architecture = model.NeoX }, tok},
		{"no frequency factors", "llama3", clex.Options{}, 8, func(c *Checkpoint) {
			c.Config.HeadNorm = true
			c.Weights = model.RandomWeights(c.Config, 1, 1, false)
		}, tok},
		{"layer 0 has biases", "ntk", clex.Options{}, 2, func(c *Checkpoint) {
			c.Config.HeadNorm = true
			c.Weights = model.RandomWeights(c.Config, 1, 1, true)
		}, tok},
		{"the model 40", "ntk", clex.Options{}, 2, func(c *Checkpoint) {
			c.Config.Vocab = 40
			c.Weights = model.RandomWeights(c.Config, 1, 1, false)
		}, tok},
	} {
		s, err := clex.New(x.scheme, c.Config.Rotary, x.o)
		if err != nil {
			t.Fatal(err)
		}
		spoilt := *c
		if x.change != nil {
			x.change(&spoilt)
		}
		wantError(t, spoilt.WriteGGUF(&bytes.Buffer{}, x.tok, s, x.at, F32), "GGUF", x.want)
	}
	s, err := clex.New("ntk", c.Config.Rotary, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, c.WriteGGUF(&bytes.Buffer{}, tok, s, 2, 9), "precision 9")
	c.Weights.Layers[0].Gate.F32[0] = 1e9
	wantError(t, c.WriteGGUF(&bytes.Buffer{}, tok, s, 2, F16), "blk.0.ffn_gate.weight", "F16")
}
