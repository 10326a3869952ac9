package clex_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"clexlab/clex"
)

func TestListed(t *testing.T) {
	r := clex.Rotary{HeadDim: 4, Dims: 4, Base: 100, Window: 10}
	s, err := clex.New("longrope", r, clex.Options{Short: []float64{1, 2}, Long: []float64{4, 5}, AttentionFactor: 1.25})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		t      float64
		length int
		want   []float64
	}{{1, 0, []float64{1, 0.05}}, {3, 10, []float64{1, 0.05}}, {1, 11, []float64{0.25, 0.02}}, {1.5, 0, []float64{0.25, 0.02}}} {
		var e clex.Encoding
		if err := s.Encode(&e, c.t, c.length); err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(e.InvFreq, c.want, func(a, b float64) bool { return math.Abs(a-b) < 1e-15 }) || e.AttentionFactor != 1.25 {
			t.Errorf("t = %v, %d tokens: %v and %v, want %v", c.t, c.length, e.InvFreq, e.AttentionFactor, c.want)
		}
	}
	for want, o := range map[string]clex.Options{
		"no lists":           {},
		"3 divisors for 2":   {Short: []float64{1, 1}, Long: []float64{1, 1, 1}},
		"0 divisors for 2":   {Short: []float64{1, 1}},
		"divisor 1":          {Short: []float64{1, 0}, Long: []float64{1, 1}},
		"attention factor -": {Short: []float64{1, 1}, Long: []float64{1, 1}, AttentionFactor: -1},
	} {
		if _, err := clex.New("longrope", r, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
