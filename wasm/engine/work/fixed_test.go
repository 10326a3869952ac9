package work

import (
	"context"
	"math"
	"testing"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/modeltest"
	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
)

// Weights that were tuned at one factor are read at it wherever the slider stands, and the
// answer says so.
func TestReadsWeightsAtTheirFactor(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	files, _, _, err := modeltest.New()
	if err != nil {
		t.Fatal(err)
	}
	b.tuned = map[string]jobs.Weights{"pi": {Name: "pi3", Factor: 3}, "ntk": {Name: "plain"}}
	b.Fetch = func(context.Context, jobs.Weights) (config, weights []byte, err error) {
		return files.Config, files.Weights, nil
	}
	tokens := b.tok.Encode(nil, "the little fox ran and the old king sat in the wood by the sea.")
	for method, at := range map[string]float64{"pi": 3, "ntk": 2} {
		scheme, err := clex.New(method, modeltest.Config.Rotary, clex.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var e clex.Encoding
		if err := scheme.Encode(&e, at, len(tokens)); err != nil {
			t.Fatal(err)
		}
		s, err := b.m.NewSequence(len(tokens))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SetEncoding(&e); err != nil {
			t.Fatal(err)
		}
		trace := &model.LossTrace{}
		if err := s.Prefill(t.Context(), tokens, &model.Observer{Loss: trace}); err != nil {
			t.Fatal(err)
		}
		var losses, maps int
		for _, a := range b.measure(tokens, jobs.Measure{Maps: []string{method}, Loss: []string{method}, FactorRule: jobs.FactorRule{T: 2}}) {
			switch v := a.View.(type) {
			case *scene.Loss:
				losses++
				for i, want := range trace.NLL {
					if v.T != at || math.Abs(float64(v.NLL[i]-want)) > 1e-4 {
						t.Fatalf("%s: loss of token %d at t = %v: %v, the model at %v says %v", method, i+1, v.T, v.NLL[i], at, want)
					}
				}
			case *scene.MapsSummary:
				maps++
				if v.T != at {
					t.Errorf("%s: maps of t = %v, read at %v", method, v.T, at)
				}
			}
		}
		if losses == 0 || maps == 0 {
			t.Errorf("%s: %d answers with losses, %d with maps", method, losses, maps)
		}
		r := writeRequest(method)
		r.Write.FactorRule = jobs.FactorRule{T: 2}
		if w := text(b.do(r)); len(w) == 0 || w[len(w)-1].T != at {
			t.Errorf("%s: %d tokens written, not at t = %v", method, len(w), at)
		}
	}
}
