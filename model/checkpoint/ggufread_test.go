package checkpoint

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/model"
)

// handGGUF puts a file together by hand: magic, version, counts, then parts as they come.
type handGGUF struct{ bytes.Buffer }

func (h *handGGUF) num(v ...any) *handGGUF {
	for _, x := range v {
		binary.Write(h, binary.LittleEndian, x)
	}
	return h
}

func (h *handGGUF) str(s string) *handGGUF {
	h.num(uint64(len(s)))
	h.WriteString(s)
	return h
}

func ggufStart(tensors, entries uint64) *handGGUF {
	h := &handGGUF{}
	h.WriteString("GGUF")
	return h.num(uint32(3), tensors, entries)
}

// What is written is read: the same logits, tokenizer, scheme and t.
func TestGGUFRoundTrip(t *testing.T) {
	for _, c := range []struct {
		scheme string
		t      float64
		p      Precision
		near   float64
	}{{"yarn", 4, F32, 2e-5}, {"ntk", 2, F16, 0.1}, {"pi", 8, I8, 0.8}, {"rope", 1, F32, 2e-5}} {
		ck, tok := ggufModel(t, clex.HalfSplit)
		s, err := clex.New(c.scheme, ck.Config.Rotary, clex.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := ck.WriteGGUF(&b, tok, s, c.t, c.p); err != nil {
			t.Fatal(err)
		}
		size := int64(b.Len())
		var seen int64
		got, again, err := ReadGGUF(t.Context(), &b, size, func(done, total int64) { seen = done })
		if err != nil {
			t.Fatalf("%s: %v", c.scheme, err)
		}
		// The padding behind the last tensor is nobody's.
		if size-seen > ggufAlignment {
			t.Errorf("%s: %d of %d bytes were counted", c.scheme, seen, size)
		}
		want := ck.Config
		want.Rotary.Pairing = clex.Interleaved
		if got.Config != want || !slices.Equal(got.EndOfText, []int32{0}) {
			t.Errorf("%s: %+v, ends %v, want %+v", c.scheme, got.Config, got.EndOfText, want)
		}
		scheme, rule, err := got.Scheme()
		if err != nil || scheme.Name() != c.scheme || rule != clex.AtT(c.t) {
			t.Errorf("%s: read as %v by %+v, %v", c.scheme, scheme, rule, err)
		}
		const text = "the little fox ran. <|endoftext|>Ünï"
		if a, b := tok.Encode(nil, text), again.Encode(nil, text); !slices.Equal(a, b) {
			t.Errorf("%s: tokens %d, were %d", c.scheme, b, a)
		}
		logits := func(ck *Checkpoint) []float32 {
			m, err := model.New(ck.Config, ck.Weights)
			if err != nil {
				t.Fatal(err)
			}
			s, err := m.NewSequence(20)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Prefill(t.Context(), tok.Encode(nil, "the little fox"), nil); err != nil {
				t.Fatal(err)
			}
			return s.Logits()
		}
		before, after := logits(ck), logits(got)
		for i := range before {
			if d := math.Abs(float64(before[i] - after[i])); d > c.near {
				t.Fatalf("%s: logit %d is %v, was %v", c.scheme, i, after[i], before[i])
			}
		}
	}
	// CLEX's field is not in such a file.
	ck, tok := ggufModel(t, clex.HalfSplit)
	s, err := clex.New("clex", ck.Config.Rotary, clex.Options{Network: testCheckpoint(t, "llama", false).CLEX})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := ck.WriteGGUF(&b, tok, s, 2, F32); err != nil {
		t.Fatal(err)
	}
	// Untrained it is a formula, and is found again.
	if got, _, err := ReadGGUF(t.Context(), &b, int64(b.Len()), nil); err != nil || got.Scaling == nil {
		t.Errorf("untrained CLEX: %v", err)
	}
}

// A model with normalised heads is written by keys of its own, and read again.
func TestGGUFOfQwen3(t *testing.T) {
	ck, tok := ggufModel(t, clex.HalfSplit)
	ck.Config.HeadNorm = true
	ck.Weights = model.RandomWeights(ck.Config, 5, 1.5, false)
	for _, x := range []struct {
		scheme string
		o      clex.Options
		at     float64
	}{{"rope", clex.Options{}, 1}, {"ntk", clex.Options{}, 2}, {"clex", clex.Options{}, 3}, {"pi", clex.Options{}, 8}, {"yarn", clex.Options{}, 4}, {"yarn", clex.Options{AttentionFactor: 1.5}, 4}} {
		scheme, at := x.scheme, x.at
		s, err := clex.New(scheme, ck.Config.Rotary, x.o)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := ck.WriteGGUF(&b, tok, s, at, F32); err != nil {
			t.Fatal(err)
		}
		got, _, err := ReadGGUF(t.Context(), &b, int64(b.Len()), nil)
		if err != nil {
			t.Fatalf("%s: %v", scheme, err)
		}
		if got.Config != ck.Config {
			t.Errorf("%s: %+v, want %+v", scheme, got.Config, ck.Config)
		}
		again, rule, err := got.Scheme()
		if err != nil {
			t.Fatal(err)
		}
		var have, want clex.Encoding
		if err := s.Encode(&want, at, 0); err != nil {
			t.Fatal(err)
		}
		if err := again.Encode(&have, rule.Fixed, 0); err != nil || math.Abs(have.AttentionFactor-want.AttentionFactor) > 1e-6 ||
			!slices.EqualFunc(have.InvFreq, want.InvFreq, func(a, b float64) bool { return math.Abs(a/b-1) < 1e-5 }) {
			t.Errorf("%s: read as %s by %+v: %+v, want %+v: %v", scheme, again.Name(), rule, have, want, err)
		}
		if !slices.Equal(got.Weights.Layers[1].K.F32, ck.Weights.Layers[1].K.F32) || !slices.Equal(got.Weights.Layers[1].KNorm.Weight, ck.Weights.Layers[1].KNorm.Weight) {
			t.Errorf("%s: other keys", scheme)
		}
	}
}

// Factors that no scheme's name explains are read as the list that they are.
func TestGGUFFactorsAreAList(t *testing.T) {
	ck, tok := ggufModel(t, clex.HalfSplit)
	s, err := clex.New("ntk", ck.Config.Rotary, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := ck.WriteGGUF(&b, tok, s, 2, F32); err != nil {
		t.Fatal(err)
	}
	nameless := bytes.Replace(b.Bytes(), []byte("clexlab.method"), []byte("another.member"), 1)
	got, _, err := ReadGGUF(t.Context(), bytes.NewReader(nameless), int64(len(nameless)), nil)
	if err != nil {
		t.Fatal(err)
	}
	listed, _, err := got.Scheme()
	if err != nil || listed.Name() != "longrope" {
		t.Fatalf("read as %v, %v", listed, err)
	}
	var have, want clex.Encoding
	if err := s.Encode(&want, 2, 0); err != nil {
		t.Fatal(err)
	}
	for _, length := range []int{1, 5000} {
		if err := listed.Encode(&have, 1, length); err != nil || !slices.EqualFunc(have.InvFreq, want.InvFreq, func(a, b float64) bool { return math.Abs(a/b-1) < 1e-6 }) {
			t.Errorf("%d tokens: %v, want %v: %v", length, have.InvFreq, want.InvFreq, err)
		}
	}
}

// Each quantised type beside a transcription of the format, value by value.
func TestGGMLBlocks(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	f16 := func(b []byte) float64 { return float64(fromHalf(binary.LittleEndian.Uint16(b))) }
	nibble := func(b []byte, i int) int { return int(b[i%16]) >> (4 * (i / 16)) & 15 }
	bit := func(b []byte, i int) int { return int(b[i/8]) >> (i % 8) & 1 }
	// kScale is sub-block j's six bits of scale, or of minimum, out of twelve bytes.
	kScale := func(b []byte, j int, least bool) float64 {
		shift := 0
		if least {
			shift = 4
		}
		if j < 4 {
			return float64(b[j+shift] & 63)
		}
		return float64(int(b[j+4])>>shift&15 | int(b[j-4+shift])>>6<<4)
	}
	for kind, want := range map[uint32]func(b []byte, i int) float64{
		2: func(b []byte, i int) float64 { return f16(b) * float64(nibble(b[2:], i)-8) },
		3: func(b []byte, i int) float64 { return f16(b)*float64(nibble(b[4:], i)) + f16(b[2:]) },
		6: func(b []byte, i int) float64 { return f16(b) * float64(nibble(b[6:], i)+16*bit(b[2:], i)-16) },
		7: func(b []byte, i int) float64 { return f16(b)*float64(nibble(b[8:], i)+16*bit(b[4:], i)) + f16(b[2:]) },
		8: func(b []byte, i int) float64 { return f16(b) * float64(int8(b[2+i])) },
		12: func(b []byte, i int) float64 {
			j := i / 32
			q := int(b[16+i/64*32+i%32]) >> (4 * (j % 2)) & 15
			return f16(b)*kScale(b[4:], j, false)*float64(q) - f16(b[2:])*kScale(b[4:], j, true)
		},
		13: func(b []byte, i int) float64 {
			j := i / 32
			q := int(b[48+i/64*32+i%32])>>(4*(j%2))&15 + 16*(int(b[16+i%32])>>j&1)
			return f16(b)*kScale(b[4:], j, false)*float64(q) - f16(b[2:])*kScale(b[4:], j, true)
		},
		14: func(b []byte, i int) float64 {
			half, at := i/128, i%128
			low := int(b[half*64+at%64]) >> (at / 64 * 4) & 15
			high := int(b[128+half*32+at%32]) >> (at / 32 * 2) & 3
			return f16(b[208:]) * float64(int8(b[192+i/16])) * float64(low+16*high-32)
		},
	} {
		block := ggmlBlocks[kind]
		for range 50 {
			b := make([]byte, block.bytes)
			for i := range b {
				b[i] = byte(random.Uint32())
			}
			// Scales are small numbers, not infinities.
			for _, at := range map[uint32][]int{2: {0}, 3: {0, 2}, 6: {0}, 7: {0, 2}, 8: {0}, 12: {0, 2}, 13: {0, 2}, 14: {208}}[kind] {
				binary.LittleEndian.PutUint16(b[at:], toHalf(float32(random.NormFloat64())))
			}
			dst := make([]float32, block.values)
			block.decode(dst, b)
			for i, got := range dst {
				if w := want(b, i); math.Abs(float64(got)-w) > 1e-5*max(1, math.Abs(w)) {
					t.Fatalf("%s: value %d is %v, want %v", block.name, i, got, w)
				}
			}
		}
	}
}

// Faults of published files and programs, and claims beyond the file.
func TestGGUFHeaderRefused(t *testing.T) {
	tensor := func(h *handGGUF, name string, kind uint32, offset uint64, dims ...uint64) *handGGUF {
		h.str(name).num(uint32(len(dims)))
		for _, d := range dims {
			h.num(d)
		}
		return h.num(kind, offset)
	}
	pad := func(h *handGGUF, data int) []byte {
		for h.Len()%32 != 0 {
			h.WriteByte(0)
		}
		return append(h.Bytes(), make([]byte, data)...)
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":                     {nil, "ends"},
		"another magic":               {[]byte("GGML\x03\x00\x00\x00"), "GGUF"},
		"version 1":                   {(&handGGUF{}).num([]byte("GGUF"), uint32(1)).Bytes(), "version 1"},
		"2^63 tensors":                {ggufStart(1<<63, 0).Bytes(), "n_tensors: 9223372036854775808"},
		"tensors beyond the file":     {ggufStart(1000, 0).Bytes(), "n_tensors: 1000"},
		"2^64-1 entries":              {ggufStart(0, math.MaxUint64).Bytes(), "n_kv"},
		"a key of 2^60":               {ggufStart(0, 1).num(uint64(1)<<60, make([]byte, 16)).Bytes(), "a key"},
		"a text of 2^62":              {ggufStart(0, 1).str("k").num(uint32(8), uint64(1)<<62, make([]byte, 16)).Bytes(), `"k"`},
		"a list of 2^61":              {ggufStart(0, 1).str("k").num(uint32(9), uint32(4), uint64(1)<<61).Bytes(), `"k"`},
		"a list of lists":             {ggufStart(0, 1).str("k").num(uint32(9), uint32(9), uint64(1), make([]byte, 32)).Bytes(), "array of type 9"},
		"a type of no meaning":        {ggufStart(0, 1).str("k").num(uint32(77), make([]byte, 32)).Bytes(), "type 77"},
		"a key twice":                 {ggufStart(0, 2).str("k").num(uint32(4), uint32(1)).str("k").num(uint32(4), uint32(1)).Bytes(), "second time"},
		"alignment 0":                 {ggufStart(0, 1).str("general.alignment").num(uint32(4), uint32(0)).Bytes(), "general.alignment"},
		"alignment 3":                 {ggufStart(0, 1).str("general.alignment").num(uint32(4), uint32(3)).Bytes(), "general.alignment"},
		"alignment 2^31":              {ggufStart(0, 1).str("general.alignment").num(uint32(4), uint32(1)<<31).Bytes(), "general.alignment"},
		"no dimension":                {pad(tensor(ggufStart(1, 0), "t", 0, 0), 64), "0 dimensions"},
		"a dimension of 0":            {pad(tensor(ggufStart(1, 0), "t", 0, 0, 4, 0), 64), "a dimension of 0"},
		"dimensions that overflow":    {pad(tensor(ggufStart(1, 0), "t", 0, 0, 1<<40, 1<<40), 64), "a dimension of 1099511627776"},
		"five dimensions":             {pad(tensor(ggufStart(1, 0), "t", 0, 0, 1, 1, 1, 1, 1), 64), "5 dimensions"},
		"an unknown type":             {pad(tensor(ggufStart(1, 0), "t", 39, 0, 4), 64), "type 39"},
		"rows of no whole block":      {pad(tensor(ggufStart(1, 0), "t", 8, 0, 40), 64), "multiple of 32"},
		"a tensor off its place":      {pad(tensor(ggufStart(1, 0), "t", 0, 4, 4), 64), "no multiple of 32"},
		"a tensor past the end":       {pad(tensor(ggufStart(1, 0), "t", 0, 64, 4), 64), "past the end"},
		"an offset that overflows":    {pad(tensor(ggufStart(1, 0), "t", 0, math.MaxUint64-31, 4), 64), "lies at"},
		"tensors over one another":    {pad(tensor(tensor(ggufStart(2, 0), "a", 0, 0, 16), "b", 0, 32, 4), 96), "inside"},
		"a tensor twice":              {pad(tensor(tensor(ggufStart(2, 0), "a", 0, 0, 4), "a", 0, 32, 4), 96), "second time"},
		"a vocabulary alone":          {pad(ggufStart(0, 0), 0), "n_tensors: 0"},
		"an architecture of its own":  {pad(tensor(ggufStart(1, 1).str("general.architecture").num(uint32(8)).str("mamba"), "t", 0, 0, 4), 64), "mamba"},
		"a header without metadata":   {pad(tensor(ggufStart(1, 1).str("general.architecture").num(uint32(8)).str("llama"), "t", 0, 0, 4), 64), "llama.embedding_length: missing"},
		"a block_count of no numbers": {pad(tensor(ggufStart(1, 2).str("general.architecture").num(uint32(8)).str("llama").str("llama.block_count").num(uint32(8)).str("many"), "t", 0, 0, 4), 64), "llama.block_count"},
		"a block_count of 2^31":       {pad(tensor(ggufStart(1, 2).str("general.architecture").num(uint32(8)).str("llama").str("llama.block_count").num(uint32(4), uint32(1)<<31), "t", 0, 0, 4), 64), "llama.block_count: 2147483648"},
	} {
		_, _, err := ReadGGUF(t.Context(), bytes.NewReader(c.file), int64(len(c.file)), nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// A good file with one thing spoilt.
func TestGGUFModelRefused(t *testing.T) {
	ck, tok := ggufModel(t, clex.HalfSplit)
	s, err := clex.New("ntk", ck.Config.Rotary, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := ck.WriteGGUF(&b, tok, s, 2, F32); err != nil {
		t.Fatal(err)
	}
	good := b.Bytes()
	for name, c := range map[string]struct{ from, to, want string }{
		"a tensor renamed":      {"blk.1.ffn_up.weight", "blk.1.ffn_us.weight", "blk.1.ffn_us.weight"},
		"a layer too many":      {"blk.1.attn_norm.weight", "blk.2.attn_norm.weight", "blk.2.attn_norm.weight"},
		"another method":        {"\x03\x00\x00\x00\x00\x00\x00\x00ntk\x09", "\x03\x00\x00\x00\x00\x00\x00\x00abc\x09", "abc"},
		"another vocabulary":    {"tokenizer.ggml.model\x08\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00gpt2", "tokenizer.ggml.model\x08\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00bert", "bert"},
		"another way of words":  {"gpt-2", "gpt-9", "gpt-9"},
		"other tokens' list":    {"tokenizer.ggml.tokens", "tokenizer.ggml.tokenz", "tokenizer.ggml.tokens"},
		"a weight of no number": {"", "", ""},
	} {
		bad := bytes.Replace(good, []byte(c.from), []byte(c.to), 1)
		if c.from == "" {
			bad = slices.Clone(good)
			copy(bad[len(bad)-2000:], []byte{0, 0, 0xc0, 0x7f, 0, 0, 0xc0, 0x7f})
			c.want = "finite"
		} else if bytes.Equal(bad, good) {
			t.Fatalf("%s: nothing was changed", name)
		}
		if _, _, err := ReadGGUF(t.Context(), bytes.NewReader(bad), int64(len(bad)), nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	for _, n := range []int{10, 100, 1000, len(good) / 2, len(good) - 40} {
		if _, _, err := ReadGGUF(t.Context(), bytes.NewReader(good[:n]), int64(n), nil); err == nil {
			t.Errorf("%d of %d bytes are read", n, len(good))
		}
	}
}

// Whatever the bytes are, reading returns, and takes no more memory than a small multiple of them.
func FuzzReadGGUF(f *testing.F) {
	f.Add(ggufStart(0, 0).Bytes())
	f.Add(ggufStart(1, 1).str("general.architecture").num(uint32(8)).str("llama").str("t").num(uint32(1), uint64(4), uint32(0), uint64(0), make([]byte, 64)).Bytes())
	f.Add(ggufStart(0, 1).str("k").num(uint32(9), uint32(8), uint64(2)).str("a").str("b").Bytes())
	ck, tok := ggufModel(f, clex.HalfSplit)
	plain, err := clex.New("rope", ck.Config.Rotary, clex.Options{})
	if err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if err := ck.WriteGGUF(&b, tok, plain, 1, I8); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	// Small enough to be changed where it counts, with a vocabulary of either kind.
	for _, pieces := range [][]string{{"<unk>", "<s>", "▁", "a", "▁a", "<0x0A>"}, {"a", "b", "ab", "Ġ", "c", "<end>"}} {
		f.Add(smallGGUF(f, pieces))
	}
	f.Add(foreignGGUF(f, "gptneox", testCheckpoint(f, "neox", false), true, nil))
	f.Add(foreignGGUF(f, "phi2", testCheckpoint(f, "phi", false), false, nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, tok, err := readGGUFMeasured(t, data)
		if err != nil {
			return
		}
		tok.Encode(nil, "a text")
		if _, err := model.New(c.Config, c.Weights); err != nil {
			t.Fatalf("what was read is no model: %v", err)
		}
	})
}
