package work

import (
	"math"
	"testing"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/wasm/wire/jobs"
)

// What a held token looks at is what the model by itself says of it, whether the text before it is read
// anew or was read before, in one head and in the mean of a layer's.
func TestAttend(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tokens := make([]int32, 60)
	for i := range tokens {
		tokens[i] = int32(5 + i*7%40)
	}
	cfg := b.m.Config()
	scheme, err := clex.New("clex", cfg.Rotary, clex.Options{Network: b.network})
	if err != nil {
		t.Fatal(err)
	}
	want := func(n, layer, head int, at float64) []float64 {
		s, err := b.m.NewSequence(n)
		if err != nil {
			t.Fatal(err)
		}
		var e clex.Encoding
		if err := scheme.Encode(&e, at, int(at*float64(cfg.Rotary.Window))); err != nil {
			t.Fatal(err)
		}
		if err := s.SetEncoding(&e); err != nil {
			t.Fatal(err)
		}
		o := &model.Observer{}
		for h := range cfg.Heads {
			if head < 0 || h == head {
				o.Rows = append(o.Rows, &model.AttentionRows{Layer: layer, Head: h, From: 0, To: n})
			}
		}
		if err := s.Prefill(t.Context(), tokens[:n], o); err != nil {
			t.Fatal(err)
		}
		out := make([]float64, n)
		for _, r := range o.Rows {
			for k, v := range r.Weights[n-1] {
				out[k] += float64(v) / float64(len(o.Rows))
			}
		}
		return out
	}
	for _, c := range []struct {
		n, layer, head int
		t              float64
	}{{60, 0, -1, 2}, {60, 1, 1, 2}, {31, 1, -1, 2}, {32, 1, 0, 3}, {1, 0, 0, 1}} {
		answers := b.do(jobs.Request{ID: 4, Attend: &jobs.Attend{Method: "clex", Tokens: tokens[:c.n], Layer: c.layer, Head: c.head, FactorRule: jobs.FactorRule{T: c.t}}})
		got := answers[0].Attended
		if got == nil || got.T != c.t || len(got.Keys) != min(mostKeys, c.n) {
			t.Fatalf("%+v: %+v", c, answers[0])
		}
		weights, last := want(c.n, c.layer, c.head, c.t), math.Inf(1)
		for i, k := range got.Keys {
			if v := got.Weights[i]; math.Abs(v-weights[k]) > 2e-5 || v > last {
				t.Errorf("%+v: key %d has weight %g after %g, the model says %g", c, k, v, last, weights[k])
			} else {
				last = v
			}
		}
		for k, v := range weights {
			told := false
			for _, x := range got.Keys {
				told = told || x == k
			}
			if !told && v > last+2e-5 {
				t.Errorf("%+v: key %d of weight %g is left out", c, k, v)
			}
		}
	}
	for _, bad := range []jobs.Attend{{Method: "clex", Tokens: tokens, Layer: 9}, {Method: "clex", Tokens: tokens, Head: 9}, {Method: "clex"}} {
		if a := b.do(jobs.Request{ID: 5, Attend: &bad}); len(a) != 1 || a[0].Error == "" {
			t.Errorf("%+v: %+v", bad, a)
		}
	}
}
