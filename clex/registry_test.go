package clex

import (
	"math"
	"slices"
	"testing"
)

// TestTrainingsUseTheirSchemes: PoSE and E2-LLM divide every frequency by t,
// LongRecipe leaves them, LongSkywork raises the base.
func TestTrainingsUseTheirSchemes(t *testing.T) {
	const factor = 5.5
	r := Rotary{HeadDim: 48, Dims: 48, Base: 10000, Window: 256}
	base := r.Base * math.Pow(factor, 48./46)
	want := map[string]func(i int) float64{
		"pose":        func(i int) float64 { return math.Pow(r.Base, -float64(2*i)/48) / factor },
		"e2llm":       func(i int) float64 { return math.Pow(r.Base, -float64(2*i)/48) / factor },
		"longrecipe":  func(i int) float64 { return math.Pow(r.Base, -float64(2*i)/48) },
		"longskywork": func(i int) float64 { return math.Pow(base, -float64(2*i)/48) },
	}
	schemes := map[string]bool{}
	for _, m := range Methods() {
		schemes[m.Name] = true
	}
	for _, m := range Trainings() {
		if want[m.Name] == nil || schemes[m.Name] {
			t.Errorf("%s: unknown, or a scheme as well", m.Name)
			continue
		}
		s, err := New(m.Name, r, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var e Encoding
		if err := s.Encode(&e, factor, 0); err != nil {
			t.Fatal(err)
		}
		for i, theta := range e.InvFreq {
			if w := want[m.Name](i); math.Abs(theta-w) > 1e-12*w {
				t.Errorf("%s: frequency %d is %v, want %v", m.Name, i, theta, w)
			}
		}
		delete(want, m.Name)
	}
	if len(want) > 0 {
		t.Errorf("not listed: %v", want)
	}
}

// TestMethodsThatIgnoreT: those that are marked so, and no others, encode alike at every t.
func TestMethodsThatIgnoreT(t *testing.T) {
	t.Parallel()
	r := Rotary{HeadDim: 48, Dims: 48, Base: 10000, Window: 256}
	list := make([]float64, r.Pairs())
	for i := range list {
		list[i] = float64(i + 2)
	}
	for _, m := range slices.Concat(Methods(), Trainings(), Lists(), Own()) {
		o := Options{}
		if m.Listed {
			o.Short, o.Long = make([]float64, len(list)), list
			for i := range o.Short {
				o.Short[i] = 1
			}
		}
		s, err := New(m.Name, r, o)
		if err != nil {
			t.Fatal(err)
		}
		var at [2]Encoding
		for i, factor := range []float64{1, 8} {
			if err := s.Encode(&at[i], factor, 8*r.Window); err != nil {
				t.Fatal(err)
			}
		}
		if same := at[0].Equal(&at[1]); same != m.IgnoresT {
			t.Errorf("%s is the same at t = 1 and t = 8: %t, marked: %t", m.Name, same, m.IgnoresT)
		}
	}
}
