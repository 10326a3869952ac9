package state

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"clexlab/assets"
	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
)

// engine writes as the real one would: each token says which method wrote it.
type engine struct {
	t    *testing.T
	s    *State
	runs map[int]StartWriting
}

// do carries out what the page asks of its engine.
func (e *engine) do(effects []Effect) {
	for _, x := range effects {
		switch x := x.(type) {
		case StartWriting:
			e.runs[x.Job] = x
		case CancelJob:
			delete(e.runs, x.Job)
		}
	}
}

func (e *engine) send(m Message) { e.do(e.s.Update(m)) }

// write has every running job write n tokens more, or end.
func (e *engine) write(n int) {
	for job, r := range e.runs {
		p := e.s.paneOf(job)
		if p == nil {
			e.t.Fatalf("job %d of %s belongs to no pane", job, r.Method)
		}
		have := len(p.Tokens)
		if have == 0 {
			e.send(PromptTokens{job, []Token{{Text: r.Prompt, Prompt: true, T: 1, NLL: -1}}})
			have = 1
		}
		var list []Token
		for i := have; i < min(have+n, r.MaxLength); i++ {
			list = append(list, Token{ID: int32(i), Text: r.Method, T: 1, Alternatives: []Alternative{{ID: int32(i), P: 0.5}, {ID: -1, Text: r.Method, P: 0.25}}})
		}
		if len(list) > 0 {
			e.send(TokensWritten{Job: job, Tokens: list})
		}
		if have+n >= r.MaxLength {
			delete(e.runs, job)
			e.send(JobDone{Job: job, StopReason: jobs.StopLength})
		}
	}
}

// check holds every text to its signature: each token that a method wrote lies in a stretch
// that is signed with it, and the menu names the method that wrote last.
func (e *engine) check(after string) {
	e.t.Helper()
	for _, i := range e.s.Columns() {
		p := &e.s.Panes[i]
		for k, tok := range p.Tokens {
			if tok.Prompt {
				continue
			}
			by := ""
			for _, b := range p.By {
				if b.From <= k {
					by = b.Method
				}
				if b.From == k && b.Chosen {
					by = tok.Text // the reader's
					break
				}
			}
			if by != tok.Text {
				e.t.Fatalf("after %s: token %d of text %d was written by %s and is signed %q (%s)", after, k, i, tok.Text, by, p.Signature())
			}
		}
		if w := p.Writers(); len(p.Tokens) > 1 && len(w) > 0 && w[len(w)-1] != p.Method {
			e.t.Fatalf("after %s: text %d is by %v, the menu says %s", after, i, w, p.Method)
		}
		if len(p.Tokens) > 1 && !strings.HasPrefix(p.Signature(), LabelOf(p.By[0].Method)) {
			e.t.Fatalf("after %s: signature %q of a text that %s began", after, p.Signature(), p.By[0].Method)
		}
	}
	for m, c := range e.s.Losses {
		if c.Subject != e.s.subjectID() {
			e.t.Fatalf("after %s: the loss of %s is of another text", after, m)
		}
	}
}

// TestNoTextHasAnotherAuthor walks at random over all that a reader can do, and looks after
// every step whether each text is signed by who wrote it and each curve is of the text at hand.
func TestNoTextHasAnotherAuthor(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 15))
		s := New(Defaults())
		e := &engine{t, &s, map[int]StartWriting{}}
		e.send(ModelsListed{[]Model{offer("a"), offer("b")}})
		e.send(EngineReady{Backend: "CPU"})
		method := func() string { return assets.Methods[random.IntN(9)].Name }
		steps := []func() Message{
			func() Message { return ChooseFirst{method()} },
			func() Message { return ChooseSecond{method()} },
			func() Message { return ChooseSecond{""} },
			func() Message { return Write{} }, func() Message { return Continue{} }, func() Message { return Stop{} },
			func() Message { return Undo{} }, func() Message { return Redo{} },
			func() Message { return CutAfter{random.IntN(2), random.IntN(400)} },
			func() Message { return Branch{random.IntN(2), random.IntN(400), -1} },
			func() Message { return DragT{T: 1 + 15*random.Float64(), Done: random.IntN(2) == 0} },
			func() Message { return SwitchAuto{random.IntN(2) == 0} },
			func() Message { return ChooseModel{[]string{"a", "b"}[random.IntN(2)]} },
			func() Message { return EngineReady{} },
			func() Message { return ChooseSubject{[]Subject{OnBook, OnText}[random.IntN(2)]} },
			func() Message { return EditPrompt{[]string{"", "a fox", "a king"}[random.IntN(3)]} },
			func() Message { return ChooseScene{Scene: scene.Scenes[random.IntN(len(scene.Scenes))].Name} },
			func() Message {
				return LossMeasured{&scene.Loss{Method: method(), Subject: 1 + random.IntN(6)}}
			},
			func() Message { return EngineFailed{Key: "worker", Title: "gone"} },
			func() Message {
				return SetUp{map[string][]string{"by": {method()}, "vs": {method()}, "t": {"1"}}}
			},
		}
		for k := range 300 {
			m := steps[random.IntN(len(steps))]()
			if _, gone := m.(EngineFailed); gone {
				clear(e.runs)
			}
			e.send(m)
			e.check(fmt.Sprintf("seed %d, step %d, %T%+v", seed, k, m, m))
			e.write(1 + random.IntN(200))
			e.check(fmt.Sprintf("seed %d, step %d, writing", seed, k))
		}
	}
}

// A text says who wrote it and at which t, whatever is chosen since.
func TestSignature(t *testing.T) {
	t.Parallel()
	s := writing(t, 300)
	p := &s.Panes[0]
	if got := p.Signature(); got != "CLEX" {
		t.Errorf("signature %q", got)
	}
	run(s, CutAfter{0, 99}, ChooseSecond{"rope"})
	s.setMethod(0, "yarn")
	e, _ := find[StartWriting](run(s, Continue{}))
	run(s, TokensWritten{Job: e.Job, Tokens: tokens(10)})
	if got, want := p.Signature(), "CLEX, then YaRN from token 101"; got != want {
		t.Errorf("signature %q, want %q", got, want)
	}
	if s.Repeats(0) {
		t.Error("a text by two hands is said to repeat itself")
	}
	d := Document{By: []By{{Author: Author{Method: "rope", FactorRule: jobs.FactorRule{Auto: true}}}}, Tokens: tokens(300)}
	for i := range d.Tokens {
		d.Tokens[i].T = 1 + float64(i/256)
	}
	if got, want := d.Terms(), "at any t"; got != want {
		t.Errorf("plain RoPE's terms are %q, want %q: t does nothing there", got, want)
	}
	d.By = append(d.By, By{From: 100, Author: Author{Method: "pi", FactorRule: jobs.FactorRule{Auto: true}}})
	if got, want := d.Terms(), "t = 1 … 2, with the length"; got != want {
		t.Errorf("terms %q of PI after plain RoPE, want %q", got, want)
	}
}

// The link says that it makes the same text only where it does.
func TestRepeats(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]Message{
		"": nil, "another prompt": EditPrompt{"a king"}, "another t": DragT{T: 3, Done: true}, "cut": CutAfter{0, 50}, "stopped": Stop{},
		"another seed": EditSampling{func(v *Sampling) { v.Seed = 8 }}, "another length": SetWindows{8},
	} {
		s := writing(t, 300)
		if spoil != nil {
			run(s, spoil)
		}
		if got := s.Repeats(0); got != (spoil == nil) {
			t.Errorf("%q: said to repeat itself: %t", name, got)
		}
	}
}

// What the judge says of a token depends on the text alone, not on when it was asked: the
// pieces cover the text once, each with half a window to a whole one before its tokens.
func TestJudgeReadsInPieces(t *testing.T) {
	t.Parallel()
	for _, sizes := range [][]int{{1000}, {5, 300, 1, 127, 400}, slices.Repeat([]int{33}, 30)} {
		s := opened(t)
		e, _ := find[StartWriting](run(s, EngineReady{}))
		contexts := map[int]int{}
		var judge func([]Effect)
		judge = func(out []Effect) {
			for _, x := range out {
				q, ok := x.(Judge)
				if !ok {
					continue
				}
				if len(q.Tokens) > 256 || q.Method != "rope" {
					t.Fatalf("%s judges %d tokens", q.Method, len(q.Tokens))
				}
				nll := make([]float64, len(q.Tokens)-q.Skip)
				for i := range nll {
					nll[i] = float64(q.From + i)
					contexts[q.From+i] = q.Skip + i
				}
				judge(run(s, Judged{Pane: q.Pane, Epoch: q.Epoch, From: q.From, NLL: nll}))
			}
		}
		n := 0
		for _, size := range sizes {
			judge(run(s, TokensWritten{Job: e.Job, Tokens: tokens(size)}))
			n += size
		}
		judge(run(s, JobDone{Job: e.Job}))
		// A text that rests is judged to its end, in the middle of a piece, and goes on from there.
		s.Windows = 16
		more, _ := find[StartWriting](run(s, Continue{}))
		judge(run(s, TokensWritten{Job: more.Job, Tokens: tokens(100)}))
		judge(run(s, JobDone{Job: more.Job}))
		n += 100
		p := &s.Panes[0]
		if len(p.Judged) != n {
			t.Fatalf("%d of %d tokens are judged", len(p.Judged), n)
		}
		for i := range n {
			want := i
			if i >= 128 {
				want = 128 + i%128
			}
			if p.JudgedAt(i) != float64(i) || contexts[i] != want {
				t.Fatalf("token %d: judged %v after %d tokens, want %d", i, p.JudgedAt(i), contexts[i], want)
			}
		}
	}
}

// What was measured on one text is gone when another is looked at, and late answers stay out.
func TestTwoTextsShareNoPlot(t *testing.T) {
	t.Parallel()
	s := opened(t)
	out := run(s, EngineReady{})
	q, ok := find[Measure](out)
	if !ok || q.Subject != 1 || q.Text.Address == "" || q.Length != 1024 || !slices.Equal(q.Loss, []string{"clex"}) {
		t.Fatalf("on opening: %+v", q)
	}
	if s.T != 4 {
		t.Errorf("t = %v for 1,024 tokens", s.T)
	}
	run(s, LossMeasured{&scene.Loss{Method: "clex", Subject: 1, NLL: []float32{2, 4}}})
	if v, ok := s.MeanLoss("clex", 0, 9, 1); !ok || v != 3 {
		t.Errorf("mean %v, %t", v, ok)
	}
	e := s.Panes[0].Job
	run(s, PromptTokens{e, tokens(3)}, ChooseSubject{OnText})
	if len(s.Losses) != 0 {
		t.Errorf("the book's losses stand beside a text: %v", s.Losses)
	}
	run(s, LossMeasured{&scene.Loss{Method: "clex", Subject: 1}}, MapsMeasured{&scene.MapsSummary{Method: "clex", Subject: 1}})
	if len(s.Losses)+len(s.Maps) != 0 {
		t.Error("a late answer about the book is taken for one about the text")
	}
	id := s.subjectID()
	run(s, LossMeasured{&scene.Loss{Method: "clex", Subject: id}})
	run(s, Write{})
	if s.subjectID() == id || len(s.Losses) != 0 {
		t.Error("another text has the old one's losses")
	}
}

// While t moves nothing is asked for that t does not change.
func TestSteadyIsMeasuredOnce(t *testing.T) {
	t.Parallel()
	s := opened(t)
	s.Beside = "rope"
	q, _ := find[Measure](run(s, EngineReady{}))
	if !slices.Equal(q.Maps, []string{"clex", "rope"}) || !slices.Equal(q.Loss, q.Maps) {
		t.Fatalf("on opening: %+v", q)
	}
	for _, m := range q.Maps {
		run(s, MapsMeasured{&scene.MapsSummary{Method: m, Subject: 1, Revision: q.Revision}}, LossMeasured{&scene.Loss{Method: m, Subject: 1, Revision: q.Revision}})
	}
	q, _ = find[Measure](run(s, DragT{T: 7, Done: true}))
	if !slices.Equal(q.Maps, []string{"clex"}) || !slices.Equal(q.Loss, q.Maps) {
		t.Errorf("at another t: maps of %v, losses of %v", q.Maps, q.Loss)
	}
	q, _ = find[Measure](run(s, SetWindows{8}))
	if !slices.Equal(q.Maps, []string{"clex", "rope"}) {
		t.Errorf("on a longer text: maps of %v", q.Maps)
	}
}

// Choosing any head must not write the middle pair into the link.
func TestPairDoesNotLeak(t *testing.T) {
	t.Parallel()
	s := opened(t)
	run(s, PictureMessage{&scene.Select{Pair: s.Pair, Layer: 1, Head: 2}})
	if q := s.Query(); q.Has("pair") || q.Get("layer") != "1" {
		t.Errorf("the link is %q", q.Encode())
	}
}
