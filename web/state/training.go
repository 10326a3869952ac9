package state

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"clexlab/assets"
	"clexlab/clex"
	"clexlab/wasm/wire/jobs"
)

// What the reader does with the training: TrainNow begins it, StopTraining ends it and keeps what was
// learnt, EditTraining changes what will be trained, UseTrained takes the result for the model in use.
type (
	TrainNow     struct{}
	StopTraining struct{}
	EditTraining struct {
		// Change sets what was edited and leaves the rest, which an edit of the same frame may have changed.
		Change func(*TrainingChoice)
	}
	UseTrained struct{}
	// Trained is what the engine tells of a training.
	Trained struct {
		Job int
		jobs.Trained
	}
)

// StartTraining begins a training, OfferModel gives the engine a model that was made here.
type (
	StartTraining struct {
		Job int
		jobs.Train
	}
	OfferModel struct{ Model Model }
)

func (e StartTraining) Do(_ PageEffects, x EngineEffects) { x.StartTraining(e) }
func (e OfferModel) Do(_ PageEffects, x EngineEffects)    { x.OfferModel(e) }

// TrainingChoice is what is trained, and how.
type TrainingChoice struct {
	Part  jobs.Part
	Steps int
	// Rate and FieldRate are the peak learning rates of the weights and the field.
	Rate, FieldRate float64
	// Wild lets fast pairs learn as fast as slow ones.
	Wild bool
	// TMax is the largest t that is trained, 0 for that of the model in use; Sampler how positions are drawn.
	TMax    float64
	Sampler jobs.Sampler
	// Text is the reader's own text, "" for the tales that ship; TextName its file's name, "" for a pasted one.
	Text, TextName string
}

// TrainingPreset is a choice with the reason to try it.
type TrainingPreset struct {
	Name, Why string
	Choice    TrainingChoice
}

// TrainingPresets are choices that show something, the first of them the one that works.
var TrainingPresets = []TrainingPreset{
	{"Field and weights", "The whole of CLEX: the loss far out comes down within tens of steps.", TrainingChoice{Part: jobs.TrainBoth, Steps: 60, Rate: 0.001, FieldRate: 0.001}},
	{"Field alone", "The weights stay: what can the frequencies do by themselves? On the tales here, at ten times the rate, 1,024 tokens read worse than before.", TrainingChoice{Part: jobs.TrainField, Steps: 60, Rate: 0, FieldRate: 0.0003}},
	{"Weights alone", "The field stays its prior, NTK-aware scaling: what do the weights do without it?", TrainingChoice{Part: jobs.TrainWeights, Steps: 60, Rate: 0.001}},
	{"Field too fast", "All pairs learn alike and too fast: watch the fast ones go wild and the loss with them.", TrainingChoice{Part: jobs.TrainBoth, Steps: 60, Rate: 0.001, FieldRate: 0.01, Wild: true}},
	{"No skips", "Every row stands at positions 0, 1, 2 …: nothing far is ever seen, and far out it fails.", TrainingChoice{Part: jobs.TrainBoth, Steps: 60, Rate: 0.001, FieldRate: 0.001, Sampler: jobs.ContiguousPositions}},
	{"One by one", "Positions as CLEX's reference code draws them, hardly a neighbour among them: far out it learns more slowly.", TrainingChoice{Part: jobs.TrainBoth, Steps: 60, Rate: 0.001, FieldRate: 0.001, Sampler: jobs.DrawnPositions}},
	{"Only to t = 4", "Positions reach 4 windows and no further: quick to learn there, and at 16 windows about as lost as before.", TrainingChoice{Part: jobs.TrainBoth, Steps: 60, Rate: 0.001, FieldRate: 0.001, TMax: 4}},
}

// SamplerChoice is a way to draw positions, with what it does.
type SamplerChoice struct {
	Sampler    jobs.Sampler
	Label, Why string
}

// Samplers are the ways to draw positions, the first of them that of the models that ship.
var Samplers = []SamplerChoice{
	{jobs.MixedPositions, "as recommended", "A t up to the largest is drawn for each row, whose positions reach that many windows. A quarter of the rows stand at 0, 1, 2 …; nearly all others are runs of neighbours with skips between them."},
	{jobs.RunsOfNeighbours, "runs of neighbours", "Each row is two to six runs of neighbouring positions, with skips between them up to the end of t windows."},
	{jobs.DrawnPositions, "drawn one by one", "Each position is drawn by itself from all of t windows, as in CLEX's reference code: the larger t, the rarer are neighbours."},
	{jobs.ContiguousPositions, "contiguous", "Each row stands at 0, 1, 2 …: t moves the frequencies, but no two tokens are ever further apart than a window."},
}

// Training is the training in the page: its choices, its job, what it has told so far.
type Training struct {
	Choice TrainingChoice
	Job    int
	// Step of the last run's Steps; Losses are its steps' losses, Rate tokens a second, Backend what computes.
	Step    int
	Steps   int
	Losses  []float64
	Rate    float64
	Backend string
	// Held are the held text's losses, each time after Step steps; Moved is how far the field is from its prior.
	Held  []HeldAt
	Moved *jobs.Moved
	field field
	// Part is what the last run trained; Result is the model that it left, nil while there is none.
	Part   jobs.Part
	Result *Model
	Error  string
	// TextSaid says where a text was cut, TextError why one was not taken.
	TextSaid, TextError string
	// Pausing is set while no steps are made; States are the steps that can be gone back to, Bytes what they take.
	Pausing bool
	States  []int
	Bytes   int64
	// Unkept says why nothing more is kept, "" where it is.
	Unkept string
	// Asked is what the run was asked for; Kept is an earlier training that this browser keeps.
	Asked *jobs.Train
	Kept  *jobs.KeptTraining
	// Sample is the text that it wrote last. told is set once the run has told of itself.
	Sample Sample
	told   bool
	// Keeping is set once the result is being kept as a model.
	Keeping bool
	// lostAt is one more than the step at which the worker was lost last, 0 where it never was.
	lostAt int
}

// HeldAt is what the held text's losses were after so many steps.
type HeldAt = jobs.HeldAt

// trainingRows is how many rows a step reads, tellEvery after how many steps the held text is read.
const (
	trainingRows = 4
	tellEvery    = 10
)

func newTraining() Training { return Training{Choice: TrainingPresets[0].Choice} }

// Bounds of what can be chosen.
const (
	MaxTrainingSteps = 2000
	MaxTrainingRate  = 0.1
	MinTrainingT     = 2
)

// MostTrainingT is the largest t that can be trained: 64, or the model's where that is more.
func (s *State) MostTrainingT() float64 { return max(64, s.MaxT()) }

// TrainingT is the largest t that will be trained.
func (s *State) TrainingT() float64 {
	if t := s.Training.Choice.TMax; t != 0 {
		return min(t, s.MostTrainingT())
	}
	return max(MinTrainingT, s.MaxT())
}

func (m EditTraining) apply(s *State) []Effect {
	c := s.Training.Choice
	m.Change(&c)
	c.Steps = min(MaxTrainingSteps, max(1, c.Steps))
	c.Rate, c.FieldRate = min(MaxTrainingRate, max(0, c.Rate)), min(MaxTrainingRate, max(0, c.FieldRate))
	if c.TMax != 0 {
		c.TMax = min(s.MostTrainingT(), max(MinTrainingT, c.TMax))
	}
	if c.TMax == s.MaxT() {
		c.TMax = 0
	}
	was := s.Training.Choice
	s.Training.Choice = c
	if c.Rate != was.Rate || c.FieldRate != was.FieldRate {
		return s.steer(jobs.Steer{Rates: &jobs.Rates{Weights: c.Rate, Field: c.FieldRate}})
	}
	return nil
}

// CanTrain says why the model in use cannot be trained here, "" where it can.
func (s *State) CanTrain() string {
	m := s.Current()
	if m.Network == nil || m.Tuned["rope"].Name == "" {
		return "Training begins with a model's untuned weights and gives it a CLEX field: choose a model that has both, one of those whose methods have weights of their own."
	}
	return ""
}

func (TrainNow) apply(s *State) []Effect {
	t := &s.Training
	if t.Job != 0 || !s.Engine.Ready || s.CanTrain() != "" {
		return nil
	}
	s.jobs++
	s.dismiss(leftTrainingKey)
	if s.deleted.training != nil {
		s.replacesDeleted()
	}
	c := t.Choice
	*t = Training{Choice: c, TextSaid: t.TextSaid, Job: s.jobs, Steps: c.Steps, Part: c.Part, Result: t.Result}
	s.Spoken = "Training begins, " + Count(c.Steps) + " steps"
	ask := jobs.Train{From: "rope", Part: c.Part, Steps: c.Steps, Rows: trainingRows, TMax: s.TrainingT(), Rate: c.Rate, FieldRate: c.FieldRate,
		Wild: c.Wild, Sampler: c.Sampler, Seed: s.Seed, Address: assets.Lesson.Address, Text: c.Text, TextName: c.TextName, Source: c.source(), By: maker(s.Version), Held: assets.Book.Address, TellEvery: tellEvery, GPUAttempt: s.ReadingAttempt()}
	ask.Model = s.Current().ID
	t.Asked = &ask
	return []Effect{StartTraining{t.Job, ask}}
}

func (StopTraining) apply(s *State) []Effect {
	if s.Training.Job == 0 {
		return nil
	}
	s.Spoken = "Training stops after this step"
	return []Effect{CancelJob{s.Training.Job}}
}

func (m Trained) apply(s *State) []Effect {
	t := &s.Training
	if m.Job != t.Job || t.Job == 0 {
		return nil
	}
	t.told = true
	if m.Wrote != nil {
		s.wrote(m.Step, m.Wrote)
		return nil
	}
	if m.Back {
		t.Step = m.Step
		t.Losses = t.Losses[:min(m.Step, len(t.Losses))]
		t.Held = slices.DeleteFunc(slices.Clone(t.Held), func(h HeldAt) bool { return h.Step > m.Step })
		if m.Moved != nil {
			t.Moved = m.Moved
		}
	}
	t.Step = max(t.Step, m.Step)
	if m.Files == nil {
		t.Pausing = m.Pausing
	}
	if m.Trouble != "" {
		t.Error = strings.TrimRight(m.Trouble, ". ") + "; the training stands where it stood"
		s.Spoken = t.Error
		t.States, t.Bytes = m.States, m.Bytes
	} else if m.Loss != 0 || m.Back {
		t.Error = ""
	}
	if m.States != nil || m.Unkept != "" {
		t.States, t.Bytes = m.States, m.Bytes
	}
	if m.Unkept != "" {
		t.Unkept = m.Unkept
		s.Spoken = t.UnkeptWords()
	} else if slices.Contains(m.States, m.Step) {
		t.Unkept = ""
	}
	if m.Backend != "" {
		t.Backend = m.Backend
	}
	out := s.learn(m.Step, m.Network)
	if m.Files == nil && m.Loss != 0 {
		t.Losses, t.Rate = append(t.Losses, m.Loss), m.Rate
	}
	if len(m.Held) > 0 {
		t.Held, t.Moved = append(t.Held, HeldAt{Step: m.Step, Losses: m.Held, Places: m.Places}), m.Moved
	}
	if m.Files != nil {
		return s.result(m.Files)
	}
	return out
}

// UnkeptWords say what is lost with the tab, and why; "" for nothing.
func (t *Training) UnkeptWords() string {
	if t.Unkept == "" {
		return ""
	}
	words := "This training is not kept any more"
	if n := len(t.States); n > 0 {
		words = "What is learnt after step " + Count(t.States[n-1]) + " is not kept"
	}
	return words + ": " + strings.TrimRight(t.Unkept, ". ") + ". It goes on, and is lost with this tab; Stop and keep makes a model of it."
}

// result makes a model of what a training left.
func (s *State) result(f *jobs.Files) []Effect {
	t, from := &s.Training, *s.Current()
	base, number := from.ID, s.nextTraining()
	if from.Origin != nil {
		base = from.Origin.Of
	}
	from.ID, from.Name = fmt.Sprintf("trained-here-%d", number), trainedLabel(number, t.Step, t.Part)
	from.Here, from.Network, from.TrainedHere = true, f.Network, nil
	from.Origin = &jobs.Origin{Of: base, Number: number, Recipe: f.Recipe}
	from.Tuned = maps.Clone(from.Tuned)
	delete(from.Tuned, clex.TrainedHere)
	from.About = "CLEX on weights that were trained in this tab; it is gone with the tab unless you keep or download it. Other methods run on the weights that ship."
	if t.Asked != nil {
		from.TMax = t.Asked.TMax
	}
	from.Config, from.Load.Weights, from.Size, from.Difference = f.Config, f.Weights, f.Size, nil
	t.Result = &from
	s.Models = append(slices.Clone(s.Models), from)
	delete(s.standing, base)
	return append([]Effect{OfferModel{from}}, s.offerTrained()...)
}

// trainingDone says how the held text's loss has changed.
func (s *State) trainingDone() []Effect {
	t := &s.Training
	t.endSample()
	t.Job = 0
	s.Spoken = "Training finished after " + Count(t.Step) + " steps"
	if n := len(t.Held); n > 1 {
		first, last := t.Held[0].Losses, t.Held[n-1].Losses
		far := len(first) - 1
		s.Spoken += fmt.Sprintf(": loss at %s went from %.1f to %.1f nats", Tokens(first[far].Length), first[far].Loss, last[far].Loss)
	}
	return []Effect{ShowView{}}
}

// KeepTrained has the result kept in this browser, as a model with these weights alone.
type KeepTrained struct{}

func (KeepTrained) apply(s *State) []Effect {
	r := s.Training.Result
	if r == nil || s.Training.Keeping || s.Opening.Keeping != 0 {
		return nil
	}
	m := *r
	m.ID, m.Here, m.Brought = s.freshID(r.Name), false, true
	m.About = "CLEX on weights that were trained in this browser."
	m.Load = jobs.Load{Size: r.Size, Files: []jobs.File{{Name: "config.json", Address: r.Config}, {Name: "model.safetensors", Address: r.Load.Weights, Size: r.Size}, {Name: "tokenizer.json", Address: r.Tokenizer}}}
	s.jobs++
	s.Training.Keeping = true
	s.Opening.Keeping, s.Opening.Kept, s.Opening.Total = s.jobs, 0, r.Size
	return []Effect{KeepModel{s.jobs, m}}
}

func (UseTrained) apply(s *State) []Effect {
	if s.Training.Result == nil || s.Training.Job != 0 {
		return nil
	}
	s.Tab = "text" // where it writes now
	return ChooseModel{s.Training.Result.ID}.apply(s)
}

// Left is how long the rest of the training will take; 0 is not known.
func (t *Training) Left() time.Duration {
	if t.Rate <= 0 {
		return 0
	}
	return time.Duration(float64(t.Steps-t.Step) * trainingRows * DefaultWindow / t.Rate * float64(time.Second))
}
