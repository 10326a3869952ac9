package evaluate

import (
	"math"
	"reflect"
	"testing"
)

// What was measured on more windows or questions stays, what is new comes in in order, and what was merged from stays as it was.
func TestMerge(t *testing.T) {
	of := func(n, windows int, v float64) *Measurement {
		losses := make([]float64, windows)
		for i := range losses {
			losses[i] = v
		}
		return &Measurement{Lengths: []int{n}, Losses: [][]float64{losses}, Perplexity: []float64{v}, Low: []float64{v - 1}, High: []float64{v + 1}}
	}
	m := &Measurement{}
	for _, o := range []*Measurement{of(1024, 3, 5), of(256, 3, 4), of(4096, 3, 6), of(1024, 2, 9), of(4096, 4, 7)} {
		m.Merge(o)
	}
	want := &Measurement{Lengths: []int{256, 1024, 4096}, Losses: [][]float64{{4, 4, 4}, {5, 5, 5}, {7, 7, 7, 7}}, Perplexity: []float64{4, 5, 7}, Low: []float64{3, 4, 6}, High: []float64{5, 6, 8}}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("merged %+v\nwant   %+v", m, want)
	}

	ask := func(probe string, n, questions int, right float64) *Measurement {
		return &Measurement{Recall: []Recall{{Probe: probe, Lengths: []int{n}, Questions: []int{questions}, Right: []float64{right}}}}
	}
	first := ask("one", 1024, 15, 0.2)
	m = &Measurement{}
	for _, o := range []*Measurement{first, ask("one", 256, 15, 1), ask("four", 256, 15, 0.4), ask("one", 1024, 40, 0.3), ask("one", 256, 5, 0)} {
		m.Merge(o)
	}
	got := []Recall{{"one", []int{256, 1024}, []int{15, 40}, []float64{1, 0.3}}, {"four", []int{256}, []int{15}, []float64{0.4}}}
	if !reflect.DeepEqual(m.Recall, got) {
		t.Errorf("merged %+v, want %+v", m.Recall, got)
	}
	if first.Recall[0].Questions[0] != 15 {
		t.Error("what was merged from has changed")
	}

	outer := of(256, 3, 4)
	m = &Measurement{Lengths: outer.Lengths, Losses: outer.Losses, Perplexity: outer.Perplexity, Low: outer.Low, High: outer.High}
	m.Merge(of(256, 4, 5))
	if len(outer.Losses[0]) != 3 || outer.Perplexity[0] != 4 || m.Perplexity[0] != 5 {
		t.Errorf("a slice that m shares has changed: %+v", outer)
	}

	m = &Measurement{PositionLength: 4096, PositionStep: 32}
	m.Merge(&Measurement{PositionLength: 2048, PositionStep: 16})
	if m.PositionStep != 32 {
		t.Error("losses by position of a shorter text took the place of those of a longer one")
	}
}

// A plan wants the lengths that are absent or stand on too few windows.
func TestMissing(t *testing.T) {
	p := Plan{Lengths: []int{256, 512, 1024, 8192}, Windows: 4, LongWindows: 2, Long: 4096}
	m := &Measurement{Lengths: []int{256, 1024, 8192}, Losses: [][]float64{make([]float64, 4), make([]float64, 3), make([]float64, 2)}}
	if got := p.Missing(m); !reflect.DeepEqual(got, []int{512, 1024}) {
		t.Errorf("missing are %v", got)
	}
	if got := p.Missing(nil); len(got) != 4 {
		t.Errorf("nothing was measured, missing are %v", got)
	}
}

// Three seeds of two recipes on two windows, by hand: means over seeds are 3.1 and 3.3 for CLEX and a tenth of a nat more for the other,
// whose seeds differ among each other; the second length has only two of its seeds.
func TestSeeds(t *testing.T) {
	row := func(variant string, losses ...[]float64) Row {
		return Row{Scheme: "clex", Variant: variant, Trained: true, Measured: map[string]*Measurement{"test": {Lengths: []int{256, 1024}[:len(losses)], Losses: losses}}}
	}
	r := Results{Rows: []Row{
		row("clex", []float64{3, 3.2}, []float64{1, 1}), row("clex-seed2", []float64{3.1, 3.3}, []float64{1, 1}), row("clex-seed3", []float64{3.2, 3.4}, []float64{1, 1}),
		row("ntk-seed2", []float64{3.2, 3.4}), row("ntk", []float64{3.0, 3.2}, []float64{1, 1}), row("ntk-seed3", []float64{3.4, 3.6}, []float64{1, 1}),
		row("yarn", []float64{3, 3}, []float64{1, 1}),
		{Scheme: "clex", Variant: "clex", Trained: true, TMin: 4, Measured: map[string]*Measurement{"test": {Lengths: []int{256}, Losses: [][]float64{{9, 9}}}}},
	}}
	r.TakeSeeds("clex", "test", "valid")
	if len(r.Seeds) != 2 {
		t.Fatalf("%d rows of seeds: %+v", len(r.Seeds), r.Seeds)
	}
	c, n := r.Seeds[0], r.Seeds[1]
	if c.Variant != "clex" || c.Count != 3 || len(c.Lengths) != 2 || c.Against != nil || n.Variant != "ntk" || len(n.Lengths) != 1 {
		t.Fatalf("%+v", r.Seeds)
	}
	for _, x := range []struct {
		what      string
		got, want float64
	}{
		{"CLEX", c.Perplexity[0], math.Exp(3.2)}, {"its best seed", c.Lowest[0], math.Exp(3.1)}, {"its worst", c.Highest[0], math.Exp(3.3)},
		{"NTK", n.Perplexity[0], math.Exp(3.3)}, {"its best seed", n.Lowest[0], math.Exp(3.1)}, {"its worst", n.Highest[0], math.Exp(3.5)},
		{"NTK against CLEX", n.Against[0], math.Exp(0.1)}, {"from", n.AgainstLow[0], math.Exp(0.1)}, {"to", n.AgainstHigh[0], math.Exp(0.1)},
	} {
		if math.Abs(x.got-x.want) > 1e-4 {
			t.Errorf("%s: %v, want %v", x.what, x.got, x.want)
		}
	}
}
