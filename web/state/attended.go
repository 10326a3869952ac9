package state

import (
	"fmt"
	"slices"
	"strings"

	"clexlab/wasm/wire/jobs"
)

// Attended is what the token that is held looks at, as the text's writer reads it.
type Attended struct {
	asked question
	// Answered says that Keys, Weights and T have come for what was asked, failed why they will not.
	Answered bool
	failed   string
	jobs.Attended
}

// question is what the answer depends on; Index is -1 where no token is held.
type question struct {
	Pane, Index, Epoch, Layer, Head int
	model, method                   string
	jobs.FactorRule
	// length is the text's in trained windows, which a t that follows it depends on.
	length int
}

// noQuestion is that of no token.
var noQuestion = question{Pane: -1, Index: -1}

// Attend asks what a token looks at. A newer one replaces it.
type Attend struct{ jobs.Attend }

func (e Attend) Do(_ PageEffects, x EngineEffects) { x.Attend(e) }

// What the reader chooses, and what the engine answers to the last Attend.
type (
	// ChooseArcs chooses whose attention is shown: a head, or with Head -1 the mean of a layer's heads.
	ChooseArcs   struct{ Layer, Head int }
	AttendedCome struct{ jobs.Attended }
	AttendFailed struct{ Text string }
)

func (m ChooseArcs) apply(s *State) []Effect {
	if m.Layer >= 0 && m.Layer < s.Current().Layers && m.Head >= -1 && m.Head < s.Current().Heads {
		s.Arcs = m
	}
	return nil
}

func (m AttendedCome) apply(s *State) []Effect {
	// What names a token after the one that is held, or none at all, answers another question.
	if len(m.Weights) != len(m.Keys) || slices.ContainsFunc(m.Keys, func(k int) bool { return k < 0 || k > s.Attended.asked.Index }) {
		return nil
	}
	s.Attended.Answered, s.Attended.Attended = true, m.Attended
	return []Effect{Reveal{s.Attended.asked.Pane, s.Attended.asked.Index}}
}

func (m AttendFailed) apply(s *State) []Effect {
	if s.Attended.asked != noQuestion && !s.Attended.Answered {
		s.Attended.failed = m.Text
	}
	return nil
}

// ArcsNow is whose attention is shown: what was chosen, else the head that is enlarged in the
// picture, else the mean of the middle layer.
func (s *State) ArcsNow() ChooseArcs {
	layers, heads := s.Current().Layers, s.Current().Heads
	switch {
	case s.Arcs.Layer >= 0 && s.Arcs.Layer < layers && s.Arcs.Head < heads:
		return s.Arcs
	case s.Layer >= 0 && s.Layer < layers && s.Head < heads:
		return ChooseArcs{s.Layer, s.Head}
	}
	return ChooseArcs{layers / 2, -1}
}

// attend asks what the held token looks at, if that is not what was asked last.
func (s *State) attend() []Effect {
	if s.Dragging || !s.Engine.Ready {
		return nil
	}
	q := noQuestion
	k := s.Picked
	if k.Held && k.Pane >= 0 && k.Index >= 0 && k.Index < len(s.Panes[k.Pane].Tokens) && s.Current().Layers > 0 && s.foreign(k.Pane) == "" {
		d := &s.Panes[k.Pane].Document
		arcs := s.ArcsNow()
		q = question{k.Pane, k.Index, d.Epoch, arcs.Layer, arcs.Head, s.Current().ID, d.writer(k.Index), s.rule(), 0}
		if q.Auto {
			q.T, q.length = 0, (len(d.Tokens)-1)/max(1, s.Window())
		}
	}
	if q == s.Attended.asked {
		return nil
	}
	s.Attended = Attended{asked: q}
	if q == noQuestion {
		return nil
	}
	d := &s.Panes[q.Pane].Document
	return []Effect{Attend{jobs.Attend{Method: q.method, Tokens: ids(d.Tokens[:q.Index+1]), Length: len(d.Tokens), FactorRule: s.rule(), Layer: q.Layer, Head: q.Head}}}
}

// writer is the method that wrote token i.
func (d *Document) writer(i int) string {
	method := JudgeMethod
	for _, b := range d.By {
		if b.From <= i {
			method = b.Method
		}
	}
	return method
}

// Label names whose attention it is.
func (a ChooseArcs) Label(m *Model) string {
	if a.Head < 0 {
		return fmt.Sprintf("layer %d, mean of its %d heads", a.Layer+1, m.Heads)
	}
	return fmt.Sprintf("layer %d, head %d", a.Layer+1, a.Head+1)
}

// ArcsOf are the tokens of a pane that the held one looks at, with their weights; index is -1 where none is held there or the
// answer has not come.
func (s *State) ArcsOf(pane int) (index int, keys []int, weights []float64) {
	a := &s.Attended
	if !a.Answered || a.asked.Pane != pane || a.asked.Epoch != s.Panes[pane].Epoch {
		return -1, nil, nil
	}
	return a.asked.Index, a.Keys, a.Weights
}

// AttendedWords says what the held token looks at, or why that could not be read; "" while none is held or nothing is known.
func (s *State) AttendedWords() string {
	a := &s.Attended
	switch {
	case a.asked == noQuestion || a.asked.Pane < 0:
		return ""
	case a.failed != "":
		return "could not be read (" + a.failed + "); hold the token once more"
	case !a.Answered:
		return ""
	}
	var list []string
	tokens := s.Panes[a.asked.Pane].Tokens
	for i, k := range a.Keys[:min(6, len(a.Keys))] {
		if a.Weights[i] < 0.005 {
			break
		}
		if k < len(tokens) {
			what := "“" + Visible(tokens[k].Text) + "” (" + Count(k+1) + ")"
			if k == a.asked.Index {
				what = "itself"
			}
			list = append(list, what+" "+Percent(a.Weights[i]))
		}
	}
	return fmt.Sprintf("%s at t = %s: %s", LabelOf(a.asked.method), Factor(a.T), strings.Join(slices.Clip(list), ", "))
}
