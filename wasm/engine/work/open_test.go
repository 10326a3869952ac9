package work

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"io/fs"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/modeltest"
	"clexlab/wasm/wire/jobs"
)

// memoryFile is an OutFile in memory.
type memoryFile struct{ bytes.Buffer }

func (m *memoryFile) Close(string) (string, int64) { return "blob:made", int64(m.Len()) }

// withFiles is a worker without a model, whose addresses are names in the folder that is returned.
func withFiles(t *testing.T) (*bench, []jobs.File, *memoryFile) {
	t.Helper()
	files, c, tok, err := modeltest.New()
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string][]byte{"blob:1": files.Config, "blob:2": files.Weights, "blob:3": files.Tokenizer}
	out := &memoryFile{}
	b := &bench{tok: tok, network: c.CLEX, checkpoint: c}
	b.Worker = &Worker{Emit: func(a jobs.Answer) { b.answers = append(b.answers, a) }, Yield: func() {}, NewFile: func() OutFile { return out },
		Files: func(_ context.Context, list []jobs.File) fs.FS {
			fsys := fstest.MapFS{}
			for _, f := range list {
				fsys[f.Name] = &fstest.MapFile{Data: stored[f.Address]}
			}
			return fsys
		}}
	return b, []jobs.File{{Name: "config.json", Address: "blob:1"}, {Name: "model.safetensors", Address: "blob:2", Size: int64(len(files.Weights))}, {Name: "tokenizer.json", Address: "blob:3"}}, out
}

// TestDescribesBeforeLoading: a worker without a model says what one is and needs.
func TestDescribesBeforeLoading(t *testing.T) {
	t.Parallel()
	b, files, _ := withFiles(t)
	var got *jobs.Described
	for _, a := range b.do(jobs.Request{ID: 1, Describe: &jobs.Describe{Files: files}}) {
		if a.Error != "" {
			t.Fatal(a.Error)
		}
		if a.Described != nil {
			got = a.Described
		}
	}
	c := b.checkpoint
	if got == nil || got.Method != "clex" || got.TMax != 16 || got.Rotary != c.Config.Rotary || got.Parameters != int64(c.Weights.Parameters(c.Config)) ||
		got.Memory <= got.Parameters || got.Memory > got.Parameters*2 || got.TokenBytes != 2*2*3*(16*2+4) || got.Network == nil {
		t.Errorf("described as %+v", got)
	}
	if got.Speed.Decode <= 0 || got.Speed.Prefill <= 0 {
		t.Errorf("no speed: %+v", got.Speed)
	}
	if a := last(b.do(jobs.Request{ID: 2, Describe: &jobs.Describe{Files: files[1:]}})); !strings.Contains(a.Error, "config.json") {
		t.Errorf("without config.json it says %+v", a)
	}
}

// TestReckonsWhatIsComputed: at 1 ns a product, a model is as fast as its products are few, those of attention among them. Small has
// 442,368 weights in each of its 4 layers and 393,216 in its head; 1,024 keys of 192 values are looked through twice a layer.
func TestReckonsWhatIsComputed(t *testing.T) {
	t.Parallel()
	cfg := model.Config{Architecture: model.LLaMA, Vocab: 2048, Dim: 192, HiddenDim: 512, Layers: 4, Heads: 4, KVHeads: 4, Rotary: clex.Rotary{HeadDim: 48}}
	got := reckon(&cfg, 1e-9, 1e-9)
	read, written := 4*(442368+192*1024.), 4*(442368+2*192*1024.)+393216
	if math.Abs(got.Prefill*read/1e9-1) > 1e-12 || math.Abs(got.Decode*written/1e9-1) > 1e-12 {
		t.Errorf("reckons %.0f tokens a second read and %.0f written, want %.0f and %.0f", got.Prefill, got.Decode, 1e9/read, 1e9/written)
	}
}

// TestReadsByItsList: what was written out frozen is described with its list, and writes what the method writes that it was frozen from.
func TestReadsByItsList(t *testing.T) {
	t.Parallel()
	b, files, _ := withFiles(t)
	scheme, err := b.checkpoint.SchemeNamed("clex")
	if err != nil {
		t.Fatal(err)
	}
	frozen, err := b.checkpoint.Frozen(scheme, 3)
	if err != nil {
		t.Fatal(err)
	}
	written, err := modeltest.Written(frozen, nil)
	if err != nil {
		t.Fatal(err)
	}
	inner := b.Files
	b.Files = func(ctx context.Context, list []jobs.File) fs.FS {
		fsys := inner(ctx, list).(fstest.MapFS)
		fsys["config.json"], fsys["model.safetensors"] = &fstest.MapFile{Data: written.Config}, &fstest.MapFile{Data: written.Weights}
		return fsys
	}
	described := b.do(jobs.Request{ID: 1, Describe: &jobs.Describe{Files: files}})[0].Described
	if described == nil || described.Method != "longrope" || described.AskedT != 0 || described.Options == nil || described.Network != nil || len(described.Notes) > 0 {
		t.Fatalf("described as %+v", described)
	}
	s, err := described.Scheme("longrope")
	if err != nil {
		t.Fatal(err)
	}
	var want, got clex.Encoding
	if err := scheme.Encode(&want, 3, 0); err != nil {
		t.Fatal(err)
	}
	if err := s.Encode(&got, 1, 0); err != nil || !slices.EqualFunc(got.InvFreq, want.InvFreq, func(a, b float64) bool { return math.Abs(a/b-1) < 1e-12 }) || got.AttentionFactor != want.AttentionFactor {
		t.Errorf("its list is %v, want %v: %v", got.InvFreq, want.InvFreq, err)
	}
	bounds := &jobs.Bounds{Window: b.checkpoint.Config.Rotary.Window, TMax: 16}
	if err := b.LoadFiles(t.Context(), &jobs.Load{Files: files, Size: 1000, Bounds: bounds}, nil); err != nil {
		t.Fatal(err)
	}
	r := writeRequest("longrope")
	r.Write.MaxLength, r.Write.Auto, r.Write.T = 60, true, 1
	list := text(b.do(r))
	b.Files = inner
	if err := b.LoadFiles(t.Context(), &jobs.Load{Files: files, Size: 1000, Bounds: bounds}, nil); err != nil {
		t.Fatal(err)
	}
	r = writeRequest("clex")
	r.Write.MaxLength, r.Write.Auto, r.Write.T = 60, false, 3
	field := text(b.do(r))
	if len(list) < 30 || !slices.EqualFunc(list, field, func(a, b jobs.Token) bool { return a.ID == b.ID }) {
		t.Errorf("by its list it writes %v, by its field at that t %v", list, field)
	}
}

// TestLoadsWhatIsBrought: the text is that of the model rounded to int8, under the window and t_max that were asked for.
func TestLoadsWhatIsBrought(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{1000, largeFile} {
		loadsWhatIsBrought(t, size)
	}
}

func loadsWhatIsBrought(t *testing.T, size int64) {
	b, files, _ := withFiles(t)
	if err := b.LoadFiles(t.Context(), &jobs.Load{Files: files, Size: size, Bounds: &jobs.Bounds{Window: 24, TMax: 3}}, nil); err != nil {
		t.Fatal(err)
	}
	if b.maxTokens() != 72 || b.asked(jobs.FactorRule{T: 9}, 0) != 3 {
		t.Errorf("texts of %d tokens, t = 9 becomes %v", b.maxTokens(), b.asked(jobs.FactorRule{T: 9}, 0))
	}
	r := writeRequest("yarn")
	r.Write.MaxLength = 60
	got := text(b.do(r))
	config := b.checkpoint.Config
	config.Rotary.Window = 24
	m, err := model.New(config, model.Quantize(b.checkpoint.Weights))
	if err != nil {
		t.Fatal(err)
	}
	scheme, err := clex.New("yarn", config.Rotary, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := m.NewSequence(60)
	if err != nil {
		t.Fatal(err)
	}
	want := b.tok.Encode(nil, "the little fox")
	x := &model.Extension{Scheme: scheme}
	if _, err := x.Fit(t.Context(), s, len(want)); err != nil {
		t.Fatal(err)
	}
	if err := s.Prefill(t.Context(), want, nil); err != nil {
		t.Fatal(err)
	}
	for tok, err := range model.Generate(t.Context(), s, model.Options{MaxTokens: 60 - len(want), Extension: x,
		Sampling: model.Sampling{Temperature: 0.9, TopP: 0.95, TopK: 30, Seed: 11}}) {
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, tok.ID)
	}
	if size == largeFile && b.first.raw != nil {
		t.Error("a large model's weights are held twice")
	}
	// A GPU is given the model's weights, and no file is read for it again.
	b.Files = func(context.Context, []jobs.File) fs.FS {
		t.Error("the files are read again")
		return fstest.MapFS{}
	}
	device := &keepingGPU{}
	b.OpenGPU = func(context.Context) (GPU, error) { return device, nil }
	if _, err := b.modelOnGPU(t.Context(), b.first, 1); err != nil {
		t.Fatal(err)
	}
	rounded := model.Quantize(b.checkpoint.Weights)
	if device.config != config || !reflect.DeepEqual(device.weights.Embedding, rounded.Embedding) || !reflect.DeepEqual(device.weights.Head, rounded.Head) {
		t.Errorf("a GPU would not be given the model, but %+v", device.config)
	}
	for i := range rounded.Layers {
		if !reflect.DeepEqual(device.weights.Layer(i), &rounded.Layers[i]) {
			t.Errorf("a GPU would not be given layer %d", i)
		}
	}
	have := make([]int32, len(got))
	for i, tok := range got {
		have[i] = tok.ID
	}
	if !slices.Equal(have, want) {
		t.Errorf("it writes %d, want %d", have, want)
	}
}

// keepingGPU keeps what it is given.
type keepingGPU struct {
	fakeGPU
	config  model.Config
	weights *model.Weights
}

func (g *keepingGPU) Load(ctx context.Context, c model.Config, w *model.Weights) (GPUModel, error) {
	g.config, g.weights, g.reads = c, w, 1000
	layers := make([]model.Layer, c.Layers)
	for i := range layers {
		layers[i] = *w.Layer(i)
	}
	return g.fakeGPU.Load(ctx, c, &model.Weights{Embedding: w.Embedding, Layers: layers, FinalNorm: w.FinalNorm, Head: w.Head, HeadBias: w.HeadBias})
}

// TestExports: what is exported is read again, frozen at the t that was asked for.
func TestExports(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		form            jobs.Format
		method, ends    string
		precision, fail string
	}{
		{jobs.GGUF, "yarn", "yarn-t4.f16.gguf", "f16", ""},
		{jobs.HuggingFace, "ntk", "ntk-t4.zip", "f32", ""},
		{jobs.CLEXFolder, "clex", "rig-clex.zip", "f16", ""},
		{jobs.GGUF, "string", "", "f16", "moves positions"},
		{jobs.HuggingFace, "yarn", "", "q8_0", "F32 and F16"},
		{jobs.GGUF, "yarn", "", "f8", "want f32"},
	} {
		b, files, out := withFiles(t)
		var got *jobs.Exported
		r := &jobs.Export{Load: jobs.Load{Config: files[0].Address, Weights: files[1].Address, Tokenizer: files[2].Address, Size: files[1].Size},
			Name: "rig", Method: c.method, T: 4, Format: c.form, Precision: c.precision}
		answers := b.do(jobs.Request{ID: 1, Export: r})
		for _, a := range answers {
			if a.Exported != nil {
				got = a.Exported
			}
		}
		if c.fail != "" {
			if a := last(answers); !strings.Contains(a.Error, c.fail) || got != nil {
				t.Errorf("%s of %s: %+v, want an error with %q", c.form, c.method, a, c.fail)
			}
			continue
		}
		if got == nil || !strings.HasSuffix(got.Name, c.ends) || got.Size != int64(out.Len()) {
			t.Errorf("%s: exported as %+v: %+v", c.form, got, last(answers))
			continue
		}
		fsys := fstest.MapFS{}
		if c.form == jobs.GGUF {
			fsys[got.Name] = &fstest.MapFile{Data: out.Bytes()}
		} else {
			z, err := zip.NewReader(bytes.NewReader(out.Bytes()), got.Size)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range z.File {
				part, err := f.Open()
				if err != nil {
					t.Fatal(err)
				}
				data, err := io.ReadAll(part)
				if err != nil {
					t.Fatal(err)
				}
				fsys[f.Name] = &fstest.MapFile{Data: data}
			}
		}
		again, _, err := checkpoint.Loader{}.Open(t.Context(), fsys)
		if err != nil {
			t.Fatal(err)
		}
		s, rule, err := again.Scheme()
		if err != nil || s.Name() != c.method || c.form != jobs.CLEXFolder && rule != clex.AtT(4) || c.form == jobs.CLEXFolder && again.CLEX == nil {
			t.Errorf("%s: read again as %v by %+v, %v", c.form, s, rule, err)
		}
	}
}

// TestTimesRunsUnderACoarseClock: runs of 30 µs are told to 10 % by a clock that goes in steps of 0.1 ms.
func TestTimesRunsUnderACoarseClock(t *testing.T) {
	t.Parallel()
	var passed time.Duration
	b, _, _ := withFiles(t)
	b.clock = func() time.Time { return time.Time{}.Add(passed.Truncate(100 * time.Microsecond)) }
	got, err := b.best(func() error { passed += 30 * time.Microsecond; return nil })
	if err != nil || math.Abs(got/30e-6-1) > 0.1 {
		t.Errorf("a run of 30 µs is said to take %.1f µs, %v", got*1e6, err)
	}
}
