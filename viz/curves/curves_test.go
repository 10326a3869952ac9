package curves

import (
	"math"
	"testing"

	"clexlab/clex"
)

var rotary = clex.Rotary{HeadDim: 32, Dims: 32, Base: 10000, Window: 256}

func scheme(t *testing.T, name string) clex.Scheme {
	t.Helper()
	s, err := clex.New(name, rotary, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The live solve of a field with a closed form must end on the closed form.
func TestLiveEndsOnClosedForm(t *testing.T) {
	for _, c := range []struct {
		scheme, solver string
		tolerance      float64 // on log θ: dopri5 at rtol 1e-6, rk38 at step 0.01 (error of order 1e-8)
	}{{"ntk", "dopri5", 1e-4}, {"yarn", "dopri5", 1e-4}, {"pi", "rk38", 1e-7}, {"clex", "dopri5", 1e-4}} {
		s := scheme(t, c.scheme)
		live, err := NewLive(s, c.solver, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, to := range []float64{1, 1.3, 7.77, 16, 2} {
			if err := live.Solve(to); err != nil {
				t.Fatal(err)
			}
			var e clex.Encoding
			if err := s.Encode(&e, to, 0); err != nil {
				t.Fatal(err)
			}
			for i, want := range e.InvFreq {
				if d := math.Abs(math.Log(live.Theta()[i] / want)); d > c.tolerance {
					t.Errorf("%s by %s at t = %v, pair %d: log θ is off by %v", c.scheme, c.solver, to, i, d)
				}
			}
		}
	}
}

// Between its steps the live curve must follow the closed form too: what is drawn is the solution, not chords.
func TestLiveCurveBetweenSteps(t *testing.T) {
	s := scheme(t, "clex")
	live, err := NewLive(s, "dopri5", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := live.Solve(16); err != nil {
		t.Fatal(err)
	}
	if len(live.Curve.T) < 100 {
		t.Fatalf("%d points from 1 to 16: want at least 100", len(live.Curve.T))
	}
	var e clex.Encoding
	for k, at := range live.Curve.T {
		if err := s.Encode(&e, at, 0); err != nil {
			t.Fatal(err)
		}
		for i, want := range e.InvFreq {
			if d := math.Abs(math.Log(live.Curve.Row(k)[i] / want)); d > 5e-3 {
				t.Fatalf("t = %v, pair %d: log θ is off by %v, more than a pixel", at, i, d)
			}
		}
	}
}

// A file's lists are where they stand, on either side of the window: no field leads there from the plain frequencies.
func TestLiveOfAList(t *testing.T) {
	short, long := make([]float64, rotary.Pairs()), make([]float64, rotary.Pairs())
	for i := range short {
		short[i], long[i] = 1.5, float64(i+2)
	}
	s, err := clex.New("longrope", rotary, clex.Options{Short: short, Long: long})
	if err != nil {
		t.Fatal(err)
	}
	live, err := NewLive(s, "", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	plain := make([]float64, rotary.Pairs())
	rotary.InvFreq(plain)
	for at, list := range map[float64][]float64{1: short, 1.01: long, 7: long} {
		if err := live.Solve(at); err != nil {
			t.Fatal(err)
		}
		for i, got := range live.Theta() {
			if want := plain[i] / list[i]; math.Abs(got/want-1) > 1e-12 {
				t.Errorf("t = %v, pair %d: %v, want %v", at, i, got, want)
			}
		}
	}
}

func TestCurvesAt(t *testing.T) {
	c, err := Sample(scheme(t, "pi"), 16, 97)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []float64{1, 2.5, 9.99, 16, 20} {
		want := 1 / min(at, 16)
		if got := c.At(0, at); math.Abs(got/want-1) > 0.01 {
			t.Errorf("θ_0 of PI at %v: got %v, want %v", at, got, want)
		}
	}
	if got := Nearest(c, 4, c.At(7, 4)*1.05); got != 7 {
		t.Errorf("nearest pair: got %d, want 7", got)
	}
}

func TestSlopeIsTheField(t *testing.T) {
	s := scheme(t, "ntk")
	c, err := Sample(s, 16, 33)
	if err != nil {
		t.Fatal(err)
	}
	z, rate := make([]float64, c.Pairs), make([]float64, c.Pairs)
	want := -(2 * 5.0 / 30) / 4 // dz_i/dt = -(2i/(d-2))/t of NTK-aware scaling
	if got := Slope(s.Field(), c, 4, 5, 0.01, z, rate); math.Abs(got-want) > 1e-12 {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRefusals(t *testing.T) {
	s := scheme(t, "clex")
	if _, err := NewLive(s, "no such solver", 0, 0); err == nil {
		t.Error("an unknown solver is accepted")
	}
	if _, err := NewLive(s, "rk4", -1, 0); err == nil {
		t.Error("a negative step is accepted")
	}
	live, err := NewLive(s, "", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := live.Solve(math.NaN()); err == nil {
		t.Error("t = NaN is accepted")
	}
	if _, err := Sample(s, math.Inf(1), 0); err == nil {
		t.Error("no samples are accepted")
	}
}

func BenchmarkSolve(b *testing.B) {
	s, err := clex.New("clex", rotary, clex.Options{})
	if err != nil {
		b.Fatal(err)
	}
	live, err := NewLive(s, "", 0, 0)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := live.Solve(16); err != nil {
			b.Fatal(err)
		}
	}
}
