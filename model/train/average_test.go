package train

import (
	"math"
	"slices"
	"testing"
)

// TestAverage follows the mean of weights by hand, in float64, from the step where it begins; what
// the run leaves behind is that mean, and a resumed run goes on with it.
func TestAverage(t *testing.T) {
	r, err := ParseRecipe([]byte(goodRecipe))
	if err != nil {
		t.Fatal(err)
	}
	r.Model.Vocab, r.Average = 1024, &Average{From: 0.5, Decay: 0.75}
	tr := fillerTrainer(t, r)
	steps(t, tr, 3)
	if p, _, err := tr.Result(); err != nil || !slices.Equal(p.Flat, tr.Parameters.Flat) {
		t.Errorf("before the mean begins the run leaves other weights than its own (%v)", err)
	}
	var weights, field []float64
	follow := func(n int) {
		for range n {
			steps(t, tr, 1)
			net := slices.Concat(tr.Field.Network.Up, tr.Field.Network.Down)
			if weights == nil {
				for _, v := range tr.Parameters.Flat {
					weights = append(weights, float64(v))
				}
				field = net
				continue
			}
			for i, v := range tr.Parameters.Flat {
				weights[i] = 0.75*weights[i] + 0.25*float64(v)
			}
			for i, v := range net {
				field[i] = 0.75*field[i] + 0.25*v
			}
		}
	}
	follow(2)
	dir := t.TempDir()
	if err := tr.Save(dir); err != nil {
		t.Fatal(err)
	}
	tr = fillerTrainer(t, r)
	if _, err := tr.Resume(dir); err != nil {
		t.Fatal(err)
	}
	follow(2)
	p, net, err := tr.Result()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range weights {
		if math.Abs(float64(p.Flat[i])-want) > 1e-6 {
			t.Fatalf("weight %d is %v, want %v", i, p.Flat[i], want)
		}
	}
	for i, got := range slices.Concat(net.Up, net.Down) {
		if math.Abs(got-field[i]) > 1e-12 {
			t.Fatalf("the field's weight %d is %v, want %v", i, got, field[i])
		}
	}
}

// TestTurningPairsLearnSlower: a first step of Adam moves every weight by the rate; with a bound on
// turns it moves those of column i by s_i of it, s_i from the closed form of the prior, NTK with α = 2t-1.
func TestTurningPairsLearnSlower(t *testing.T) {
	r, err := ParseRecipe([]byte(goodRecipe))
	if err != nil {
		t.Fatal(err)
	}
	r.Model.Vocab, r.Warmup, r.FieldTurn = 1024, 0, 0.5
	r.T = FactorChoice{Min: 4, Max: 4}
	tr := fillerTrainer(t, r)
	steps(t, tr, 1)
	d := float64(r.Model.HeadDim)
	for i, got := range tr.Field.Network.Down[:r.Model.HeadDim/2] {
		theta := math.Pow(r.Model.Base*math.Pow(2*4-1, d/(d-2)), -2*float64(i)/d)
		want := r.FieldRate * min(1, 0.5/(theta*4*float64(r.Model.Window)))
		if math.Abs(math.Abs(got)-want) > 0.02*want {
			t.Errorf("column %d moved by %v, want %v", i, got, want)
		}
	}
}

// TestNoRateLeavesThePrior: without a rate the field stays as it began, so that weights can be tuned under it alone.
func TestNoRateLeavesThePrior(t *testing.T) {
	r, err := ParseRecipe([]byte(goodRecipe))
	if err != nil {
		t.Fatal(err)
	}
	r.Model.Vocab, r.FieldRate = 1024, 0
	tr := fillerTrainer(t, r)
	before := tr.Field.Network.Clone()
	steps(t, tr, 3)
	if !slices.Equal(tr.Field.Network.Up, before.Up) || !slices.Equal(tr.Field.Network.Down, before.Down) {
		t.Error("the field moved")
	}
}
