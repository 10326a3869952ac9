package checkpoint

import (
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"clexlab/clex"
)

// written is a bundle as a folder in memory.
func written(t *testing.T, files []BundleFile, err error) fstest.MapFS {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	for _, f := range files {
		var b strings.Builder
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		out[f.Name] = &fstest.MapFile{Data: []byte(b.String())}
	}
	return out
}

// stubs stand for the three libraries that the card's Python imports; the file they read is the real one.
var stubs = map[string]string{
	"torch.py": "def tensor(values, device=None):\n    return values\n",
	"safetensors.py": `
import json, struct
class Tensor:
    def __init__(self, rows): self.rows = rows
    def tolist(self): return self.rows
class safe_open:
    def __init__(self, name, framework):
        self.data = open(name, "rb").read()
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def get_tensor(self, name):
        n = struct.unpack("<Q", self.data[:8])[0]
        entry = json.loads(self.data[8:8 + n])[name]
        assert entry["dtype"] == "F32"
        rows, cols = entry["shape"]
        a, b = entry["data_offsets"]
        values = struct.unpack("<%df" % (rows * cols), self.data[8 + n + a:8 + n + b])
        return Tensor([list(values[i * cols:(i + 1) * cols]) for i in range(rows)])
`,
	"transformers/__init__.py": `
class Any:
    @staticmethod
    def from_pretrained(folder): return None
AutoModelForCausalLM = AutoTokenizer = Any
`,
	"transformers/modeling_rope_utils.py": "ROPE_INIT_FUNCTIONS = {}\n",
}

// TestCardsPython: what the card has transformers compute are the scheme's frequencies.
func TestCardsPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 here")
	}
	for form := range map[string]bool{"llama": true, "neox": true} {
		c := testCheckpoint(t, form, true)
		files, err := c.CLEXBundle(Words{Tokenizer: []byte("{}")}, F32)
		folder := written(t, files, err)
		dir := t.TempDir()
		for name, text := range stubs {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, WeightsFile), folder[WeightsFile].Data, 0o644); err != nil {
			t.Fatal(err)
		}
		_, code, _ := strings.Cut(string(folder[CardFile].Data), "```python\n")
		code, _, ok := strings.Cut(code, "```")
		if !ok {
			t.Fatalf("the card has no Python: %s", folder[CardFile].Data)
		}
		code += "\nimport json\nprint(json.dumps([clex('.', t)()[0] for t in (1, 4, 16)]))\n"
		run := exec.Command(python, "-c", code)
		run.Dir = dir
		run.Env = append(os.Environ(), "PYTHONPATH="+dir)
		out, err := run.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", form, err, out)
		}
		var got [][]float64
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("%s: %v: %s", form, err, out)
		}
		s, err := c.SchemeNamed("clex")
		if err != nil {
			t.Fatal(err)
		}
		var e clex.Encoding
		for k, at := range []float64{1, 4, 16} {
			if err := s.Encode(&e, at, 0); err != nil {
				t.Fatal(err)
			}
			for i, want := range e.InvFreq {
				if math.Abs(got[k][i]/want-1) > 1e-5 {
					t.Errorf("%s: at t = %v pair %d is %v, want %v", form, at, i, got[k][i], want)
				}
			}
		}
	}
}

// TestBundlesAreRead: a folder that is written is a model, with the frequencies that were meant.
func TestBundlesAreRead(t *testing.T) {
	c, tok := ggufModel(t, clex.HalfSplit)
	words, err := tok.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.SchemeNamed("yarn")
	if err != nil {
		t.Fatal(err)
	}
	files, err := c.FrozenBundle(Words{Tokenizer: words}, s, 4, F16)
	got, _, err := Loader{}.Open(t.Context(), written(t, files, err))
	if err != nil {
		t.Fatal(err)
	}
	again, rule, err := got.Scheme()
	if err != nil || again.Name() != "yarn" || rule != clex.AtT(4) {
		t.Errorf("read as %v by %+v, %v", again, rule, err)
	}
	// The recipe goes along where there is one, with a line of what it was; what is no JSON is left out.
	c.Metadata = map[string]string{RecipeKey: `{"steps":60}`, MadeKey: "Made of\nfairy tales."}
	files, err = c.FrozenBundle(Words{Tokenizer: words}, s, 4, F16)
	folder := written(t, files, err)
	if !strings.HasSuffix(string(folder[CardFile].Data), "\n\nMade of fairy tales.\n") || string(folder[RecipeFile].Data) != "{\n  \"steps\": 60\n}\n" {
		t.Errorf("card %q, recipe %q", folder[CardFile].Data, folder[RecipeFile].Data)
	}
	if got, _, err := (Loader{}).Open(t.Context(), folder); err != nil || got.Metadata[RecipeKey] != `{"steps":60}` || got.Metadata[MadeKey] != "Made of\nfairy tales." {
		t.Errorf("read again with %v, %v", got.Metadata, err)
	}
	c.Metadata[RecipeKey] = "steps: 60"
	files, err = c.FrozenBundle(Words{Tokenizer: words}, s, 4, F16)
	if written(t, files, err)[RecipeFile] != nil {
		t.Error("a recipe that is no JSON was written")
	}
	moved, err := c.SchemeNamed("string")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.FrozenBundle(Words{}, moved, 4, F16)
	wantError(t, err, "string", "remaps positions")
	_, err = c.FrozenBundle(Words{}, s, 4, I8)
	wantError(t, err, "I8")
	_, err = c.CLEXBundle(Words{}, F16)
	wantError(t, err, "no network")
}
