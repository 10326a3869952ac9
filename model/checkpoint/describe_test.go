package checkpoint

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"reflect"
	"testing"
	"testing/fstest"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/tokenizer"
)

// folders are the same small model in every form that Open takes, with a tokenizer that fits it.
func folders(t testing.TB) map[string]fstest.MapFS {
	t.Helper()
	out := map[string]fstest.MapFS{}
	file := func(data []byte) *fstest.MapFile { return &fstest.MapFile{Data: data} }
	c, tok := ggufModel(t, clex.HalfSplit)
	words, err := tok.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	n, err := clex.NewNetwork(c.Config.Rotary.Dims, 2, clex.SiLU, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range n.Up {
		n.Up[i] = float64(float32(n.Up[i]))
	}
	for i := range n.Down {
		n.Down[i] = float64(float32(i) / 64)
	}
	tuned := *c
	tuned.CLEX, tuned.Scaling = n, CLEXScaling(n, 32)
	for name, ck := range map[string]*Checkpoint{"plain": c, "clex": &tuned, "int8": c} {
		p := F16
		if name == "int8" {
			p = I8
		}
		config, err := ck.MarshalConfig(p)
		if err != nil {
			t.Fatal(err)
		}
		var weights bytes.Buffer
		if err := ck.WriteWeights(&weights, p); err != nil {
			t.Fatal(err)
		}
		out[name] = fstest.MapFS{ConfigFile: file(config), WeightsFile: file(weights.Bytes()), TokenizerFile: file(words), "README.md": file([]byte("a card"))}
	}
	for name, scheme := range map[string]string{"gguf": "rope", "gguf at 4": "yarn"} {
		s, err := c.SchemeNamed(scheme)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := c.WriteGGUF(&b, tok, s, map[string]float64{"rope": 1, "yarn": 4}[scheme], I8); err != nil {
			t.Fatal(err)
		}
		out[name] = fstest.MapFS{"model.GGUF": file(b.Bytes())}
	}
	return out
}

// TestDescriptionIsWhatIsRead: what is said before is what the read brings, but the weights.
func TestDescriptionIsWhatIsRead(t *testing.T) {
	for name, fsys := range folders(t) {
		d, err := Describe(t.Context(), fsys)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		c, tok, err := Loader{Int8: true}.Open(t.Context(), fsys)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d.Parameters != int64(c.Weights.Parameters(c.Config)) {
			t.Errorf("%s: %d parameters are said, %d read", name, d.Parameters, c.Weights.Parameters(c.Config))
		}
		if want := int8Bytes(c.Weights); d.Int8Bytes != want {
			t.Errorf("%s: %d bytes are said, %d held", name, d.Int8Bytes, want)
		}
		if d.CacheBytes() != 2*2*3*(16*2+4) {
			t.Errorf("%s: %d bytes a token", name, d.CacheBytes())
		}
		same := *c
		same.Weights, same.Metadata, d.Metadata = nil, nil, nil
		if !reflect.DeepEqual(d.Checkpoint, same) {
			t.Errorf("%s: described as %+v, read as %+v", name, d.Checkpoint, same)
		}
		if a, b := d.Tokenizer.Encode(nil, "the little fox"), tok.Encode(nil, "the little fox"); !reflect.DeepEqual(a, b) {
			t.Errorf("%s: tokens %d, read %d", name, a, b)
		}
	}
}

// int8Bytes counts what int8 weights hold, tensor by tensor.
func int8Bytes(w *model.Weights) (n int64) {
	var count func(reflect.Value)
	count = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				count(v.Field(i))
			}
		case reflect.Slice:
			switch v.Type().Elem().Kind() {
			case reflect.Float32, reflect.Int8:
				n += int64(v.Len()) * int64(v.Type().Elem().Size())
			default:
				for i := range v.Len() {
					count(v.Index(i))
				}
			}
		}
	}
	count(reflect.ValueOf(*w))
	return n
}

func TestWhatIsNoModelIsRefused(t *testing.T) {
	whole := folders(t)
	without := func(name string, gone ...string) fstest.MapFS {
		out := fstest.MapFS{}
		for k, v := range whole[name] {
			out[k] = v
		}
		for _, g := range gone {
			delete(out, g)
		}
		return out
	}
	two := without("gguf")
	two["other.gguf"] = two["model.GGUF"]
	short := without("plain")
	short[WeightsFile] = &fstest.MapFile{Data: short[WeightsFile].Data[:1000]}
	foreign := without("plain")
	more, err := tokenizer.Train("the little fox ran over the hills and far away", 300, "<|endoftext|>", "<|a|>", "<|b|>", "<|c|>", "<|d|>", "<|e|>", "<|f|>", "<|g|>", "<|h|>", "<|i|>", "<|j|>", "<|k|>", "<|l|>", "<|m|>", "<|n|>", "<|o|>", "<|p|>", "<|q|>", "<|r|>", "<|s|>", "<|t|>", "<|u|>")
	if err != nil {
		t.Fatal(err)
	}
	words, err := more.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	foreign[TokenizerFile] = &fstest.MapFile{Data: words}
	for _, c := range []struct {
		name string
		fsys fs.FS
		says string
	}{
		{"nothing", fstest.MapFS{"a.txt": {Data: []byte("a")}}, "neither config.json nor a .gguf file"},
		{"two files", two, "one model at a time"},
		{"no tokenizer", without("plain", TokenizerFile), "tokenizer.json is not there"},
		{"no weights", without("plain", WeightsFile), "neither model.safetensors nor model.safetensors.index.json"},
		{"cut short", short, "model.safetensors"},
		{"a tokenizer of another", foreign, "do not belong together"},
	} {
		_, err := Describe(t.Context(), c.fsys)
		wantError(t, err, c.says)
		_, _, err = Loader{}.Open(t.Context(), c.fsys)
		wantError(t, err, c.says)
	}
}

// FuzzDescribe: whatever a file holds, it is described or refused; what is described is refused by no settings later.
func FuzzDescribe(f *testing.F) {
	for _, fsys := range folders(f) {
		for name, file := range fsys {
			if name == WeightsFile || name == "model.GGUF" {
				f.Add(fsys[ConfigFile] != nil, file.Data)
			}
		}
	}
	plain := folders(f)["clex"]
	f.Fuzz(func(t *testing.T, folder bool, data []byte) {
		fsys := fstest.MapFS{"model.gguf": {Data: data}}
		if folder {
			fsys = fstest.MapFS{ConfigFile: plain[ConfigFile], TokenizerFile: plain[TokenizerFile], WeightsFile: {Data: data}}
		}
		d, err := Describe(t.Context(), fsys)
		if err != nil {
			return
		}
		if d.Parameters < 0 || d.Int8Bytes < 0 || d.CacheBytes() <= 0 {
			t.Errorf("%d parameters, %d bytes, %d a token", d.Parameters, d.Int8Bytes, d.CacheBytes())
		}
		if err := d.Config.Validate(); err != nil {
			t.Error(err)
		}
	})
}
