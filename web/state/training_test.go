package state

import (
	"slices"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/wasm/wire/jobs"
)

// schooled is a page whose model can be trained.
func schooled() *State {
	s := New(Defaults())
	s.Models = []Model{{ID: "small", Load: jobs.Load{Config: "c", Weights: "w", Tokenizer: "t", Tuned: map[string]Weights{"rope": {Name: "base", Config: "bc", Weights: "bw"}}}}}
	s.Models[0].Network = &clex.Network{}
	s.Engine.Ready = true
	return &s
}

// choose is an edit of everything.
func choose(c TrainingChoice) EditTraining {
	return EditTraining{func(now *TrainingChoice) { *now = c }}
}

func started(t *testing.T, effects []Effect) StartTraining {
	t.Helper()
	for _, e := range effects {
		if e, ok := e.(StartTraining); ok {
			return e
		}
	}
	t.Fatalf("no training among %v", effects)
	return StartTraining{}
}

// held are losses of the held text, the longest's as given.
func held(far float64) []jobs.HeldLoss {
	return []jobs.HeldLoss{{Length: 256, T: 1, Loss: 2.5}, {Length: 4096, T: 16, Loss: far}}
}

// A training's figures are its own: what an older job says is dropped, and its result is a model that
// says what it is and runs other methods on the weights that ship.
func TestTraining(t *testing.T) {
	s := schooled()
	s.Version = "abc"
	s.Models[0].Difference = &jobs.Difference{Address: "d", Of: "w0"} // of the weights that ship
	job := started(t, s.Update(TrainNow{}))
	if job.By != "clexlab's page, build abc" || !strings.HasPrefix(job.Source, "Household Tales by ") {
		t.Errorf("made by %q on %q", job.By, job.Source)
	}
	if job.From != "rope" || job.Steps != 60 || job.TMax != s.MaxT() || job.Address == job.Held {
		t.Errorf("asked for %+v", job.Train)
	}
	if again := s.Update(TrainNow{}); len(again) != 0 {
		t.Errorf("a second one beside it: %v", again)
	}
	for _, m := range []Trained{
		{job.Job, jobs.Trained{Backend: "CPU", Held: held(5), Moved: &jobs.Moved{}}},
		{job.Job - 1, jobs.Trained{Step: 9, Loss: 1}},
		{job.Job, jobs.Trained{Step: 1, Loss: 3, Rate: 1024}},
		{job.Job, jobs.Trained{Step: 2, Loss: 2.9, Rate: 1024, Held: held(4), Moved: &jobs.Moved{}}},
	} {
		s.Update(m)
	}
	tr := &s.Training
	if tr.Step != 2 || !slices.Equal(tr.Losses, []float64{3, 2.9}) || len(tr.Held) != 2 || tr.Held[1].Step != 2 {
		t.Errorf("%+v", tr)
	}
	if left := tr.Left().Seconds(); left != 58 { // 58 steps of 1,024 tokens at 1,024 a second
		t.Errorf("%v s left, want 58", left)
	}
	if used := s.Update(UseTrained{}); used != nil {
		t.Errorf("the result was used before there is one: %v", used)
	}
	network := &clex.Network{Hidden: 3}
	effects := s.Update(Trained{job.Job, jobs.Trained{Step: 2, Files: &jobs.Files{Config: "blob:c", Weights: "blob:w", Size: 7, Network: network}}})
	offered, ok := effects[0].(OfferModel)
	if !ok || offered.Model.Load.Config != "blob:c" || offered.Model.Load.Weights != "blob:w" || offered.Model.Tuned["rope"].Name != "base" || offered.Model.Network != network ||
		offered.Model.Difference != nil || !strings.Contains(offered.Model.Name, "Trained here") {
		t.Errorf("offered %+v", effects)
	}
	if out := s.Update(ExportTrained{}); len(out) != 1 {
		t.Errorf("taken away: %v", out)
	} else if e := out[0].(StartExport); e.Config != "blob:c" || e.Weights != "blob:w" || e.Tokenizer != "t" || e.Format != jobs.CLEXFolder || e.Tuned != nil || !s.Export.Trained || len(s.Update(ExportTrained{})) != 0 {
		t.Errorf("taken away as %+v", e)
	}
	s.Update(ModelExported{Job: s.Export.Job, Name: "a.zip", Size: 7})
	s.Update(JobDone{Job: job.Job})
	if !strings.Contains(s.Spoken, "5.0 to 4.0") || s.Training.Job != 0 {
		t.Errorf("spoken: %q", s.Spoken)
	}
	effects = s.Update(UseTrained{})
	if !slices.ContainsFunc(effects, func(e Effect) bool { l, ok := e.(LoadModel); return ok && l.ID == offered.Model.ID }) || s.Current().ID != offered.Model.ID {
		t.Errorf("use: %v", effects)
	}
	s.Engine.Ready = true
	// The next one has a name of its own.
	job = started(t, s.Update(TrainNow{}))
	effects = s.Update(Trained{job.Job, jobs.Trained{Step: 1, Files: &jobs.Files{Network: network}}})
	if next := effects[0].(OfferModel).Model; next.ID == offered.Model.ID {
		t.Errorf("two models called %s", next.ID)
	}
}

// A training that fails says so and can be begun anew; a model without untuned weights has none.
func TestTrainingEnds(t *testing.T) {
	s := schooled()
	job := started(t, s.Update(TrainNow{}))
	s.Update(JobFailed{Job: job.Job, Text: "loss NaN"})
	if s.Training.Error != "loss NaN" || s.Training.Job != 0 {
		t.Errorf("%+v", s.Training)
	}
	job = started(t, s.Update(TrainNow{}))
	if s.Training.Error != "" {
		t.Error("the old trouble stays")
	}
	if e := s.Update(StopTraining{}); len(e) != 1 || e[0] != (CancelJob{job.Job}) {
		t.Errorf("stop: %v", e)
	}
	s.Update(EngineFailed{Title: "The engine stopped."})
	if s.Training.Job != 0 || s.Training.Error == "" {
		t.Errorf("after the engine's end: %+v", s.Training)
	}
	s.Update(choose(TrainingChoice{Steps: 1 << 30, Rate: -1, FieldRate: 9}))
	if c := s.Training.Choice; c.Steps != MaxTrainingSteps || c.Rate != 0 || c.FieldRate != MaxTrainingRate {
		t.Errorf("choice %+v", c)
	}
	s.Models[0].Tuned = nil
	if s.CanTrain() == "" || s.Update(TrainNow{}) != nil {
		t.Error("a model without untuned weights was trained")
	}
}

// A training is steered while it runs, taken up again where it ended, and shown as what it went back to.
func TestSteersATraining(t *testing.T) {
	s := schooled()
	steered := func(m Message) jobs.Steer {
		t.Helper()
		for _, e := range s.Update(m) {
			if e, ok := e.(SteerTraining); ok {
				return e.Steer
			}
		}
		t.Fatalf("%T steers nothing", m)
		return jobs.Steer{}
	}
	s.Update(DismissNotice{}) // the first message shows the picture
	if out := s.Update(PauseTraining{}); len(out) != 0 {
		t.Errorf("there is nothing to pause: %v", out)
	}
	job := started(t, s.Update(TrainNow{}))
	if job.Model != "small" || job.Resume != nil {
		t.Errorf("asked for %+v", job.Train)
	}
	for step := range 3 {
		s.Update(Trained{job.Job, jobs.Trained{Step: step + 1, Loss: 3 - float64(step)/10, Rate: 100}})
	}
	s.Update(Trained{job.Job, jobs.Trained{Step: 3, States: []int{0, 2}, Bytes: 50, Pausing: true, Held: []jobs.HeldLoss{{Length: 256, T: 1, Loss: 2}}}})
	tr := &s.Training
	if !tr.Pausing || len(tr.Losses) != 3 || !slices.Equal(tr.States, []int{0, 2}) {
		t.Errorf("paused as %+v", tr)
	}
	if x := steered(PauseTraining{}); x.Run != jobs.Paused {
		t.Errorf("%+v", x)
	}
	if x := steered(StepTraining{}); x.Run != jobs.OneStep {
		t.Errorf("%+v", x)
	}
	c := tr.Choice
	c.Rate = 0.5
	if x := steered(choose(c)); x.Rates == nil || x.Rates.Weights != MaxTrainingRate {
		t.Errorf("%+v", x)
	}
	if x := steered(GoBack{2}); x.Back == nil || *x.Back != 2 {
		t.Errorf("%+v", x)
	}
	if out := s.Update(GoBack{1}); len(out) != 0 {
		t.Errorf("a state that is not kept: %v", out)
	}
	s.Update(Trained{job.Job, jobs.Trained{Step: 2, Back: true, Pausing: true, States: []int{0, 2}, Bytes: 50}})
	if tr.Step != 2 || len(tr.Losses) != 2 || len(tr.Held) != 0 {
		t.Errorf("back at %+v", tr)
	}
	if x := steered(ContinueTraining{}); x.Run != jobs.Going || tr.Pausing {
		t.Errorf("%+v", x)
	}
	s.Update(JobDone{Job: job.Job})
	again := started(t, s.Update(GoBack{2}))
	if again.Resume == nil || *again.Resume != 2 || again.Job == job.Job || again.Steps != 60 {
		t.Errorf("taken up as %+v", again)
	}
}

// What this browser keeps of a training is offered after a reload, on the model that it began with.
func TestTakesUpAKeptTraining(t *testing.T) {
	s := schooled()
	kept := jobs.KeptTraining{Train: jobs.Train{From: "rope", Part: jobs.TrainField, Steps: 40, Rate: 0, FieldRate: 0.003, Address: "/web/v-old/books/tales.txt"}, Of: "other", Step: 20, States: []int{0, 10, 20}, Bytes: 99,
		Losses: make([]float64, 20)}
	s.Update(TrainingKept{kept})
	if out := s.Update(GoOnTraining{20}); len(out) != 0 || !strings.Contains(s.CanGoOn(), "other") {
		t.Errorf("on another model: %v, %q", out, s.CanGoOn())
	}
	kept.Of = "small"
	kept.Held = []HeldAt{{Step: 0, Losses: held(5)}, {Step: 10, Losses: held(4)}, {Step: 20, Losses: held(3)}}
	s.Update(TrainingKept{kept})
	job := started(t, s.Update(GoOnTraining{10}))
	if *job.Resume != 10 || job.Part != jobs.TrainField || job.FieldRate != 0.003 || strings.Contains(job.Address, "v-old") {
		t.Errorf("asked for %+v", job.Train)
	}
	if tr := &s.Training; tr.Step != 10 || len(tr.Losses) != 10 || len(tr.Held) != 2 || tr.Kept != nil || tr.Choice.Part != jobs.TrainField {
		t.Errorf("%+v", tr)
	}
	if out := s.Update(DeleteTraining{}); len(out) != 0 {
		t.Errorf("deleted while it runs: %v", out)
	}
	s.Update(JobDone{Job: job.Job})
	states := slices.Clone(s.Training.States)
	if out := s.Update(DeleteTraining{}); len(out) != 0 || len(s.Training.States) != 0 {
		t.Errorf("%v, %+v", out, s.Training)
	}
	s.Update(TakeAction{deletedKey, "undelete"})
	if !slices.Equal(s.Training.States, states) || s.Training.Asked == nil {
		t.Errorf("undone: %+v", s.Training)
	}
	s.Update(DeleteTraining{})
	if out := s.Update(CloseNotice{deletedKey}); !slices.Contains(out, Effect(ForgetTraining{})) {
		t.Errorf("the message is closed: %v", out)
	}
	if out := s.Update(TakeAction{deletedKey, "undelete"}); slices.Contains(out, Effect(ForgetTraining{})) || len(s.Training.States) != 0 {
		t.Errorf("undone once more: %v, %+v", out, s.Training)
	}
}

// The largest t and the way of drawing positions are asked for as they are chosen, within what a field can be trained for; the result
// knows the t that it was trained for, and a training that goes on shows what it was.
func TestTrainingsPositions(t *testing.T) {
	s := schooled()
	s.Models[0].TMax = 16
	for _, c := range []struct{ asked, want float64 }{{0, 16}, {1, 2}, {5, 5}, {16, 16}, {100, 64}} {
		choice := s.Training.Choice
		choice.TMax = c.asked
		s.Update(choose(choice))
		if got := s.TrainingT(); got != c.want {
			t.Errorf("t up to %v asked for: %v, want %v", c.asked, got, c.want)
		}
	}
	choice := s.Training.Choice
	choice.TMax, choice.Sampler = 5, jobs.DrawnPositions
	s.Update(choose(choice))
	job := started(t, s.Update(TrainNow{}))
	if job.TMax != 5 || job.Sampler != jobs.DrawnPositions {
		t.Errorf("asked for %+v", job.Train)
	}
	s.Update(Trained{job.Job, jobs.Trained{Step: 1, Files: &jobs.Files{Network: &clex.Network{}}}})
	s.Update(JobDone{Job: job.Job})
	if r := s.Training.Result; r == nil || r.MaxT() != 5 || s.MaxT() != 16 {
		t.Errorf("the result is %+v", r)
	}
	kept := jobs.KeptTraining{Train: job.Train, Of: "small", Step: 1, States: []int{0, 1}}
	other := schooled()
	other.Models[0].TMax = 16
	other.Update(TrainingKept{kept})
	again := started(t, other.Update(GoOnTraining{1}))
	if c := other.Training.Choice; c.TMax != 5 || c.Sampler != jobs.DrawnPositions || again.TMax != 5 || again.Sampler != jobs.DrawnPositions {
		t.Errorf("goes on as %+v, shown as %+v", again.Train, c)
	}
}

// A text of the reader's own is taken whole, or cut where the last word ends, which is said; what is no text is refused in a sentence
// and the one before stays.
func TestTrainingsOwnText(t *testing.T) {
	s := schooled()
	long := strings.Repeat("The fox ran. ", MostLearnt/13+1000)
	half := strings.Repeat("ä", MostLearnt/2+1)[:MostLearnt-1]
	for _, c := range []struct {
		m          LearnFrom
		text, said string // said of a cut, where the text is taken
		refused    string
	}{
		{m: LearnFrom{Name: "fox.txt", Text: "\uFEFFThe fox\r\nran.", Size: 15}, text: "The fox\nran."},
		{m: LearnFrom{Name: "none.txt", Text: " \n"}, refused: "“none.txt” is empty."},
		{m: LearnFrom{Name: "a.png", Text: "PNG\x00\x01"}, refused: "“a.png” is no text in UTF-8"},
		{m: LearnFrom{Name: "latin.txt", Text: "gr\xfcn und blau"}, refused: "is no text in UTF-8"},
		{m: LearnFrom{Name: "gone.md", Error: "it has changed"}, refused: "“gone.md” could not be read: it has changed."},
		{m: LearnFrom{Text: long}, text: "The fox ran. … The", said: "It has 2.1 MB; learnt from are the first 2.1 MB, up to “… "},
		{m: LearnFrom{Name: "big.txt", Text: long[:MostLearnt], Size: 9e9}, text: "The fox ran. … The", said: "It has 9.0 GB; "},
		{m: LearnFrom{Name: "none.txt"}, refused: "is empty"},
		{m: LearnFrom{Name: "big.txt", Text: half, Size: 9e9}, text: "ää", said: "ää"},
	} {
		before, saidBefore := s.Training.Choice, s.Training.TextSaid
		s.Update(c.m)
		tr := &s.Training
		if c.refused != "" {
			if !strings.Contains(tr.TextError, c.refused) || tr.Choice != before || tr.TextSaid != saidBefore || s.Spoken != tr.TextError {
				t.Errorf("%q: said %q, spoken %q", c.m.Name, tr.TextError, s.Spoken)
			}
			continue
		}
		head, tail, cut := strings.Cut(c.text, " … ")
		got := tr.Choice.Text
		if tr.TextError != "" || !strings.HasPrefix(got, head) || !strings.HasSuffix(got, tail) || !cut && c.said == "" && got != head || strings.ContainsRune(got, '\uFFFD') ||
			!strings.Contains(tr.TextSaid, c.said) || (c.said == "") != (tr.TextSaid == "") || tr.Choice.TextName != c.m.Name || len(got) > MostLearnt || cut && len(got) < MostLearnt-20 {
			t.Errorf("%q: %d bytes, %.20q …, cut: %q, error %q", c.m.Name, len(got), got, tr.TextSaid, tr.TextError)
		}
	}
	job := started(t, s.Update(TrainNow{}))
	if job.TextName != "big.txt" || job.Text == "" {
		t.Errorf("asked for %q", job.TextName)
	}
	s.Update(LearnFrom{Name: "late.txt", Text: "too late"})
	if s.Training.TextError == "" || s.Training.Choice.TextName != "big.txt" {
		t.Errorf("while it runs: %+v", s.Training.TextError)
	}
}

func FuzzUpTo(f *testing.F) {
	f.Add("The fox ran. ", 6)
	f.Add("ää\uFFFD", 3)
	f.Fuzz(func(t *testing.T, text string, n int) {
		n = max(0, n)
		if got := upTo(text, n); len(got) > n || !strings.HasPrefix(text, got) {
			t.Errorf("%q up to %d is %q", text, n, got)
		}
		lastWords(text, 5)
	})
}

// Edits that were made of the same look at the panel add up: the second does not take the first one back, nor one of the text.
func TestEditsOfOneFrameAddUp(t *testing.T) {
	t.Parallel()
	s := schooled()
	edits := []Message{
		EditTraining{func(c *TrainingChoice) { c.Steps = 9 }},
		LearnFrom{Text: "The fox ran."},
		EditTraining{func(c *TrainingChoice) { c.Sampler = jobs.DrawnPositions }},
		EditTraining{func(c *TrainingChoice) { c.FieldRate = 0.02 }},
	}
	for _, m := range edits {
		s.Update(m)
	}
	want := TrainingPresets[0].Choice
	want.Steps, want.Sampler, want.FieldRate, want.Text = 9, jobs.DrawnPositions, 0.02, "The fox ran."
	if s.Training.Choice != want {
		t.Errorf("chosen is %+v, want %+v", s.Training.Choice, want)
	}
}

// A training that could not go back says so, offers what is left, and stands where it stood until a step is made.
func TestTrainingThatCannotGoBack(t *testing.T) {
	s := schooled()
	job := started(t, s.Update(TrainNow{}))
	s.Update(Trained{job.Job, jobs.Trained{Step: 10, Loss: 3, States: []int{0, 10}}})
	s.Update(GoBack{0})
	s.Update(Trained{job.Job, jobs.Trained{Step: 10, Pausing: true, Trouble: "the state of step 0 cannot be read: another tab."}})
	x := &s.Training
	if x.Job != job.Job || !x.Pausing || len(x.States) != 0 || x.Step != 10 || !strings.HasSuffix(x.Error, "another tab; the training stands where it stood") {
		t.Errorf("job %d, pausing %t, states %v, step %d, trouble %q", x.Job, x.Pausing, x.States, x.Step, x.Error)
	}
	s.Update(Trained{job.Job, jobs.Trained{Step: 11, Loss: 3}})
	if x.Error != "" {
		t.Errorf("trouble after the next step: %q", x.Error)
	}
}

// Whoever chooses another model while one is trained hears that the training ends, and where it can be taken up.
func TestTrainingLeftWithItsModel(t *testing.T) {
	s := schooled()
	s.Models = append(s.Models, offer("other"))
	said := func() string {
		for _, n := range s.Notices {
			if n.Key == leftTrainingKey {
				return n.Title + " " + n.Text
			}
		}
		return ""
	}
	first := s.Current()
	id, name := first.ID, first.Name
	job := started(t, s.Update(TrainNow{}))
	s.Update(Trained{job.Job, jobs.Trained{Step: 13, Loss: 3, States: []int{0, 10}}})
	s.Update(ChooseModel{"other"})
	if words := said(); !strings.Contains(words, "at step 13") || !strings.Contains(words, name) || !strings.Contains(words, "back to step 10") {
		t.Errorf("said is %q", words)
	}
	s.Update(ChooseModel{id})
	s.Update(EngineReady{})
	if again := started(t, s.Update(GoBack{10})); again.Resume == nil || said() != "" {
		t.Errorf("it goes on as %+v and still says %q", again, said())
	}
}
