package state

import (
	"strings"
	"testing"

	"clexlab/wasm/wire/jobs"
)

// A training that runs writes the prompt as the page would, once it can be heard; the text carries the step of the weights that
// wrote it, whatever step was told last, and the training goes on. A second one takes its place when it begins.
func TestTrainingWrites(t *testing.T) {
	s := schooled()
	s.Update(DismissNotice{}) // the first message shows the picture
	if out := s.Update(WriteTrained{}); len(out) != 0 {
		t.Errorf("written without a training: %v", out)
	}
	s.Prompt, s.Seed, s.Temperature = "Once upon", 11, 0.5
	job := started(t, s.Update(TrainNow{})).Job
	if out := s.Update(WriteTrained{}); len(out) != 0 || s.Training.Writes() {
		t.Errorf("asked before it hears: %v", out)
	}
	s.Update(Trained{job, jobs.Trained{Backend: "CPU", Held: held(5), Moved: &jobs.Moved{}}})
	ask := func() *jobs.Write {
		t.Helper()
		out := s.Update(WriteTrained{})
		if len(out) != 1 {
			t.Fatalf("asked for %v", out)
		}
		steer, ok := out[0].(SteerTraining)
		if !ok || steer.Job != job || steer.Write == nil {
			t.Fatalf("asked for %+v", out[0])
		}
		return steer.Write
	}
	s.Windows = 64
	w := ask()
	if w.Method != "clex" || w.Prompt != "Once upon" || w.Seed != 11 || w.Temperature != 0.5 || !w.Auto || w.MaxLength != 4*256 {
		t.Errorf("asked for %+v", w)
	}
	if out := s.Update(WriteTrained{}); len(out) != 0 || s.Training.CanWrite() {
		t.Errorf("two at once: %v", out)
	}
	x := &s.Training.Sample
	say := func(step int, w jobs.Wrote) { s.Update(Trained{job, jobs.Trained{Step: step, Wrote: &w}}) }
	s.Update(Trained{job, jobs.Trained{Step: 40, Loss: 3, Rate: 10, Pausing: true}})
	say(40, jobs.Wrote{Tokens: []Token{{Text: "Once upon", Prompt: true, T: 1, NLL: -1}}})
	say(40, jobs.Wrote{Tokens: []Token{{Text: " a", T: 1}, {Text: " time", T: 2}}})
	if !s.Training.Writes() || !s.Training.Pausing || s.Training.Step != 40 {
		t.Errorf("while it writes: %+v", s.Training)
	}
	say(40, jobs.Wrote{Done: true, Stop: jobs.StopLength})
	if x.Text() != "Once upon a time" || x.Signature() != "CLEX, trained here, step 40" || x.Terms() != "t = 1 … 2, with the length" ||
		!strings.Contains(s.Spoken, "CLEX, trained here, step 40") || !s.Training.CanWrite() || s.Training.Job != job {
		t.Errorf("%q by %q, %q, spoken %q", x.Text(), x.Signature(), x.Terms(), s.Spoken)
	}
	by := x.By[0]
	if by.Model != "small" || by.Weights != "trained here, step 40" || by.Seed != 11 || by.Prompt != "Once upon" || !by.Auto {
		t.Errorf("its author is %+v", by)
	}
	// What cannot be written leaves the text that stands.
	ask()
	say(41, jobs.Wrote{Done: true, Error: "the prompt is empty"})
	if x.Error == "" || x.Signature() != "CLEX, trained here, step 40" || s.Training.Writes() {
		t.Errorf("after an error: %q by %q", x.Error, x.Signature())
	}
	ask()
	say(50, jobs.Wrote{Tokens: []Token{{Text: "Once", Prompt: true}}})
	s.Update(JobDone{Job: job})
	if x.Text() != "Once" || x.Signature() != "CLEX, trained here, step 50" || x.Error == "" || s.Training.Writes() {
		t.Errorf("cut short: %q by %q, %q", x.Text(), x.Signature(), x.Error)
	}
	// A training taken up again does not hear at first, nor says anything for the one before.
	s.Training.States = []int{50}
	job = started(t, s.Update(GoBack{50})).Job
	if s.Training.CanWrite() {
		t.Error("it is asked before it hears")
	}
	s.Update(Trained{job, jobs.Trained{Step: 50, Back: true}})
	s.Prompt = "  "
	if out := s.Update(WriteTrained{}); len(out) != 0 || !strings.Contains(x.Error, "few words") {
		t.Errorf("without a prompt: %v, %q", out, x.Error)
	}
}
