package picture

import (
	"reflect"
	"testing"

	"clexlab/clex"
	"clexlab/viz/scene"
	"clexlab/wasm/wire"
	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// told is a link whose messages are kept, with their bytes on the way.
type told struct {
	Link
	messages []any
}

func newTold() *told {
	t := &told{}
	t.Post = func(m any) { t.messages = append(t.messages, m) }
	return t
}

// take returns what was sent since the last call, and its bytes.
func (t *told) take(tb testing.TB) (messages []any, bytes int) {
	tb.Helper()
	messages, t.messages = t.messages, nil
	for _, m := range messages {
		if _, ok := m.(*scene.Factor); ok {
			bytes += wire.FactorSize
			continue
		}
		f, err := wire.Encode(m)
		if err != nil {
			tb.Fatal(err)
		}
		bytes += f.Bytes()
	}
	return messages, bytes
}

// opened is a page on which a text of n tokens is being written and measured.
func opened(n int) *state.State {
	s := state.New(state.Defaults())
	m := state.Model{ID: "small", Model: scene.Model{Name: "small", Layers: 4, Heads: 4}}
	m.Rotary.HeadDim, m.Rotary.Dims, m.Rotary.Base, m.Rotary.Window = 32, 32, 10000, 256
	s.Update(state.ModelsListed{Models: []state.Model{m}})
	s.Update(state.ChooseSubject{On: state.OnText})
	s.Update(state.EngineReady{Backend: "CPU"})
	s.Update(state.PromptTokens{Job: s.Panes[0].Job, Tokens: make([]state.Token, n)})
	id, _, _, _ := s.Subject()
	s.Update(state.LossMeasured{Loss: &scene.Loss{Method: "clex", Subject: id, NLL: make([]float32, n)}})
	return &s
}

// While t is dragged t alone is sent, in at most 64 bytes a frame however long the text is.
func TestDragSendsTAlone(t *testing.T) {
	t.Parallel()
	for _, n := range []int{10, 4000} {
		s, l := opened(n), newTold()
		l.Hello()
		l.Show(s, false)
		if _, bytes := l.take(t); bytes < n {
			t.Fatalf("%d bytes for a text of %d tokens", bytes, n)
		}
		for i := range 100 {
			s.Update(state.PictureMessage{Event: &scene.Factor{T: 1.1 + 0.1*float64(i), Seq: uint32(i + 1)}})
			l.Show(s, false)
			messages, bytes := l.take(t)
			if bytes > 64 || i > 0 && bytes != wire.FactorSize {
				t.Fatalf("frame %d of a drag over %d tokens: %d bytes, %T", i, n, bytes, messages[0])
			}
			if f := messages[0].(*scene.Factor); f.Seq != uint32(i+1) || f.T != s.T {
				t.Fatalf("frame %d: sent %+v at t = %v", i, f, s.T)
			}
		}
		l.Show(s, false)
		if messages, _ := l.take(t); len(messages) != 0 {
			t.Errorf("nothing has changed, and %d messages are sent", len(messages))
		}
	}
}

// A text is told once, token by token as it grows, and its figures once.
func TestTextIsNeverResent(t *testing.T) {
	t.Parallel()
	s, l := opened(1000), newTold()
	l.Hello()
	l.Show(s, false)
	l.take(t)
	s.Update(state.TokensWritten{Job: s.Panes[0].Job, Tokens: []state.Token{{Text: "fox"}, {Text: "es"}}})
	l.Show(s, true)
	messages, _ := l.take(t)
	var text *scene.Text
	for _, m := range messages {
		if x, ok := m.(*scene.Text); ok {
			text = x
		}
		if _, ok := m.(*scene.Loss); ok {
			t.Error("losses are sent again")
		}
	}
	if text == nil || text.From != 1000 || !reflect.DeepEqual(text.Tokens, []string{"fox", "es"}) {
		t.Errorf("sent %+v", text)
	}
	s.Update(state.Write{})
	l.Show(s, true)
	messages, _ = l.take(t)
	text = nil
	for _, m := range messages {
		if x, ok := m.(*scene.Text); ok {
			text = x
		}
	}
	if text == nil || text.From != 0 || len(text.Tokens) != 0 {
		t.Errorf("a new text: %+v", text)
	}
}

// A picture that begins anew is told everything.
func TestHelloIsAnsweredWithAll(t *testing.T) {
	t.Parallel()
	s, l := opened(100), newTold()
	l.Show(s, false)
	if messages, _ := l.take(t); len(messages) != 0 {
		t.Error("a picture that has not said hello is told something")
	}
	for range 2 {
		l.Hello()
		l.Show(s, false)
		kinds := map[reflect.Type]int{}
		messages, _ := l.take(t)
		for _, m := range messages {
			kinds[reflect.TypeOf(m)]++
		}
		for _, want := range []any{&scene.Model{}, &scene.State{}, &scene.Text{}, &scene.Loss{}} {
			if kinds[reflect.TypeOf(want)] != 1 {
				t.Errorf("%d messages of type %T", kinds[reflect.TypeOf(want)], want)
			}
		}
	}
}

// A picture is told of each field of a training, and of the model's own when the training is over.
func TestModelFollowsATraining(t *testing.T) {
	t.Parallel()
	s, l := opened(10), newTold()
	l.Hello()
	s.Training.Job = 7
	learnt := &clex.Network{Hidden: 5}
	for _, c := range []struct {
		m     state.Message
		model bool
		step  int
	}{
		{state.DismissNotice{}, true, -1},
		{state.Trained{Job: 7, Trained: jobs.Trained{Step: 10, Network: learnt}}, true, 10},
		{state.Trained{Job: 7, Trained: jobs.Trained{Step: 11, Loss: 3}}, false, 0},
		{state.Trained{Job: 7, Trained: jobs.Trained{Step: 20, Network: &clex.Network{}}}, true, 20},
		{state.JobDone{Job: 7}, true, -1},
		{state.DismissNotice{}, false, 0},
	} {
		s.Update(c.m)
		l.Show(s, false)
		messages, _ := l.take(t)
		var model *scene.Model
		for _, m := range messages {
			if m, ok := m.(*scene.Model); ok {
				model = m
			}
		}
		switch {
		case (model != nil) != c.model:
			t.Errorf("after %+v: told of the model: %t", c.m, model != nil)
		case model != nil && (model.Learning == nil) != (c.step < 0), model != nil && c.step > 0 && model.Learning.Step != c.step:
			t.Errorf("after %+v: the field of %+v", c.m, model.Learning)
		}
	}
}

// Grids of methods that are no longer asked go, and what the others have answered stays.
func TestRecallGridsFollowTheChoice(t *testing.T) {
	t.Parallel()
	s, l := opened(10), newTold()
	s.Update(state.ChooseScene{Scene: scene.RecallGrids})
	s.Probe.Job = 7
	s.Probe.Rule.Auto = true
	s.Update(state.ProbeAnswered{Job: 7, Recalled: jobs.Recalled{Cell: jobs.Cell{Method: "clex", Tokens: 256, Depth: 0.5, Trials: 2, Right: 1}}})
	l.Hello()
	l.Show(s, false)
	l.take(t)
	s.Probe.Windows, s.Probe.Depths, s.Probe.Methods = []int{1}, 3, []string{"clex", "rope", "pi"}
	s.Update(state.ProbeMethod{Name: "ntk", On: true})
	s.Update(state.ProbeMethod{Name: "rope"})
	l.Show(s, false)
	messages, _ := l.take(t)
	if len(messages) != 4 || !reflect.DeepEqual(messages[0], &scene.Asked{Methods: []string{"clex", "pi", "ntk"}}) {
		t.Fatalf("sent %v", messages)
	}
	g := messages[1].(*scene.Recall)
	if !reflect.DeepEqual(g.T, []float64{1}) {
		t.Errorf("256 tokens were read at t = %v, want 1", g.T)
	}
	if g.Method != "clex" || len(g.Right) != 3 || g.Right[1] != 0.5 || g.Right[0] == g.Right[0] {
		t.Errorf("grid %+v", g)
	}
}

// Another grid of as many cells is told: that of another model, and the one that it took the place of.
func TestRecallGridsFollowTheirModel(t *testing.T) {
	t.Parallel()
	s, l := opened(10), newTold()
	other := *s.Current()
	other.ID = "other"
	s.Models = append(s.Models, other)
	s.Update(state.ChooseScene{Scene: scene.RecallGrids})
	right := func() float32 {
		t.Helper()
		l.Show(s, false)
		messages, _ := l.take(t)
		for _, m := range messages {
			if g, ok := m.(*scene.Recall); ok && g.Method == "clex" {
				return g.Right[0]
			}
		}
		t.Fatalf("no grid among %v", messages)
		return 0
	}
	l.Hello()
	fill := func(n int) {
		s.Update(state.RunProbe{})
		s.Update(state.ProbeAnswered{Job: s.Probe.Job, Recalled: jobs.Recalled{Cell: jobs.Cell{Method: "clex", Tokens: 256, Trials: 2, Right: n}}})
		if got := right(); got != float32(n)/2 {
			t.Errorf("%d of 2 right: told %v", n, got)
		}
	}
	fill(0)
	fill(1)
	s.Update(state.SwapGrid{})
	if got := right(); got != 0 {
		t.Errorf("the grid before it: told %v", got)
	}
	s.Update(state.ChooseModel{ID: "other"})
	s.Update(state.RunProbe{})
	s.Update(state.ProbeAnswered{Job: s.Probe.Job, Recalled: jobs.Recalled{Cell: jobs.Cell{Method: "clex", Tokens: 256, Trials: 2, Right: 2}}})
	right()
	s.Update(state.ChooseModel{ID: "small"})
	if got := right(); got != 0 {
		t.Errorf("back on the first model: told %v", got)
	}
}

// A file is asked for with all that the page knows of it, of the scene shown or of a part of it.
func TestFilesTellTheirStory(t *testing.T) {
	t.Parallel()
	s, l := opened(10), newTold()
	s.Scene = scene.Overview
	l.Hello()
	for of, want := range map[scene.Name]scene.Name{"": scene.Overview, scene.Attention: scene.Attention} {
		l.Export(s, of, "csv", "https://a.example/", "v7")
		messages, _ := l.take(t)
		m := messages[0].(*scene.Export)
		if m.Scene != want || m.Format != "csv" || !reflect.DeepEqual(m.Story, s.Story("https://a.example/", "v7")) || len(m.Caption) != 3 {
			t.Errorf("asked for %q: %+v", of, m)
		}
	}
}

func BenchmarkDragFrame(b *testing.B) {
	s, l := opened(1024), newTold()
	l.Hello()
	l.Show(s, false)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		s.Update(state.DragT{T: 1 + float64(i%1500)/100})
		l.Show(s, false)
		l.messages = l.messages[:0]
	}
}
