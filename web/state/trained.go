package state

import (
	"fmt"
	"maps"
	"slices"

	"clexlab/clex"
	"clexlab/wasm/wire/jobs"
)

// ChooseTrained has a model that was trained here stand as the method of that name beside those of the model that it was trained
// from. CompareTrained has it write the second text.
type (
	ChooseTrained  struct{ ID string }
	CompareTrained struct{}
)

// TuneMethod gives a method of a model weights, or takes them away where these have no name.
type TuneMethod struct {
	Model string
	jobs.Tune
}

func (e TuneMethod) Do(_ PageEffects, x EngineEffects) { x.TuneMethod(e) }

// Trainings are the models that were trained here from the one in use and are still to be had, in the order in which they were made.
func (s *State) Trainings() []Model { return s.trainings(s.Current()) }

func (s *State) trainings(base *Model) (out []Model) {
	for _, m := range s.Models {
		// One that another version of the model was trained to would not fit it.
		if o := m.Origin; o == nil || o.Of != base.ID || !m.Here && !m.Kept || m.Rotary != base.Rotary || m.Layers != base.Layers || m.Heads != base.Heads || m.Vocab != base.Vocab {
			continue
		}
		// What was kept is the same as what it was kept of.
		if !slices.ContainsFunc(out, func(x Model) bool { return x.Origin.Number == m.Origin.Number }) {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b Model) int { return a.Origin.Number - b.Origin.Number })
	return out
}

// TrainedHere is the one among Trainings that stands as a method, nil for none: the reader's choice, else the last.
func (s *State) TrainedHere() *Model { return s.trainedHere(s.Current()) }

func (s *State) trainedHere(base *Model) *Model {
	list := s.trainings(base)
	if len(list) == 0 {
		return nil
	}
	at := slices.IndexFunc(list, func(m Model) bool { return m.Origin.Number == s.standing[base.ID] })
	if at < 0 {
		at = len(list) - 1
	}
	return &list[at]
}

// nextTraining numbers what is trained here; a number is not given twice in a visit.
func (s *State) nextTraining() int {
	for _, m := range s.Models {
		if m.Origin != nil {
			s.trainingsMade = max(s.trainingsMade, m.Origin.Number)
		}
	}
	s.trainingsMade++
	return s.trainingsMade
}

// ownWeights are a trained model's as another model's method has them, without a name for nil.
func ownWeights(m *Model) (w Weights) {
	if m == nil {
		return w
	}
	w = Weights{Name: m.Name, Config: m.Config, Weights: m.Load.Weights, Size: m.Size}
	for _, f := range m.Files {
		switch f.Name {
		case "config.json":
			w.Config = f.Address
		case "model.safetensors":
			w.Weights = f.Address
		}
	}
	return w
}

// offerTrained has every model's method TrainedHere run on what was trained from it, as far as that has changed.
func (s *State) offerTrained() (out []Effect) {
	for i := range s.Models {
		base := &s.Models[i]
		if base.Origin != nil || base.Tuned["rope"].Name == "" {
			continue
		}
		m := s.trainedHere(base)
		w := ownWeights(m)
		if w.Name == base.Tuned[clex.TrainedHere].Name {
			continue
		}
		tuned := maps.Clone(base.Tuned)
		if delete(tuned, clex.TrainedHere); m != nil {
			tuned[clex.TrainedHere] = w
		}
		s.Models = slices.Clone(s.Models)
		base = &s.Models[i]
		base.Tuned, base.TrainedHere = tuned, nil
		if m != nil {
			base.TrainedHere = m.Network
		}
		out = append(out, TuneMethod{base.ID, jobs.Tune{Method: clex.TrainedHere, Weights: w}})
		if base.ID == s.Current().ID {
			out = append(out, s.forgetTrained()...)
		}
		for k := range s.leftProbes {
			if l := &s.leftProbes[k]; l.model == base.ID {
				l.probe.without(clex.TrainedHere)
			}
		}
	}
	return out
}

// forgetTrained drops what other weights of the method said, and asks anew where it is shown.
func (s *State) forgetTrained() []Effect {
	s.Probe.without(clex.TrainedHere)
	if s.Losses[clex.TrainedHere] != nil || s.Maps[clex.TrainedHere] != nil {
		s.modelsChosen++
		s.Book.Tokens, s.Reading.Tokens = nil, nil
		s.forgetMeasured()
	}
	s.fitMethods()
	return append([]Effect{ShowView{}, SaveAddress{}}, s.measure(false)...)
}

func (m ChooseTrained) apply(s *State) []Effect {
	at := slices.IndexFunc(s.Models, func(x Model) bool { return x.ID == m.ID && x.Origin != nil })
	if at < 0 {
		return nil
	}
	o := s.Models[at].Origin
	s.standing[o.Of] = o.Number
	s.Spoken = LabelOf(clex.TrainedHere) + " is " + s.Models[at].Name
	return s.offerTrained()
}

func (CompareTrained) apply(s *State) []Effect {
	if !s.Offers(clex.TrainedHere) || s.Training.Job != 0 {
		return nil
	}
	s.Tab = "text"
	if s.Active == clex.TrainedHere {
		return s.chooseMethod(1, "clex")
	}
	return s.chooseMethod(1, clex.TrainedHere)
}

// trainedLabel says what a step count and a part of a training are called.
func trainedLabel(number, steps int, part jobs.Part) string {
	of := string(part)
	if part == jobs.TrainBoth {
		of = "field and weights"
	}
	return fmt.Sprintf("Trained here %d · %s steps of %s", number, Count(steps), of)
}

// shownMethods are where a method stood.
type shownMethods struct {
	picture, probe bool
	writes         [2]bool
}

func (s *State) whereShown(method string) shownMethods {
	return shownMethods{slices.Contains(s.Shown, method), slices.Contains(s.Probe.Methods, method), [2]bool{s.Active == method, s.Beside == method}}
}

// showAgain brings a method back to where it stood, but for a text that another one writes since.
func (s *State) showAgain(method string, w shownMethods) {
	if !s.Offers(method) {
		return
	}
	if w.picture && !slices.Contains(s.Shown, method) {
		s.Shown = toggled(s.Shown, method)
	}
	if w.probe {
		ProbeMethod{method, true}.apply(s)
	}
	for i, wrote := range w.writes {
		d := &s.Panes[i].Document
		if by := d.Writers(); wrote && len(by) > 0 && by[len(by)-1] == method {
			s.setMethod(i, method)
		}
	}
}
