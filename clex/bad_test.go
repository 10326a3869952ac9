package clex

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
)

// explode is dz/dt = z², which from z(1) = 1 reaches infinity at t = 2.
type explode struct{}

func (explode) Dim() int                                     { return 1 }
func (explode) Rate(dst []float64, _ float64, z []float64)   { dst[0] = z[0] * z[0] }
func (explode) JVP(dst []float64, _ float64, z, v []float64) { dst[0] = 2 * z[0] * v[0] }
func (explode) VJP(dst []float64, _ float64, z, w []float64) { dst[0] = 2 * z[0] * w[0] }

func TestBadInput(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	good := Rotary{HeadDim: 8, Dims: 8, Base: 10000, Window: 256}
	scheme := func(change func(*Rotary), o Options, name string) func() error {
		return func() error {
			r := good
			if change != nil {
				change(&r)
			}
			_, err := New(name, r, o)
			return err
		}
	}
	encode := func(name string, at float64, length int) func() error {
		return func() error {
			s, err := New(name, good, Options{})
			if err != nil {
				t.Fatal(err)
			}
			return s.Encode(&Encoding{}, at, length)
		}
	}
	network := func(change func(*Network)) func() error {
		return func() error {
			n := smallNetwork(t, 8, Tanh)
			change(n)
			_, err := New("clex", good, Options{Network: n})
			return err
		}
	}
	solve := func(f Term, tb *Tableau, c Controller, from, to float64) func() error {
		return func() error {
			s, err := NewSolver(1, tb, c)
			if err != nil {
				return err
			}
			z := []float64{1}
			_, err = s.Solve(context.Background(), f, from, z, to, nil)
			if err != nil && z[0] != 1 {
				t.Errorf("a failed solve changed the start to %v", z[0])
			}
			return err
		}
	}
	dp, tight := &DormandPrince, Adaptive{RTol: 1e-6, ATol: 1e-6}
	for _, c := range []struct {
		name  string
		fail  func() error
		names string
	}{
		{"no head", scheme(func(r *Rotary) { r.HeadDim, r.Dims = 1, 1 }, Options{}, "rope"), "head size 1"},
		{"odd part", scheme(func(r *Rotary) { r.Dims = 5 }, Options{}, "rope"), "5 rotated"},
		{"part above head", scheme(func(r *Rotary) { r.Dims = 10 }, Options{}, "ntk"), "10 rotated"},
		{"base 1", scheme(func(r *Rotary) { r.Base = 1 }, Options{}, "pi"), "base 1"},
		{"base NaN", scheme(func(r *Rotary) { r.Base = nan }, Options{}, "pi"), "base NaN"},
		{"window 0", scheme(func(r *Rotary) { r.Window = 0 }, Options{}, "yarn"), "window of 0"},
		{"pairing", scheme(func(r *Rotary) { r.Pairing = 9 }, Options{}, "yarn"), "pairing 9"},
		{"name", scheme(nil, Options{}, "magic"), `"magic"`},
		{"log-n of 1", scheme(func(r *Rotary) { r.Window = 1 }, Options{LogN: true}, "rope"), "window of 1"},
		{"ramp", scheme(nil, Options{TurnsLow: 4, TurnsHigh: 2}, "parts"), "4 to 2"},
		{"ramp NaN", scheme(nil, Options{TurnsLow: nan}, "llama3"), "NaN"},
		{"factor", scheme(nil, Options{Factor: 0.5}, "dynamic"), "0.5"},
		{"discard", scheme(nil, Options{Discard: 1}, "string"), "share 1"},
		{"local", scheme(nil, Options{Local: 200}, "string"), "200"},
		{"t max", scheme(nil, Options{TMax: 0.5}, "clex"), "0.5"},
		{"tolerance", scheme(nil, Options{RTol: -1}, "clex"), "-1"},
		{"t below 1", encode("pi", 0.5, 0), "t = 0.5"},
		{"t NaN", encode("clex", nan, 0), "t = NaN"},
		{"t infinite", encode("ntk", inf, 0), "t = +Inf"},
		{"t above t max", encode("clex", 17, 0), "17"},
		{"length", encode("dynamic", 1, -3), "-3"},
		{"underflow", func() error {
			s, err := New("pi", Rotary{HeadDim: 8, Dims: 8, Base: 1e300, Window: 256}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			return s.Encode(&Encoding{}, 1e300, 0)
		}, "inverse frequency 1 is 0"},
		{"W_up shape", network(func(n *Network) { n.Up = n.Up[1:] }), "W_up has 31"},
		{"W_down shape", network(func(n *Network) { n.Down = nil }), "W_down has 0"},
		{"W_down NaN", network(func(n *Network) { n.Down[5] = nan }), "W_down[1][1] is NaN"},
		{"W_up infinite", network(func(n *Network) { n.Up[0] = inf }), "W_up[0][0] is +Inf"},
		{"activation", network(func(n *Network) { n.Act = 7 }), "activation 7"},
		{"other head", network(func(n *Network) { *n = *smallNetwork(t, 6, Tanh) }), "network for 6"},
		{"prior", network(func(n *Network) { n.PriorBase = 0.5 }), "0.5"},
		{"step 0", solve(explode{}, &RK4, Fixed{}, 1, 1.5), "step 0"},
		{"step NaN", solve(explode{}, &RK4, Fixed{Step: nan}, 1, 1.5), "step NaN"},
		{"tiny step", solve(explode{}, &RK4, Fixed{Step: 1e-300}, 1, 1.5), "1e-300"},
		{"rtol 0", solve(explode{}, dp, Adaptive{ATol: 1}, 1, 1.5), "relative tolerance 0"},
		{"atol 0", solve(explode{}, dp, Adaptive{RTol: 1}, 1, 1.5), "absolute tolerance 0"},
		{"no estimate", solve(explode{}, &RK4, tight, 1, 1.5), "rk4"},
		{"end NaN", solve(explode{}, dp, tight, 1, nan), "NaN"},
		{"blow-up, adaptive", solve(explode{}, dp, tight, 1, 3), "blows up"},
		{"blow-up, fixed", solve(explode{}, &Euler, Fixed{Step: 0.01}, 1, 30), "blows up"},
		{"adjoint t", func() error {
			f, _ := smallNetwork(t, 8, Tanh).Field()
			a, err := NewAdjoint(f, &RK38, 0.1, 4)
			if err != nil {
				t.Fatal(err)
			}
			return a.Forward(make([]float64, 4), 5)
		}, "t = 5"},
		{"rule", func() error { _, err := LengthRule{Kind: FixedRule}.T(3, 4); return err }, "t = 0"},
		{"rule's bounds", func() error { _, err := LengthRule{TMin: 8, TMax: 4}.T(3, 4); return err }, "at least 8"},
		{"rule's least", func() error { _, err := LengthRule{TMin: 0.5}.T(3, 4); return err }, "0.5"},
		{"rule's window", func() error { _, err := LengthRule{}.T(3, 0); return err }, "window of 0"},
	} {
		err := c.fail()
		if err == nil {
			t.Errorf("%s: no error", c.name)
		} else if !strings.Contains(err.Error(), c.names) {
			t.Errorf("%s: %q does not name %q", c.name, err, c.names)
		}
	}
}

// TestHostileNetwork: a network whose solution leaves the numbers ends in an error, soon.
func TestHostileNetwork(t *testing.T) {
	n := smallNetwork(t, 8, SiLU)
	for i := range n.Down {
		n.Down[i] *= 1e6
	}
	if _, err := NewCLEX(Rotary{HeadDim: 8, Dims: 8, Base: 10000, Window: 256}, Options{Network: n}); err == nil {
		t.Error("no error")
	}
}

func TestWatchAndCancel(t *testing.T) {
	f, err := smallNetwork(t, 16, Tanh).Field()
	if err != nil {
		t.Fatal(err)
	}
	tr, err := NewTrajectory(f, &DormandPrince, Adaptive{RTol: 1e-8, ATol: 1e-8}, 1, logFreq(16))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	seen := 0
	err = tr.Watch(ctx, 16, func(*Step) error {
		if seen++; seen == 3 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || seen != 3 {
		t.Fatalf("cancelled after %d steps: %v", seen, err)
	}
	if _, high := tr.Range(); high <= 1 || high >= 16 {
		t.Fatalf("range ends at %v", high)
	}
	stopped := errors.New("enough")
	if err := tr.Watch(context.Background(), 16, func(*Step) error { return stopped }); !errors.Is(err, stopped) {
		t.Fatal(err)
	}
	if err := tr.Extend(context.Background(), 16); err != nil {
		t.Fatal(err)
	}
	got := make([]float64, 8)
	if err := tr.At(got, 16); err != nil {
		t.Fatal(err)
	}
	want := solveBy(t, f, &DormandPrince, Adaptive{RTol: 1e-11, ATol: 1e-11}, 1, logFreq(16), 16)
	near(t, "resumed", got, want, 1e-6)
	st := tr.Stats()
	if st.Accepted != len(tr.Knots())-1 || st.Accepted+st.Rejected != len(st.Steps) || st.Evals < 6*st.Accepted || !(st.Error > 0) {
		t.Errorf("statistics do not add up: %d accepted, %d rejected, %d steps, %d evals, error %v", st.Accepted, st.Rejected, len(st.Steps), st.Evals, st.Error)
	}
	if err := tr.At(got, 17); err == nil {
		t.Error("read past the end")
	}
}

// TestErrorEstimates: both kinds of estimate are within a factor of 30 above, and not far below, the truth.
func TestErrorEstimates(t *testing.T) {
	f, err := smallNetwork(t, 16, Tanh).Field()
	if err != nil {
		t.Fatal(err)
	}
	want := solveBy(t, f, &DormandPrince, Adaptive{RTol: 1e-12, ATol: 1e-12}, 1, logFreq(16), 8)
	solved := func(tb *Tableau, c Controller) func(z []float64) (Stats, error) {
		return func(z []float64) (Stats, error) {
			s, err := NewSolver(8, tb, c)
			if err != nil {
				return Stats{}, err
			}
			return s.Solve(context.Background(), f, 1, z, 8, nil)
		}
	}
	twice := func(tb *Tableau, step float64) func(z []float64) (Stats, error) {
		return func(z []float64) (Stats, error) { return Richardson(context.Background(), f, tb, step, 1, z, 8) }
	}
	for name, solve := range map[string]func(z []float64) (Stats, error){
		"Richardson of rk4": twice(&RK4, 0.1), "Richardson of midpoint": twice(&Midpoint, 0.05), "bosh3": solved(&BogackiShampine, Adaptive{RTol: 1e-4, ATol: 1e-4}),
	} {
		z := logFreq(16)
		stats, err := solve(z)
		if err != nil {
			t.Fatal(err)
		}
		var worst float64
		for i := range z {
			worst = max(worst, math.Abs(z[i]-want[i]))
		}
		if stats.Error < worst/3 || stats.Error > 30*worst {
			t.Errorf("%s: estimate %.3g, error %.3g", name, stats.Error, worst)
		}
	}
}

func TestSolveAllocates(t *testing.T) {
	f, err := smallNetwork(t, 16, Tanh).Field()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		tb      *Tableau
		control Controller
	}{{&RK38, Fixed{Step: 0.01}}, {&DormandPrince, Adaptive{RTol: 1e-10, ATol: 1e-10}}} {
		s, err := NewSolver(8, c.tb, c.control)
		if err != nil {
			t.Fatal(err)
		}
		z, start := make([]float64, 8), logFreq(16)
		n := testing.AllocsPerRun(3, func() {
			copy(z, start)
			if _, err := s.Solve(context.Background(), f, 1, z, 16, nil); err != nil {
				t.Fatal(err)
			}
		})
		// The closures of the first step's choice, whatever the number of steps.
		if n > 4 {
			t.Errorf("%s: %v allocations in a solve", c.tb.Name, n)
		}
	}
}
