package work

import (
	"context"
	"slices"
	"strings"
	"testing"

	"clexlab/model"
	"clexlab/model/gpu"
	"clexlab/wasm/wire/jobs"
)

// fakeGPU computes on the CPU and fails when it is told to.
type fakeGPU struct {
	// reads is how many calls that read work before the device is lost; wrong
	// makes its logits wrong.
	reads  int
	wrong  bool
	closed bool
}

func (g *fakeGPU) Name() string   { return "fake" }
func (g *fakeGPU) Software() bool { return false }
func (g *fakeGPU) Close()         { g.closed = true }
func (g *fakeGPU) Destroy()       { g.reads = 0 }

func (g *fakeGPU) Load(_ context.Context, c model.Config, w *model.Weights) (GPUModel, error) {
	m, err := model.New(c, w)
	if err != nil {
		return nil, err
	}
	return fakeModel{g, m}, nil
}

type fakeModel struct {
	g *fakeGPU
	m *model.Model
}

func (m fakeModel) NewSession(_ context.Context, capacity int) (model.Session, error) {
	s, err := m.m.NewSequence(capacity)
	return &fakeText{s, m.g}, err
}

func (m fakeModel) Report() string { return "the CPU" }

type fakeText struct {
	*model.Sequence
	g *fakeGPU
}

func (t *fakeText) fail() error {
	if t.g.reads--; t.g.reads < 0 {
		return &gpu.Error{Kind: gpu.Lost, Text: "gone"}
	}
	return nil
}

func (t *fakeText) Decode(token int32) error {
	if err := t.fail(); err != nil {
		return err
	}
	return t.Sequence.Decode(token)
}

func (t *fakeText) Prefill(ctx context.Context, tokens []int32, o *model.Observer) error {
	if err := t.fail(); err != nil {
		return err
	}
	return t.Sequence.Prefill(ctx, tokens, o)
}

func (t *fakeText) Logits() []float32 {
	out := slices.Clone(t.Sequence.Logits())
	if t.g.wrong && len(out) > 3 {
		out[3] += 0.01
	}
	return out
}

// gpuBench is a bench with a GPU that works for so many reads after its acceptance.
func gpuBench(t *testing.T, reads int) (*bench, *[]*fakeGPU) {
	t.Helper()
	b := newBench(t)
	var made []*fakeGPU
	b.OpenGPU = func(context.Context) (GPU, error) {
		// The acceptance reads a beginning and 12 tokens.
		made = append(made, &fakeGPU{reads: 13 + reads})
		return made[len(made)-1], nil
	}
	b.first.raw = b.checkpoint.Weights
	return b, &made
}

func troubles(answers []jobs.Answer) (out []string) {
	for _, a := range answers {
		if a.GPU != nil && a.GPU.Trouble != "" {
			out = append(out, a.GPU.Trouble)
		}
	}
	return out
}

// A text whose GPU is lost anywhere is, token for token, the text of a CPU that
// was never disturbed, with t moving on the way; one line says what happened.
func TestLosingTheGPUKeepsTheText(t *testing.T) {
	t.Parallel()
	plain := newBench(t)
	want := text(plain.do(writeRequest("clex")))
	for _, reads := range []int{0, 1, 2, 20, 60} {
		b, made := gpuBench(t, reads)
		r := writeRequest("clex")
		r.Write.GPUAttempt = 1
		answers := b.do(r)
		got := text(answers)
		if len(got) != len(want) {
			t.Fatalf("lost after %d reads: %d tokens, want %d", reads, len(got), len(want))
		}
		for i := range want {
			if got[i].ID != want[i].ID || got[i].T != want[i].T || got[i].Text != want[i].Text || got[i].Prompt != want[i].Prompt {
				t.Fatalf("lost after %d reads: token %d is %+v, want %+v", reads, i, got[i], want[i])
			}
		}
		if said := troubles(answers); len(said) != 1 || !strings.Contains(said[0], "lost") {
			t.Errorf("lost after %d reads: said %q", reads, said)
		}
		if !last(answers).Done || !(*made)[0].closed {
			t.Errorf("lost after %d reads: ended with %+v", reads, last(answers))
		}
		// The next job does not touch the GPU, one that tries again opens another.
		(*made)[0].reads = 1000
		if said := troubles(b.do(r)); len(said) != 1 || len(*made) != 1 {
			t.Errorf("the same try again: said %q, %d devices", said, len(*made))
		}
		r.Write.GPUAttempt = 2
		b.do(r)
		if len(*made) != 2 {
			t.Errorf("another try made %d devices", len(*made))
		}
	}
}

func TestWrongGPUIsNotUsed(t *testing.T) {
	t.Parallel()
	b, _ := gpuBench(t, 1000)
	open := b.OpenGPU
	b.OpenGPU = func(ctx context.Context) (GPU, error) {
		g, err := open(ctx)
		g.(*fakeGPU).wrong = true
		return g, err
	}
	tokens := b.tok.Encode(nil, "the little fox ran and the old king sat")
	answers := b.measure(tokens, jobs.Measure{Maps: []string{"pi"}, GPUAttempt: 1, FactorRule: jobs.FactorRule{T: 2}})
	if said := troubles(answers); len(said) != 1 || !strings.Contains(said[0], "wrong") {
		t.Errorf("said %q", said)
	}
	if !last(answers).Done || answers[len(answers)-2].View == nil {
		t.Errorf("the CPU did not answer: %+v", last(answers))
	}
}

func TestCalibrationRaces(t *testing.T) {
	t.Parallel()
	b, _ := gpuBench(t, 1000)
	answers := b.do(jobs.Request{ID: 2, Calibrate: &jobs.Calibrate{GPUAttempt: 1}})
	g := answers[0].GPU
	if g == nil || !g.Raced || g.Trouble != "" || g.Adapter != "fake" || g.CPU.Prefill <= 0 || g.CPU.Decode <= 0 || g.GPU.Prefill <= 0 || g.GPU.Decode <= 0 {
		t.Fatalf("calibration says %+v", g)
	}
	none := newBench(t)
	if g := none.do(jobs.Request{ID: 2, Calibrate: &jobs.Calibrate{GPUAttempt: 1}})[0].GPU; g == nil || !g.Raced || !strings.Contains(g.Trouble, "no WebGPU") {
		t.Errorf("without a GPU it says %+v", g)
	}
}

// A GPU that is given back holds nothing, and the next job that wants it opens it again, under the same try.
func TestFreedGPUIsOpenedAgain(t *testing.T) {
	t.Parallel()
	b, made := gpuBench(t, 1000)
	r := writeRequest("clex")
	r.Write.GPUAttempt = 1
	want := text(b.do(r))
	if answers := b.do(jobs.Request{ID: 4, FreeGPU: true}); !last(answers).Done || !(*made)[0].closed {
		t.Fatalf("freeing ended with %+v, closed: %v", last(answers), (*made)[0].closed)
	}
	if set := b.first; set.gpu != nil || set.text.gpu != nil || set.look.gpu != nil {
		t.Error("texts stay on the GPU that was given back")
	}
	got := text(b.do(r))
	if len(*made) != 2 || len(got) != len(want) || len(troubles(b.answers)) != 0 {
		t.Fatalf("%d devices, %d tokens, want %d, trouble %q", len(*made), len(got), len(want), troubles(b.answers))
	}
	for i := range want {
		if got[i].ID != want[i].ID {
			t.Fatalf("token %d is %d, before it was %d", i, got[i].ID, want[i].ID)
		}
	}
}
