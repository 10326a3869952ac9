package checkpoint

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/tokenizer"
)

// What reading may allocate, freed or not: for each byte of a file, and whatever its size, which is mostly the places of 256
// layers. Most for a byte takes the vocabulary of a GGUF file, of which a tokenizer.json is made and read.
const (
	bytesPerByte     = 48
	bytesPerGGUFByte = 384
	bytesForNothing  = 4 << 20
)

// allocated is what f allocates, freed or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// holds fails where reading size bytes took more than each bytes for a byte and bytesForNothing.
func holds(t testing.TB, size int, each, used uint64) {
	t.Helper()
	if limit := uint64(size)*each + bytesForNothing; used > limit {
		t.Errorf("%d bytes allocate %d, want at most %d", size, used, limit)
	}
}

func readGGUFMeasured(t testing.TB, data []byte) (c *Checkpoint, tok *tokenizer.Tokenizer, err error) {
	t.Helper()
	holds(t, len(data), bytesPerGGUFByte, allocated(func() { c, tok, err = ReadGGUF(context.Background(), bytes.NewReader(data), int64(len(data)), nil) }))
	return c, tok, err
}

func readPartsMeasured(t testing.TB, config, weights []byte) (c *Checkpoint, err error) {
	t.Helper()
	holds(t, len(config)+len(weights), bytesPerByte, allocated(func() { c, err = ReadParts(config, weights) }))
	return c, err
}

func parseConfigMeasured(t testing.TB, text []byte) (s *settings, err error) {
	t.Helper()
	holds(t, len(text), bytesPerByte, allocated(func() { s, err = parseConfig(text) }))
	return s, err
}

func endTokensMeasured(t testing.TB, text []byte) (list []int32, err error) {
	t.Helper()
	holds(t, len(text), bytesPerByte, allocated(func() { list, err = endTokens(text) }))
	return list, err
}

// Files that ask for as much as a byte can.
func TestReadersTakeBoundedMemory(t *testing.T) {
	ck, tok := ggufModel(t, clex.HalfSplit)
	plain, err := clex.New("rope", ck.Config.Rotary, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	vocabulary, err := ggufVocabulary(tok, ck.Config.Vocab, ck.EndOfText)
	if err != nil {
		t.Fatal(err)
	}
	var e clex.Encoding
	if err := plain.Encode(&e, 1, 0); err != nil {
		t.Fatal(err)
	}
	// with is a file whose metadata has other values.
	with := func(values ...ggufValue) []byte {
		list := slices.Concat(ck.ggufMetadata(plain, 1, &e, F32), vocabulary)
		for _, v := range values {
			list = append(slices.DeleteFunc(list, func(old ggufValue) bool { return old.key == v.key }), v)
		}
		var b bytes.Buffer
		if err := writeGGUF(&b, list, ck.ggufTensors(&e, F32)); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	many := func(n int, item func(i int) string) (list []string) {
		for i := range n {
			list = append(list, item(i))
		}
		return list
	}
	same := func(s string) func(int) string { return func(int) string { return s } }
	hex := func(i int) string { return fmt.Sprintf("%x", i) }
	none := ggufValue{"tokenizer.ggml.merges", []string{}}
	flags := func(n int, kind int32) []int32 { return slices.Repeat([]int32{kind}, n) }
	pieces := many(900, func(i int) string { return strings.Repeat("a", i+1) })
	spm := []ggufValue{{"tokenizer.ggml.model", "llama"}, {"tokenizer.ggml.tokens", pieces}, {"llama.vocab_size", uint32(900)}, {"tokenizer.ggml.scores", make([]int32, 900)}}
	// As many ways as are allowed: runs of up to 24 of one letter, for a thousand letters.
	runs := many(24_000, func(i int) string { return strings.Repeat(string(rune(0x4e00+i/24)), i%24+1) })
	for name, file := range map[string][]byte{
		"runs of letters": with(ggufValue{"tokenizer.ggml.model", "llama"}, ggufValue{"tokenizer.ggml.tokens", runs}, ggufValue{"llama.vocab_size", uint32(len(runs))},
			ggufValue{"tokenizer.ggml.token_type", flags(len(runs), tokenNormal)}, ggufValue{"tokenizer.ggml.scores", flags(len(runs), 0)}),
		"as it is":                    with(),
		"many layers":                 with(ggufValue{"llama.block_count", uint32(maxLayers)}),
		"many rows":                   with(ggufValue{"llama.vocab_size", uint32(1 << 19)}),
		"many tokens":                 with(none, ggufValue{"tokenizer.ggml.tokens", many(200_000, hex)}, ggufValue{"llama.vocab_size", uint32(200_000)}),
		"many empty tokens":           with(ggufValue{"tokenizer.ggml.tokens", many(500_000, same(""))}, ggufValue{"llama.vocab_size", uint32(500_000)}),
		"many added tokens":           with(none, ggufValue{"tokenizer.ggml.tokens", many(100_000, hex)}, ggufValue{"tokenizer.ggml.token_type", flags(100_000, tokenControl)}),
		"many merges":                 with(ggufValue{"tokenizer.ggml.tokens", many(300, hex)}, ggufValue{"tokenizer.ggml.merges", many(300_000, same("1 2"))}),
		"many merges of nothing":      with(ggufValue{"tokenizer.ggml.merges", many(1_000_000, same(" "))}),
		"a list of truths":            with(ggufValue{"x", flags(1_000_000, 1)}),
		"tokens that may be cut":      with(spm...),
		"pieces that may be cut once": with(slices.Concat(spm, []ggufValue{{"tokenizer.ggml.tokens", many(900, hex)}})...),
	} {
		_, _, err := readGGUFMeasured(t, file)
		t.Logf("%s: %d bytes: %.120v", name, len(file), err)
	}
	entries := strings.Join(many(60_000, func(i int) string { return fmt.Sprintf(`"%x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`, i) }), ",")
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	for name, file := range map[string][]byte{
		"as it is":       handFile(tinyTensors()...),
		"many tensors":   handHeader("{"+entries+"}", nil),
		"many strings":   handHeader(`{"__metadata__":{`+strings.Join(many(100_000, func(i int) string { return fmt.Sprintf(`"%x":""`, i) }), ",")+`}}`, nil),
		"many shapes":    handHeader(`{"a":{"dtype":"F32","shape":[`+strings.Repeat("1,", 500_000)+`1],"data_offsets":[0,4]}}`, make([]byte, 4)),
		"a header of []": handHeader(`{"a":`+deep+`}`, nil),
	} {
		_, err := readPartsMeasured(t, []byte(tinyConfig), file)
		t.Logf("%s: %d bytes: %.120v", name, len(file), err)
	}
	for name, text := range map[string]string{
		"as it is":     tinyConfig,
		"many layers":  strings.Replace(tinyConfig, `"num_hidden_layers":1`, fmt.Sprintf(`"num_hidden_layers":%d`, maxLayers), 1),
		"many members": strings.Replace(tinyConfig, "{", "{"+strings.Join(many(50_000, func(i int) string { return fmt.Sprintf(`"%x":0`, i) }), ",")+",", 1),
		"many factors": strings.Replace(tinyConfig, "{", `{"rope_scaling":{"type":"longrope","short_factor":[`+strings.Repeat("1,", 400_000)+`1]},`, 1),
		"many ends":    strings.Replace(tinyConfig, "{", `{"eos_token_id":[`+strings.Repeat("1,", 400_000)+`1],`, 1),
		"nested":       strings.Replace(tinyConfig, "{", `{"x":`+deep+`,`, 1),
	} {
		_, err := parseConfigMeasured(t, []byte(text))
		t.Logf("%s: %d bytes: %.120v", name, len(text), err)
		endTokensMeasured(t, []byte(text))
		_, err = readPartsMeasured(t, []byte(text), handFile(tinyTensors()...))
		t.Logf("%s: %.120v", name, err)
	}
}

// smallGGUF is a model of 4 components, which knows texts of the pieces.
func smallGGUF(t testing.TB, pieces []string) []byte {
	t.Helper()
	cfg := model.Config{Architecture: model.LLaMA, Vocab: len(pieces), Dim: 4, HiddenDim: 4, Layers: 1, Heads: 2, KVHeads: 1, NormEps: 1e-5,
		Rotary: clex.Rotary{HeadDim: 2, Dims: 2, Base: 10000, Window: 32, Pairing: clex.Interleaved}, TiedHead: true}
	ck := &Checkpoint{Config: cfg, Weights: model.RandomWeights(cfg, 3, 1.5, false)}
	plain, err := clex.New("rope", cfg.Rotary, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var e clex.Encoding
	if err := plain.Encode(&e, 1, 0); err != nil {
		t.Fatal(err)
	}
	list := append(ck.ggufMetadata(plain, 1, &e, F32), ggufValue{"tokenizer.ggml.tokens", pieces})
	if pieces[0] == "<unk>" {
		list = append(list, ggufValue{"tokenizer.ggml.model", "llama"}, ggufValue{"tokenizer.ggml.scores", []int32{0, 0, -1, -2, -3, 0}},
			ggufValue{"tokenizer.ggml.token_type", []int32{2, 3, 1, 1, 1, 6}}, ggufValue{"tokenizer.ggml.bos_token_id", uint32(1)})
	} else {
		list = append(list, ggufValue{"tokenizer.ggml.model", "gpt2"}, ggufValue{"tokenizer.ggml.pre", "gpt-2"}, ggufValue{"tokenizer.ggml.merges", []string{"a b"}})
	}
	var b bytes.Buffer
	if err := writeGGUF(&b, list, ck.ggufTensors(&e, F32)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ReadGGUF(t.Context(), bytes.NewReader(b.Bytes()), int64(b.Len()), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
