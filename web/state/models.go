package state

import (
	"errors"
	"slices"
	"strings"

	"clexlab/assets"
	"clexlab/clex"
	"clexlab/wasm/wire/jobs"
)

// Model is a checkpoint on offer, Weights are weights that a method has for itself.
type (
	Model   = jobs.Offer
	Weights = jobs.Weights
)

// ModelsListed brings the models on offer, ChooseModel is the reader's choice.
type (
	ModelsListed struct{ Models []Model }
	ChooseModel  struct{ ID string }
)

func (m ModelsListed) apply(s *State) []Effect {
	s.Models = m.Models
	if s.Model != "" && s.Current().ID != s.Model {
		s.notify(Notice{Key: "model-choice", Level: Warning, Title: "That model is not here.",
			Text: "The link asks for “" + Middle(s.Model, 40) + "”; " + s.Current().Name + " is used instead."})
		s.Model = ""
	}
	if now := s.Current(); now.Brought && !s.Auto && now.AskedT >= MinT && s.T == s.clampT(now.AskedT) {
		s.filed = filedFactor{t: s.T, before: jobs.FactorRule{T: s.T, Auto: true}} // a link, or a reload
	}
	out := s.offerTrained()
	s.fit()
	return append(out, LoadModel{s.Current().ID}, ShowView{})
}

// First is what a page without wishes begins with on the first of these models: its first text, and what it measures.
func First(models []Model) (write jobs.Write, measure Measure, err error) {
	s := New(Defaults())
	ModelsListed{models}.apply(&s)
	found := 0
	for _, e := range (EngineReady{}).apply(&s) {
		switch e := e.(type) {
		case StartWriting:
			if e.Pane == 0 {
				write = e.Write
				found++
			}
		case Measure:
			measure = e
			found++
		}
	}
	if found != 2 {
		return write, measure, errors.New("state: a page without wishes does not write and measure")
	}
	return write, measure, nil
}

func (m ChooseModel) apply(s *State) []Effect {
	if m.ID == s.Current().ID {
		return nil
	}
	out := s.stop()
	s.leaveTraining()
	s.leaveFiled()
	s.leaveProbe()
	s.Model, s.former = m.ID, former{}
	s.dropGone()
	s.Engine.Ready = false
	s.readAsFiled()
	s.forgetModel()
	s.GPU = GPU{GPUAttempt: s.GPU.GPUAttempt + 1}
	out = append(out, LoadModel{s.Current().ID}, SaveAddress{}, ShowView{})
	return append(out, s.write()...)
}

// readAsFiled has a model that somebody brought write by the method that its file asks for, at the t that it asks for. Where that is
// plain RoPE there is nothing to keep to.
func (s *State) readAsFiled() {
	m := s.Current()
	if !m.Brought || m.Method == "rope" || !s.Offers(m.Method) {
		return
	}
	s.setMethod(0, m.Method)
	s.draw(m.Method)
	if m.AskedT >= MinT {
		s.filed = filedFactor{t: s.clampT(m.AskedT), before: s.rule()}
		s.Auto, s.T = false, m.AskedT // fit says so where the model does not go as far
	}
}

// filedFactor is the t that a model's file has fixed, 0 for none, and how t was found before.
type filedFactor struct {
	t      float64
	before jobs.FactorRule
}

// leaveFiled finds t again as before a model's file fixed it, unless the reader has moved it since.
func (s *State) leaveFiled() {
	if f := s.filed; f.t > 0 && !s.Auto && s.T == f.t {
		s.Auto, s.T = f.before.Auto, f.before.T
	}
	s.filed = filedFactor{}
}

// Current is the model in use; it is the zero Model until the list has come.
func (s *State) Current() *Model {
	for i := range s.Models {
		if s.Models[i].ID == s.Model {
			return &s.Models[i]
		}
	}
	if len(s.Models) > 0 {
		return &s.Models[0]
	}
	return &Model{}
}

// MaxT is the largest t of the model in use.
func (s *State) MaxT() float64 { return s.Current().MaxT() }

// MaxTokens is the longest text of the model in use.
func (s *State) MaxTokens() int { return int(s.MaxT()) * s.Window() }

// leastLength is the shortest text on offer where a trained window is longer, in tokens.
const leastLength = 256

// Lengths are the lengths of text on offer, in trained windows: doublings up to t_max, and halves of a window that takes long to fill.
func (s *State) Lengths() []float64 {
	var out []float64
	for w := 1.0; w <= s.MaxT(); w *= 2 {
		out = append(out, w)
	}
	for w := 0.5; int(w*float64(s.Window())) >= leastLength; w /= 2 {
		out = slices.Insert(out, 0, w)
	}
	return out
}

// WholeLengths are those of one trained window and more.
func (s *State) WholeLengths() []int {
	var out []int
	for _, w := range s.Lengths() {
		if w >= 1 {
			out = append(out, int(w))
		}
	}
	return out
}

// Offers reports whether the model can run a method: a way of training is nothing
// without the weights that it made, a list nothing without the file that holds it.
func (s *State) Offers(method string) bool { return Offers(s.Current(), method) }

// Offers reports whether a model can run a method.
func Offers(model *Model, method string) bool {
	m, ok := assets.Lookup(method)
	return ok && (!m.Training || model.Tuned[method].Name == method) && (!m.Listed || model.Method == method) && (!m.Here || model.Tuned[method].Name != "")
}

// WeightsOf names the weights that a method runs on, "" where all run on the same.
func (s *State) WeightsOf(method string) string { return WeightsOf(s.Current(), method) }

// WeightsOf names the weights of a model that a method runs on.
func WeightsOf(model *Model, method string) string {
	tuned := model.Tuned
	if len(tuned) == 0 {
		return ""
	}
	if t := tuned[method]; t.Name != "" {
		return t.Name
	}
	return method // the model's own weights, tuned with this method
}

// FixedT is the t that a method keeps on its weights, 0 where it follows the slider.
func (s *State) FixedT(method string) float64 { return s.Current().Tuned[method].Factor }

// forgetModel drops what only the former model's heads and weights could mean.
func (s *State) forgetModel() {
	s.takeProbe()
	s.Training.endSample()
	s.Training.Job, s.Training.Error = 0, ""
	for i := range s.Panes {
		s.Panes[i].judging = false
	}
	s.Book.Tokens, s.Reading.Tokens = nil, nil
	s.dismiss("reading") // where the former model cut the text is nothing to this one
	s.modelsChosen++
	s.forgetMeasured()
	s.fit()
}

// fit brings what was asked for to what the model has, and says what it has not.
func (s *State) fit() {
	if m := s.Current(); s.Layer >= m.Layers || s.Head >= m.Heads {
		s.Layer, s.Head = -1, -1
	}
	if s.Auto {
		s.follow()
	} else if t := s.clampT(s.T); t != s.T {
		s.notify(Notice{Key: "model-t", Level: Info, Title: "t goes to " + Factor(s.MaxT()) + " in this model.",
			Text: "It was tuned that far: " + Factor(s.T) + " became " + Factor(t) + "."})
		s.T = t
	}
	s.Windows = nearest(s.Lengths(), s.Windows)
	lengths := s.WholeLengths()
	s.Probe.Windows = slices.DeleteFunc(slices.Clone(s.Probe.Windows), func(w int) bool { return !slices.Contains(lengths, w) })
	s.fitMethods()
}

// fitMethods drops the methods that the model has no weights for, and says so.
func (s *State) fitMethods() {
	var gone []string
	listed, here := false, false
	missing := func(name string) bool {
		if name == "" || s.Offers(name) {
			return false
		}
		if m, _ := assets.Lookup(name); m.Listed {
			listed = true
		} else if m.Here {
			here = true
		} else if l := LabelOf(name); !slices.Contains(gone, l) {
			gone = append(gone, l)
		}
		return true
	}
	s.Shown = slices.DeleteFunc(slices.Clone(s.Shown), missing)
	s.Probe.Methods = slices.DeleteFunc(slices.Clone(s.Probe.Methods), missing)
	if missing(s.Active) {
		s.setMethod(0, "clex")
	}
	if missing(s.Beside) {
		s.setMethod(1, "")
	}
	if listed {
		s.notify(Notice{Key: "model-list", Level: Info, Title: "This model's file lists no frequencies.",
			Text: "A list is a method of the model whose file holds it; " + LabelOf(s.Active) + " writes the first text now."})
	}
	if here {
		s.notify(Notice{Key: "model-trained", Level: Info, Title: "“" + LabelOf(clex.TrainedHere) + "” has no weights here.",
			Text: "What is trained on the page is in that browser alone, and beside the model that it was trained from. Train that model, or go back to it, to see the method again."})
	}
	if len(gone) > 0 {
		s.notify(Notice{Key: "model-methods", Level: Info, Title: "This model has no weights for " + strings.Join(gone, ", ") + ".",
			Text: "A way of training shows only in the weights that it made; choose a model that has them to see it again."})
	}
}
