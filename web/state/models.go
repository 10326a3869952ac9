package state

import (
	"slices"
	"strings"

	"clexlab/assets"
)

// Model describes one checkpoint on offer.
type Model struct {
	ID, Name string
	// Window is the trained length L in tokens; Parameters the number of weights;
	// Bytes the download.
	Window, Parameters int
	Bytes              int64
	Layers, Heads      int
	Tokens             int // size of the vocabulary
	About              string
	// Tuned names the weights that methods run on, by method, where each has its own.
	Tuned map[string]Weights
}

// Weights are weights that a method has for itself.
type Weights struct {
	Name string
	// T is the one length scaling factor that they were tuned at and are read at, 0 where
	// the method follows the slider.
	T float64
}

// Current is the model in use; it is the zero Model until the list has come.
func (s *State) Current() Model {
	for _, m := range s.Models {
		if m.ID == s.Model {
			return m
		}
	}
	if len(s.Models) > 0 {
		return s.Models[0]
	}
	return Model{}
}

// Offers reports whether the model can run a method: a way of training is nothing
// without the weights that it made.
func (s *State) Offers(method string) bool {
	m, ok := assets.Lookup(method)
	return ok && (!m.Training || s.Current().Tuned[method].Name == method)
}

// WeightsOf names the weights that a method runs on, "" where all run on the same.
func (s *State) WeightsOf(method string) string {
	tuned := s.Current().Tuned
	if len(tuned) == 0 {
		return ""
	}
	if t := tuned[method]; t.Name != "" {
		return t.Name
	}
	return method // the model's own weights, tuned with this method
}

// FixedT is the t that a method keeps on its weights, 0 where it follows the slider.
func (s *State) FixedT(method string) float64 { return s.Current().Tuned[method].T }

// forgetModel drops what only the former model's heads and weights could mean.
func (s *State) forgetModel() {
	if m := s.Current(); s.Layer >= m.Layers || s.Head >= m.Heads {
		s.Layer, s.Head = -1, -1
	}
	p := &s.Probe
	p.Job, p.Cells, p.ToDo, p.Took = 0, nil, 0, 0
	p.Watching, p.Watched, p.Runs, p.Error = false, WatchProbe{}, nil, ""
	s.fitMethods()
}

// fitMethods drops the methods that the model has no weights for, and says so.
func (s *State) fitMethods() {
	var gone []string
	missing := func(name string) bool {
		if name == "" || s.Offers(name) {
			return false
		}
		if m, _ := assets.Lookup(name); !slices.Contains(gone, m.Label) {
			gone = append(gone, m.Label)
		}
		return true
	}
	s.Shown = slices.DeleteFunc(slices.Clone(s.Shown), missing)
	s.Probe.Methods = slices.DeleteFunc(slices.Clone(s.Probe.Methods), missing)
	if missing(s.First) {
		s.First = "clex"
		s.Panes[0].Method = s.First
	}
	if missing(s.Second) {
		s.Second = ""
		s.Panes[1].Method = ""
	}
	if len(gone) > 0 {
		s.notify(Notice{Key: "model-methods", Level: Info, Title: "This model has no weights for " + strings.Join(gone, ", ") + ".",
			Text: "A way of training shows only in the weights that it made; choose a model that has them to see it again."})
	}
}
