package work

import (
	"context"
	"math"
	"testing"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
)

// What a training left is read as a method beside the others: on its weights, by its own field, past the t that it was trained to as
// well; other weights take its place, and without any the method runs on what was loaded.
func TestTrainedWeightsAreAMethod(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	made := map[string]*checkpoint.Checkpoint{}
	var tunes []jobs.Tune
	for name, part := range map[string]jobs.Part{"both": jobs.TrainBoth, "weights": jobs.TrainWeights} {
		ask := lesson
		ask.Part, ask.TMax = part, 4
		for _, a := range s.do(jobs.Request{ID: 5, Train: &ask}) {
			if x := a.Trained; x != nil && x.Files != nil {
				made[name] = s.result(t, x.Files)
				tunes = append(tunes, jobs.Tune{Method: clex.TrainedHere, Weights: jobs.Weights{Name: name, Config: x.Files.Config, Weights: x.Files.Weights}})
			}
		}
	}
	if len(tunes) != 2 {
		t.Fatalf("%d trainings left something", len(tunes))
	}
	s.Fetch = func(_ context.Context, w jobs.Weights) ([]byte, []byte, error) {
		return s.published[w.Config], s.published[w.Weights], nil
	}
	tokens := s.tok.Encode(nil, "the little fox ran and the old king sat in the wood by the sea.")
	read := func(c *checkpoint.Checkpoint, at float64) []float32 {
		t.Helper()
		m, err := model.New(c.Config, c.Weights)
		if err != nil {
			t.Fatal(err)
		}
		scheme, err := clex.New("clex", c.Config.Rotary, clex.Options{Network: c.CLEX, TMax: 16})
		if err != nil {
			t.Fatal(err)
		}
		var e clex.Encoding
		if err := scheme.Encode(&e, at, len(tokens)); err != nil {
			t.Fatal(err)
		}
		sequence, err := m.NewSequence(len(tokens))
		if err != nil {
			t.Fatal(err)
		}
		if err := sequence.SetEncoding(&e); err != nil {
			t.Fatal(err)
		}
		trace := &model.LossTrace{}
		if err := sequence.Prefill(t.Context(), tokens, &model.Observer{Loss: trace}); err != nil {
			t.Fatal(err)
		}
		return trace.NLL
	}
	measured := func(at float64) []float32 {
		t.Helper()
		for _, a := range s.measure(tokens, jobs.Measure{Loss: []string{clex.TrainedHere}, FactorRule: jobs.FactorRule{T: at}}) {
			if v, ok := a.View.(*scene.Loss); ok && v.Method == clex.TrainedHere && v.T == at {
				return v.NLL
			}
		}
		t.Fatalf("no losses at t = %v", at)
		return nil
	}
	same := func(what string, got, want []float32) {
		t.Helper()
		for i := range want {
			if math.Abs(float64(got[i]-want[i])) > 1e-4 {
				t.Fatalf("%s: loss of token %d is %v, want %v", what, i+1, got[i], want[i])
			}
		}
	}
	for i := range 2 * len(tunes) {
		tune := tunes[i%2]
		if a := last(s.do(jobs.Request{ID: 1, Tune: &tune})); !a.Done || a.Kind != jobs.Tuning {
			t.Fatalf("%+v", a)
		}
		for _, at := range []float64{2, 12} {
			same(tune.Weights.Name, measured(at), read(made[tune.Weights.Name], at))
		}
		if len(s.sets) != 1 {
			t.Errorf("%d sets of weights are held", len(s.sets))
		}
	}
	s.do(jobs.Request{ID: 1, Tune: &jobs.Tune{Method: clex.TrainedHere}})
	if _, ok := s.tuned[clex.TrainedHere]; ok || len(s.sets) != 0 || s.tuned["rope"].Name != "base" {
		t.Errorf("left: %+v, %d sets", s.tuned, len(s.sets))
	}
}
