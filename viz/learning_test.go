package viz

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// A field in training is named as one wherever frequencies are shown, beside the prior that it began as, whose curves are
// NTK-aware scaling with α = 2t − 1; other pictures and a model that is not in training know nothing of it.
func TestFieldInTraining(t *testing.T) {
	const label = "CLEX, in training, step 40"
	v, l, _ := newTestView(t, scene.Trajectories, 900, 700)
	words := func(name scene.Name) []string {
		t.Helper()
		file, err := v.SVG(name, scene.Story{}, l.Type)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, e := range elements(t, file) {
			if strings.TrimSpace(e.words) != "" {
				out = append(out, e.words)
			}
		}
		return out
	}
	plain := v.world.model
	learning := plain
	network, err := clex.NewNetwork(32, 1, clex.Tanh, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range network.Down {
		network.Down[i] = -0.05
	}
	learning.Network, learning.Learning = network, &scene.Learning{Step: 40}
	before := v.all[scene.Trajectories].table()
	if err := v.Take(&learning); err != nil {
		t.Fatal(err)
	}
	for _, name := range []scene.Name{scene.Trajectories, scene.Spectrum} {
		if w := words(name); !slices.Contains(w, label) || !slices.Contains(w, priorLabel) || slices.Contains(w, "CLEX") {
			t.Errorf("%s says %q", name, w)
		}
	}
	if w := words(scene.Losses); slices.Contains(w, label) || !slices.Contains(w, "CLEX") {
		t.Errorf("the losses, which the model in use has, say %q", w)
	}
	// Of pair i in d components the prior says θ_i·(2t − 1)^(−2i/(d − 2)).
	priors, moved := 0, false
	for k, row := range v.all[scene.Trajectories].table() {
		number := func(i int) float64 {
			x, err := strconv.ParseFloat(row[i], 64)
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		switch row[0] {
		case priorName:
			priors++
			pair := number(1)
			want := math.Pow(10000, -pair/16) * math.Pow(2*number(2)-1, -2*pair/30)
			if got := number(3); math.Abs(got-want) > 1e-6*want {
				t.Errorf("prior of pair %v at t = %v: %v, want %v", pair, number(2), got, want)
			}
		case "clex, in training, step 40":
			moved = moved || row[3] != before[k][3]
		case "clex":
			t.Fatal("a curve in training goes by the method's bare name")
		}
	}
	if priors != samples*16 || !moved {
		t.Errorf("%d rows of the prior, moved: %t", priors, moved)
	}
	if err := v.Take(&plain); err != nil {
		t.Fatal(err)
	}
	if w := strings.Join(words(scene.Trajectories), "|"); strings.Contains(w, "training,") || strings.Contains(w, priorLabel) {
		t.Errorf("after the training: %s", w)
	}
}

// The part of the axis that the reader chose stays while a field learns.
func TestZoomOutlivesAStep(t *testing.T) {
	v, _, _ := newTestView(t, scene.Trajectories, 900, 700)
	p := v.all[scene.Trajectories].(*trajectories)
	p.zoom(paint.Point{X: p.plot.X + 9, Y: p.plot.Y + p.plot.H/2}, 0.5)
	chosen := p.zoomY
	learning := v.world.model
	network, err := clex.NewNetwork(32, 1, clex.Tanh, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range network.Down {
		network.Down[i] = -0.3
	}
	learning.Network, learning.Learning = network, &scene.Learning{Step: 1}
	if err := v.Take(&learning); err != nil {
		t.Fatal(err)
	}
	if z := p.zoomY; z.From != chosen.From || z.To != chosen.To || z.Low == chosen.Low && z.High == chosen.High {
		t.Errorf("zoomed to %+v, then %+v", chosen, z)
	}
}

// Pictures that do not show frequencies are not painted anew for a field that learns, and show them when they are chosen.
func TestOtherPicturesRestWhileAFieldLearns(t *testing.T) {
	v, l, _ := newTestView(t, scene.Losses, 900, 700)
	draw(v, l)
	v.Painted()
	learning := v.world.model
	learning.Learning = &scene.Learning{Step: 3}
	if err := v.Take(&learning); err != nil {
		t.Fatal(err)
	}
	if back, front := v.Stale(); back || front {
		t.Error("the losses are painted anew")
	}
	next := v.world.state
	next.Scene = scene.Spectrum
	if err := v.Take(&next); err != nil {
		t.Fatal(err)
	}
	draw(v, l)
	v.Painted()
	learning.Learning = &scene.Learning{Step: 13}
	if err := v.Take(&learning); err != nil {
		t.Fatal(err)
	}
	if back, _ := v.Stale(); !back {
		t.Error("the spectrum is not")
	}
}

// A training to t = 4 of a model that goes to 16 has curves to 4, its prior's as well, and a solve that ends there wherever t stands;
// other methods keep to the model's t. One that goes further than the model is drawn as far as that.
func TestFieldInTrainingEndsAtItsT(t *testing.T) {
	v, l, _ := newTestView(t, scene.Trajectories, 900, 700)
	learning := v.world.model
	learning.Learning = &scene.Learning{Step: 7, TMax: 4}
	s := v.world.state
	s.T = 9
	for _, m := range []any{&learning, &s} {
		if err := v.Take(m); err != nil {
			t.Fatal(err)
		}
	}
	file, err := v.SVG(scene.Trajectories, scene.Story{}, l.Type)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(file), "CLEX, in training to t = 4, step 7") {
		t.Error("the picture does not say how far it is trained")
	}
	ends := func() map[string]float64 {
		t.Helper()
		out := map[string]float64{}
		for _, row := range v.all[scene.Trajectories].table()[1:] {
			at, err := strconv.ParseFloat(row[2], 64)
			if err != nil {
				t.Fatal(err)
			}
			out[row[0]] = max(out[row[0]], at)
		}
		return out
	}
	if got := ends(); got["clex, in training to t = 4, step 7"] != 4 || got[priorName] != 4 || got["pi"] != 16 {
		t.Errorf("curves end at %v", got)
	}
	v.world.solve()
	c := &v.world.live.Curve
	if end := c.T[len(c.T)-1]; v.world.trouble != "" || math.Abs(end-4) > 1e-9 {
		t.Errorf("the solve ends at %v: %s", end, v.world.trouble)
	}
	learning.Learning = &scene.Learning{Step: 7, TMax: 64}
	if err := v.Take(&learning); err != nil {
		t.Fatal(err)
	}
	if got := ends(); got["clex, in training, step 7"] != 16 {
		t.Errorf("a training that goes further than the model: %v", got)
	}
}
