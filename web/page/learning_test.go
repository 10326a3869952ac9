package page

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// The table of frequencies names a field in training and has its prior's column, θ_i·(2t − 1)^(−2i/(d − 2)); once the
// training is over it says what it said before.
func TestTableOfAFieldInTraining(t *testing.T) {
	t.Parallel()
	m := state.Model{ID: "a", Model: scene.Model{Rotary: clex.Rotary{HeadDim: 8, Dims: 8, Base: 10000, Window: 32}}}
	f := figures{Scene: scene.Trajectories, T: 3, MaxT: 16, Window: 32, Shown: []string{"clex", "ntk"}, Model: &m, Pictured: &m, schemes: &schemes{}}
	table := func(pictured *state.Model) (head []string, rows [][]string) {
		t.Helper()
		if err := f.schemes.learn(pictured); err != nil {
			t.Fatal(err)
		}
		f.Pictured = pictured
		_, head, rows = f.frequencyTable()
		return head, rows
	}
	head, before := table(&m)
	network, err := clex.NewNetwork(8, 1, clex.Tanh, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range network.Down {
		network.Down[i] = -0.1
	}
	learning := m
	learning.Network, learning.Learning = network, &scene.Learning{Step: 7}
	named, rows := table(&learning)
	if want := []string{"CLEX, in training, step 7 at t", "NTK-aware at t", "CLEX’s prior at t"}; !slices.Equal(named[4:], want) {
		t.Errorf("columns %q", named)
	}
	for i, row := range rows {
		want := math.Pow(10000, -float64(i)/4) * math.Pow(5, -float64(i)/3)
		if got, err := strconv.ParseFloat(row[6], 64); err != nil || math.Abs(got-want) > 1e-3*want {
			t.Errorf("prior of pair %d: %s, want %v", i, row[6], want)
		}
		if i > 0 && row[4] == before[i][4] {
			t.Errorf("pair %d stands still at %s", i, row[4])
		}
	}
	if words := f.frequencyWords(); !strings.HasPrefix(words, "CLEX, in training, step 7: the fastest") {
		t.Errorf("in words: %s", words)
	}
	learning.Learning = &scene.Learning{Step: 7, TMax: 2}
	named, short := table(&learning)
	if want := []string{"CLEX, in training to t = 2, step 7 at t = 2", "NTK-aware at t", "CLEX’s prior at t = 2"}; !slices.Equal(named[4:], want) {
		t.Errorf("trained to t = 2, columns %q", named)
	}
	for i, row := range short {
		want := math.Pow(10000, -float64(i)/4) * math.Pow(3, -float64(i)/3)
		if got, err := strconv.ParseFloat(row[6], 64); err != nil || math.Abs(got-want) > 1e-3*want || row[5] != rows[i][5] {
			t.Errorf("trained to t = 2, prior of pair %d: %s, want %v", i, row[6], want)
		}
	}
	if now, rows := table(&m); !slices.Equal(now, head) || !slices.EqualFunc(rows, before, slices.Equal[[]string]) {
		t.Errorf("after the training: %q, %q", now, rows)
	}
}

// The losses by position have a curve for each reading, the mark of the trained window, and the same in a table and in words;
// what another model's training has left is drawn by its own window.
func TestLossesByPosition(t *testing.T) {
	t.Parallel()
	at := func(step int, nats float64) state.HeldAt {
		h := state.HeldAt{Step: step, Losses: []jobs.HeldLoss{{Length: 32, T: 1, Loss: 1}, {Length: 512, T: 16, Loss: nats}}, Places: make([]float64, jobs.HeldPieces)}
		for k := range h.Places {
			h.Places[k] = nats + float64(k)/100
		}
		return h
	}
	begun := state.Training{Job: 1, Held: []state.HeldAt{at(0, 5)}, Steps: 40}
	html := rendered(t, &training{Training: begun, Window: 32})
	if strings.Count(html, `<path class="ln was"`) != 1 || strings.Contains(html, `<path class="ln now"`) {
		t.Errorf("before the first step: %s", html)
	}
	kept := state.Training{Kept: &jobs.KeptTraining{States: []int{0, 40}, Held: []state.HeldAt{at(0, 5), at(10, 4.5), at(40, 4)}}}
	html = rendered(t, &training{Training: kept, Window: 256})
	for _, want := range []string{`<path class="ln was"`, `>before</text>`, `<path class="ln now"`, `>after 40</text>`, `class="edge"`, "512 tokens of", "read at t = 16", "means of 8 tokens",
		"Tokens 1 to 32: 5.02 nats before 4.02 after 40 steps. Tokens 33 to 128: 5.09", `129 to 512`, `5.40`, `4.40`} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q in %s", want, html)
		}
	}
	if strings.Contains(html, "after 10</text>") {
		t.Error("a reading in between is drawn")
	}
}

// What a training wrote is headed by the weights that wrote it; the button waits until it can be heard.
func TestTrainingSample(t *testing.T) {
	t.Parallel()
	s := state.New(state.Defaults())
	s.Models = []state.Model{{ID: "small", Model: scene.Model{Network: &clex.Network{}}, Load: jobs.Load{Tuned: map[string]jobs.Weights{"rope": {Name: "base"}}}}}
	s.Engine.Ready = true
	s.Update(state.TrainNow{})
	job := s.Training.Job
	look := func() string { t.Helper(); return rendered(t, &training{Training: s.Training, Window: 2}) }
	if html := look(); !strings.Contains(html, `id="train-write"`) || !strings.Contains(html, "disabled") || strings.Contains(html, `id="train-sample"`) {
		t.Errorf("before it hears: %s", html)
	}
	s.Update(state.Trained{Job: job, Trained: jobs.Trained{Step: 3, Backend: "CPU", Loss: 2}})
	s.Update(state.WriteTrained{})
	if html := look(); !strings.Contains(html, "writing …") {
		t.Errorf("while it writes: %s", html)
	}
	s.Update(state.Trained{Job: job, Trained: jobs.Trained{Step: 3, Wrote: &jobs.Wrote{Tokens: []state.Token{{Text: "a", Prompt: true, T: 1}, {Text: "b", T: 1, NLL: 5}, {Text: "c", T: 2}}, Done: true}}})
	html := look()
	for _, want := range []string{"<h3>CLEX, trained here, step 3</h3>", "3 tokens: t = 1 … 2, with the length, seed 7.", "trained length ends here: 2 tokens", `aria-label="Text by CLEX, trained here, step 3, t`} {
		if !strings.Contains(strings.ReplaceAll(html, "\n", ""), want) {
			t.Errorf("no %q in %s", want, html)
		}
	}
	if strings.Contains(html, `class="tk s`) {
		t.Error("no one has rated it, and it is tinted")
	}
}
