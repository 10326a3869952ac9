package clex

import (
	"context"
	"embed"
	"encoding/json"
	"math"
	"testing"
)

// golden is embedded because a browser, where the benchmarks run as well, has no files.
//
//go:embed testdata/*.json
var golden embed.FS

// The files in testdata were computed in float64 from the papers' formulas and
// cross-checked against the authors' released code; see the note in each.

type clexCase struct {
	HeadDim int         `json:"head_dim"`
	Act     string      `json:"act"`
	Base    float64     `json:"base"`
	Up      [][]float64 `json:"up"`
	Down    [][]float64 `json:"down"`
	Field   []struct {
		T    float64   `json:"t"`
		Z    []float64 `json:"z"`
		DZDT []float64 `json:"dzdt"`
	} `json:"field"`
	RK4   []solution `json:"rk4_38"`
	Exact []solution `json:"exact"`
}

type solution struct {
	T       float64   `json:"t"`
	Step    float64   `json:"step"`
	LogFreq []float64 `json:"log_freq"`
}

func readGolden(t testing.TB, name string, into any) {
	t.Helper()
	data, err := golden.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func goldenNetworks(t testing.TB) ([]clexCase, []*Network) {
	t.Helper()
	var file struct{ Cases []clexCase }
	readGolden(t, "clex.json", &file)
	if len(file.Cases) != 3 {
		t.Fatalf("clex.json has %d cases, want 3", len(file.Cases))
	}
	var nets []*Network
	for _, c := range file.Cases {
		act, err := ParseActivation(c.Act)
		if err != nil {
			t.Fatal(err)
		}
		n := &Network{Dims: c.HeadDim, Hidden: len(c.Down), Act: act}
		for _, row := range c.Up {
			n.Up = append(n.Up, row...)
		}
		for _, row := range c.Down {
			n.Down = append(n.Down, row...)
		}
		nets = append(nets, n)
	}
	return file.Cases, nets
}

// near fails the test when a component differs by more than tol, relative above 1 in size.
func near(t testing.TB, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if d := math.Abs(got[i] - want[i]); !(d <= tol*max(1, math.Abs(want[i]))) {
			t.Fatalf("%s: component %d is %v, want %v (off by %.3g, tolerance %g)", what, i, got[i], want[i], d, tol)
		}
	}
}

// nearRel is near with a purely relative tolerance, for frequencies of any size.
func nearRel(t testing.TB, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if d := math.Abs(got[i]/want[i] - 1); !(d <= tol) {
			t.Fatalf("%s: component %d is %v, want %v (relative error %.3g, tolerance %g)", what, i, got[i], want[i], d, tol)
		}
	}
}

func TestGoldenField(t *testing.T) {
	cases, nets := goldenNetworks(t)
	for i, c := range cases {
		f, err := nets[i].Field()
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float64, f.Dim())
		for _, p := range c.Field {
			f.Rate(got, p.T, p.Z)
			near(t, "dz/dt", got, p.DZDT, 1e-12)
		}
	}
}

func TestGoldenSolutions(t *testing.T) {
	cases, nets := goldenNetworks(t)
	for i, c := range cases {
		f, err := nets[i].Field()
		if err != nil {
			t.Fatal(err)
		}
		start := make([]float64, f.Dim())
		Rotary{Dims: c.HeadDim, Base: c.Base}.LogFreq(start)
		solve := func(tb *Tableau, control Controller, to float64) []float64 {
			s, err := NewSolver(f.Dim(), tb, control)
			if err != nil {
				t.Fatal(err)
			}
			z := append([]float64(nil), start...)
			if _, err := s.Solve(context.Background(), f, 1, z, to, nil); err != nil {
				t.Fatal(err)
			}
			return z
		}
		for _, p := range c.RK4 {
			// Same method, same steps: rounding only, over up to 1500 steps.
			near(t, "rk38, step 0.01", solve(&RK38, Fixed{Step: p.Step}, p.T), p.LogFreq, 1e-11)
		}
		for _, p := range c.Exact {
			near(t, "rk38 against exact", solve(&RK38, Fixed{Step: 0.01}, p.T), p.LogFreq, 1e-8)
			near(t, "dopri5 against exact", solve(&DormandPrince, Adaptive{RTol: 1e-10, ATol: 1e-10}, p.T), p.LogFreq, 1e-8)
		}
	}
}

// TestGoldenScheme reads the default scheme's dense output where the golden solution is known.
func TestGoldenScheme(t *testing.T) {
	cases, nets := goldenNetworks(t)
	for i, c := range cases {
		r := Rotary{HeadDim: c.HeadDim, Dims: c.HeadDim, Base: c.Base, Window: 256}
		s, err := NewCLEX(r, Options{Network: nets[i]})
		if err != nil {
			t.Fatal(err)
		}
		var e Encoding
		for _, p := range c.Exact {
			if err := s.Encode(&e, p.T, 0); err != nil {
				t.Fatal(err)
			}
			want := make([]float64, len(p.LogFreq))
			for j, z := range p.LogFreq {
				want[j] = math.Exp(z)
			}
			// Frequencies from a solve at the default tolerance of 1e-8 per step.
			nearRel(t, "frequencies", e.InvFreq, want, 1e-6)
		}
	}
}

func TestGoldenFrequencies(t *testing.T) {
	var file struct {
		Cases []struct {
			HeadDim   int     `json:"head_dim"`
			Base      float64 `json:"base"`
			Window    int     `json:"window"`
			S         float64 `json:"s"`
			Plain     []float64
			PI        []float64
			NTK       []float64
			Prior     []float64 `json:"clex_prior"`
			YaRN      []float64
			Attention float64 `json:"yarn_attention_factor"`
			LowDim    float64 `json:"yarn_low_dim"`
			HighDim   float64 `json:"yarn_high_dim"`
			Llama3    []float64
		}
	}
	readGolden(t, "frequencies.json", &file)
	if len(file.Cases) != 20 {
		t.Fatalf("frequencies.json has %d cases, want 20", len(file.Cases))
	}
	for _, c := range file.Cases {
		r := Rotary{HeadDim: c.HeadDim, Dims: c.HeadDim, Base: c.Base, Window: c.Window}
		for _, m := range []struct {
			name   string
			o      Options
			want   []float64
			factor float64
			tol    float64
		}{
			{"rope", Options{}, c.Plain, 1, 1e-12},
			{"pi", Options{}, c.PI, 1, 1e-12},
			{"ntk", Options{}, c.NTK, 1, 1e-12},
			{"yarn", Options{}, c.YaRN, c.Attention, 1e-12},
			{"llama3", Options{}, c.Llama3, 1, 1e-12},
			{"string", Options{}, c.Plain, 1.0693147180559945, 1e-12}, // 0.1·ln 2 + 1
			{"dynamic", Options{Factor: 2}, c.Prior, 1, 1e-12},
			// Untrained CLEX comes from a solve, not from a formula.
			{"clex", Options{}, c.Prior, 1, 1e-6},
			{"clex", Options{RTol: 1e-12}, c.Prior, 1, 1e-9},
		} {
			s, err := New(m.name, r, m.o)
			if err != nil {
				t.Fatal(err)
			}
			var e Encoding
			if err := s.Encode(&e, c.S, 0); err != nil {
				t.Fatal(err)
			}
			nearRel(t, m.name, e.InvFreq, m.want, m.tol)
			nearRel(t, m.name+" attention factor", []float64{e.AttentionFactor}, []float64{m.factor}, 1e-12)
		}
		y, err := NewYaRN(r, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if low, high := y.Ramp(); low != c.LowDim || high != c.HighDim {
			t.Errorf("yarn ramp %v … %v, want %v … %v", low, high, c.LowDim, c.HighDim)
		}
	}
}

func TestGoldenRotation(t *testing.T) {
	var file struct {
		Cases []struct {
			HeadDim     int `json:"head_dim"`
			Position    float64
			Base        float64
			X           []float64
			HalfSplit   []float64 `json:"half_split"`
			Interleaved []float64
		}
	}
	readGolden(t, "rope.json", &file)
	if len(file.Cases) == 0 {
		t.Fatal("rope.json has no cases")
	}
	for _, c := range file.Cases {
		for pairing, want := range map[Pairing][]float64{HalfSplit: c.HalfSplit, Interleaved: c.Interleaved} {
			r := Rotary{HeadDim: c.HeadDim, Dims: c.HeadDim, Base: c.Base, Window: 256, Pairing: pairing}
			theta := make([]float64, r.Pairs())
			r.InvFreq(theta)
			x := append([]float64(nil), c.X...)
			r.Rotate(x, c.Position, theta, 1)
			// An angle of up to 4095 rad carries rounding of that size into sin and cos.
			near(t, "rotation "+pairing.String(), x, want, 1e-11)
		}
	}
}
