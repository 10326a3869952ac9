package state

import (
	"fmt"
	"strings"

	"clexlab/wasm/wire/jobs"
)

// WriteTrained has the training that runs write the prompt with its weights as they are; it goes on behind that.
type WriteTrained struct{}

// Sample is a text that a training wrote with its weights as they were.
type Sample struct {
	Document
	// Error says why it could not be written.
	Error string
	// job is the training that writes it, 0 for none; author is who will have written it, but for the step, until begun.
	job    int
	author Author
	begun  bool
}

// sampleWindows bounds a sample in trained windows: the training waits for it.
const sampleWindows = 4

// Writes reports whether the training writes a sample, CanWrite whether it can be asked for one.
func (t *Training) Writes() bool { return t.Job != 0 && t.Sample.job == t.Job }

// CanWrite is false until the training has told of itself: before that it does not hear.
func (t *Training) CanWrite() bool { return t.Job != 0 && t.told && !t.Writes() }

func (WriteTrained) apply(s *State) []Effect {
	t := &s.Training
	x := &t.Sample
	switch {
	case !t.CanWrite():
		return nil
	case strings.TrimSpace(s.Prompt) == "":
		x.Error = "Write a few words into the prompt first: the model continues what it is given."
		return nil
	}
	ask := jobs.Write{Method: "clex", Prompt: s.Prompt, MaxLength: min(s.Target(), sampleWindows*s.Window()), FactorRule: s.rule(),
		Temperature: s.Temperature, TopP: s.TopP, MinP: s.MinP, TopK: s.TopK, Seed: s.Seed}
	a := Author{Model: s.Current().ID, Method: ask.Method, InTraining: true, FactorRule: ask.FactorRule, Sampling: s.Sampling, Prompt: ask.Prompt, Length: ask.MaxLength}
	if a.Auto {
		a.T = 0
	}
	x.job, x.author, x.begun, x.Error = t.Job, a, false, ""
	s.Spoken = "The training writes after this step"
	return s.steer(jobs.Steer{Write: &ask})
}

// wrote takes in what a training has written with the weights of a step.
func (s *State) wrote(step int, w *jobs.Wrote) {
	t := &s.Training
	x := &t.Sample
	if !t.Writes() {
		return
	}
	if !x.begun && w.Error == "" {
		a := x.author
		a.Weights = fmt.Sprintf("trained here, step %d", step)
		x.begun, x.text = true, text{By: []By{{Author: a}}}
		x.changed()
	}
	x.Append(w.Tokens...)
	if !w.Done {
		return
	}
	x.job, x.Error = 0, w.Error
	s.Spoken = w.Error
	if w.Error == "" {
		s.Spoken = x.Signature() + " has written " + Tokens(len(x.Tokens))
	}
}

// endSample notes that nothing more is written, as the training is over.
func (t *Training) endSample() {
	if t.Writes() {
		t.Sample.job, t.Sample.Error = 0, "The training ended before the text did."
	}
}
