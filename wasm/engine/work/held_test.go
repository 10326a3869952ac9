package work

import (
	"encoding/json"
	"math"
	"testing"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/wasm/wire/jobs"
)

// Before the first step the losses by place are those of the weights that the training begins with under CLEX's prior, read
// and averaged here by themselves; of every report the last ones are the loss that is told of the same tokens.
func TestTrainTellsLossesByPlace(t *testing.T) {
	s := newSchool(t)
	var told []jobs.HeldAt
	for _, a := range s.do(jobs.Request{ID: 5, Train: &lesson}) {
		if x := a.Trained; x != nil && len(x.Held) > 0 {
			told = append(told, jobs.HeldAt{Step: x.Step, Losses: x.Held, Places: x.Places})
		}
	}
	if len(told) != 3 {
		t.Fatalf("%d reports", len(told))
	}
	window := s.first.window()
	n := 16 * window
	text, _ := s.FetchText(t.Context(), "")
	tokens, _ := s.cut(text, n)
	scheme, err := clex.New("clex", s.checkpoint.Config.Rotary, clex.Options{TMax: 16})
	if err != nil {
		t.Fatal(err)
	}
	var e clex.Encoding
	if err := scheme.Encode(&e, 16, 0); err != nil {
		t.Fatal(err)
	}
	read, err := s.first.model.NewSequence(n)
	if err != nil {
		t.Fatal(err)
	}
	if err := read.SetEncoding(&e); err != nil {
		t.Fatal(err)
	}
	trace := &model.LossTrace{From: 1}
	if err := read.Prefill(t.Context(), tokens, &model.Observer{Loss: trace}); err != nil {
		t.Fatal(err)
	}
	sums, counts := make([]float64, jobs.HeldPieces), make([]int, jobs.HeldPieces)
	for i, v := range trace.NLL {
		k := (i + 1) * 4 / window // four a window
		sums[k], counts[k] = sums[k]+float64(v), counts[k]+1
	}
	for k, got := range told[0].Places {
		// The training's weights are in float32, these in 8 bits.
		if want := sums[k] / float64(counts[k]); math.Abs(got-want) > 0.01 {
			t.Errorf("piece %d: %v, want %v", k, got, want)
		}
	}
	for _, h := range told {
		tail := h.Places[jobs.HeldPieces-min(jobs.HeldPieces, heldTail*4/window):]
		mean := 0.0
		for _, v := range tail {
			mean += v / float64(len(tail))
		}
		if far := h.Losses[2].Loss; len(h.Places) != jobs.HeldPieces || math.Abs(mean-far) > 2e-3 {
			t.Errorf("step %d: %d pieces, the last ones %v, the loss of their tokens %v", h.Step, len(h.Places), mean, far)
		}
	}
	if told[2].Places[0] == told[0].Places[0] {
		t.Error("training changes nothing")
	}
}

// A kept training holds the losses by place of the steps whose states it holds, and of no others.
func TestKeptTrainingHoldsLossesByPlace(t *testing.T) {
	s := newSchool(t)
	ask := lesson
	ask.Steps, ask.TellEvery = 8, 1
	s.do(jobs.Request{ID: 5, Train: &ask})
	text, err := s.States.Read(jobs.TrainingFile)
	if err != nil {
		t.Fatal(err)
	}
	var kept jobs.KeptTraining
	if err := json.Unmarshal(text, &kept); err != nil {
		t.Fatal(err)
	}
	if len(kept.Held) != 9 || len(kept.States) != mostStates {
		t.Fatalf("%d losses, states of %d", len(kept.Held), kept.States)
	}
	for _, h := range kept.Held {
		has := false
		for _, step := range kept.States {
			has = has || step == h.Step
		}
		if (len(h.Places) == jobs.HeldPieces) != has || !has && h.Places != nil {
			t.Errorf("step %d: %d pieces, states of %d", h.Step, len(h.Places), kept.States)
		}
	}
}
