package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// lengths cross every boundary of the unrolled loops on every vector width.
var lengths = []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 100, 192, 257}

func source(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 3)) }

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// near fails when got is off want by more than tolerance relative to size (at least 1e-30).
func near(t *testing.T, what string, got float32, want, size, tolerance float64) {
	t.Helper()
	if d := math.Abs(float64(got) - want); !(d <= tolerance*(math.Abs(size)+1e-30)) {
		t.Fatalf("%s = %g, want %g (off %.3g, allowed %.3g)", what, got, want, d, tolerance*math.Abs(size))
	}
}

func TestVectorHelpers(t *testing.T) {
	for _, n := range lengths {
		r := source(uint64(n))
		x, y := randoms(r, n), randoms(r, n)
		var dot, size, top float64
		top = math.Inf(-1)
		for i := range x {
			dot += float64(x[i]) * float64(y[i])
			size += math.Abs(float64(x[i]) * float64(y[i]))
			top = max(top, float64(x[i]))
		}
		near(t, "Dot", Dot(x, y), dot, size, 1e-6)
		near(t, "DotScalar", DotScalar(x, y), dot, size, 1e-6)
		near(t, "SumSquares", SumSquares(x), func() (s float64) {
			for _, v := range x {
				s += float64(v) * float64(v)
			}
			return
		}(), float64(n)+1, 1e-5)
		if float64(Max(x)) != top || float64(MaxScalar(x)) != top {
			t.Fatalf("Max of %d = %v, want %v", n, Max(x), top)
		}
		type two func(dst, x, y []float32)
		for name, c := range map[string]struct {
			f    two
			want func(x, y float64) float64
		}{
			"Add":           {Add, func(x, y float64) float64 { return x + y }},
			"AddScalar":     {AddScalar, func(x, y float64) float64 { return x + y }},
			"Mul":           {Mul, func(x, y float64) float64 { return x * y }},
			"MulScalar":     {MulScalar, func(x, y float64) float64 { return x * y }},
			"MaxWith":       {func(d, x, y []float32) { copy(d, x); MaxWith(d, y) }, func(x, y float64) float64 { return max(x, y) }},
			"MaxWithScalar": {func(d, x, y []float32) { copy(d, x); MaxWithScalar(d, y) }, func(x, y float64) float64 { return max(x, y) }},
			"Scale":         {func(d, x, y []float32) { copy(d, x); Scale(-1.25, d) }, func(x, y float64) float64 { return -1.25 * x }},
			"ScaleScalar":   {func(d, x, y []float32) { copy(d, x); ScaleScalar(-1.25, d) }, func(x, y float64) float64 { return -1.25 * x }},
		} {
			dst := make([]float32, n+1)
			dst[n] = 42
			c.f(dst[:n], x, y)
			for i := range x {
				near(t, fmt.Sprintf("%s[%d/%d]", name, i, n), dst[i], c.want(float64(x[i]), float64(y[i])), math.Abs(float64(x[i]))+math.Abs(float64(y[i])), 1e-6)
			}
			if dst[n] != 42 {
				t.Fatalf("%s wrote past %d elements", name, n)
			}
		}
	}
}

// Sums of the elements from a value up, that value among them, at lengths around those of vectors and pieces.
func TestSumFrom(t *testing.T) {
	for _, n := range append(slices.Clone(lengths), 2048, 4095, 4096, 4099, 20001) {
		x := randoms(source(uint64(n)), n)
		for i, v := range x {
			x[i] = v * v
		}
		for _, least := range append([]float32{0, 0.1, 0.5, 2, 1e9}, x[:min(n, 40)]...) {
			var want float64
			for _, v := range x {
				if v >= least {
					want += float64(v)
				}
			}
			near(t, fmt.Sprintf("SumFrom(%v) of %d", least, n), float32(SumFrom(x, least)), want, want, 1e-5)
			near(t, fmt.Sprintf("SumFromScalar(%v) of %d", least, n), float32(SumFromScalar(x, least)), want, want, 1e-6)
		}
	}
}

// exact are the float64 definitions of the functions of one variable.
var exact = map[string]struct {
	fast, scalar func(dst, x []float32)
	want         func(x float64) float64
	// relative and absolute error allowed
	relative, absolute float64
}{
	"Exp":      {Exp, ExpScalar, math.Exp, 2e-7, 0},
	"SiLU":     {SiLU, SiLUScalar, func(x float64) float64 { return x / (1 + math.Exp(-x)) }, 6e-7, 1e-36},
	"GELU":     {GELU, GELUScalar, func(x float64) float64 { return x / 2 * math.Erfc(-x/math.Sqrt2) }, 3e-6, 1e-9},
	"GELUTanh": {GELUTanh, GELUTanhScalar, func(x float64) float64 { return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))) }, 3e-6, 1e-9},
}

func TestFunctionsOfOneVariable(t *testing.T) {
	for name, c := range exact {
		for form, f := range map[string]func(dst, x []float32){"": c.fast, "Scalar": c.scalar} {
			worst := 0.0
			for _, n := range lengths {
				x := randoms(source(uint64(n)), n)
				for i := range x {
					x[i] *= 8
				}
				dst := make([]float32, n+1)
				dst[n] = 42
				f(dst[:n], x)
				for i, v := range x {
					want := c.want(float64(v))
					off := math.Abs(float64(dst[i]) - want)
					worst = max(worst, off/(math.Abs(want)+1e-30))
					if !(off <= c.relative*math.Abs(want)+c.absolute) {
						t.Fatalf("%s%s(%g) = %g, want %g", name, form, v, dst[i], want)
					}
				}
				if dst[n] != 42 {
					t.Fatalf("%s%s wrote past %d elements", name, form, n)
				}
			}
			t.Logf("%s%s: largest relative error %.2g", name, form, worst)
		}
	}
}

func TestExpEverywhere(t *testing.T) {
	x := make([]float32, 0, 200000)
	for v := -120.0; v < 100; v += 0.0011 {
		x = append(x, float32(v))
	}
	got := make([]float32, len(x))
	Exp(got, x)
	for i, v := range x {
		want := math.Exp(float64(v))
		switch {
		case want > math.MaxFloat32*(1-1e-7):
			if got[i] < math.MaxFloat32*(1-1e-6) {
				t.Fatalf("Exp(%g) = %g, want overflow", v, got[i])
			}
		case want < 0x1p-125:
			if got[i] < 0 || got[i] > 0x1p-124 {
				t.Fatalf("Exp(%g) = %g, want 0", v, got[i])
			}
		default:
			near(t, fmt.Sprintf("Exp(%g)", v), got[i], want, want, 2e-7)
		}
	}
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	special := []float32{inf, -inf, nan, 0, -1e30, 1e30, 88.7, 89}
	out := make([]float32, len(special))
	Exp(out, special)
	if out[0] != inf || out[1] != 0 || out[2] == out[2] || out[3] != 1 || out[4] != 0 || out[5] != inf {
		t.Fatalf("Exp(%v) = %v", special, out)
	}
}

// ExpSum and LogSumExp against float64, at lengths around those of vectors and pieces.
func TestExpSum(t *testing.T) {
	r := source(3)
	for _, n := range []int{1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 255, 256, 257, 2048, 2051} {
		for _, scale := range []float32{0.1, 1, 12.5} {
			x, dst := randoms(r, n), make([]float32, n)
			for i := range x {
				x[i] *= 5
			}
			top := slices.Max(x)
			var want, one float64
			for _, f := range []func(dst, x []float32, shift, scale float32) float32{ExpSum, ExpSumScalar} {
				got := f(dst, x, top, scale)
				want, one = 0, 0
				for i, v := range x {
					e := math.Exp(float64((v - top) * scale))
					near(t, fmt.Sprintf("ExpSum[%d/%d]", i, n), dst[i], e, e, 3e-7)
					want += e
					one += math.Exp(float64(v - top))
				}
				near(t, fmt.Sprintf("ExpSum of %d", n), got, want, want, 2e-6)
			}
			if got, want := LogSumExp(x), float64(top)+math.Log(one); math.Abs(got-want) > 1e-6 {
				t.Fatalf("LogSumExp of %d is %v, want %v", n, got, want)
			}
		}
	}
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, bad := range [][]float32{{1, nan, 2}, {nan}, {nan, -inf}, {1, inf}} {
		if got := LogSumExp(bad); !math.IsNaN(got) {
			t.Errorf("LogSumExp(%v) is %v, want NaN", bad, got)
		}
	}
	if got := LogSumExp([]float32{-inf, -inf}); !math.IsInf(got, -1) {
		t.Errorf("LogSumExp of nothing but -Inf is %v", got)
	}
}

func TestExpDoesNotDependOnPlace(t *testing.T) {
	x := randoms(source(1), 67)
	whole := make([]float32, len(x))
	Exp(whole, x)
	for from := range x {
		part := make([]float32, len(x)-from)
		Exp(part, x[from:])
		for i, v := range part {
			if v != whole[from+i] {
				t.Fatalf("element %d is %g alone and %g in the whole", from+i, v, whole[from+i])
			}
		}
	}
}

func TestSoftmax(t *testing.T) {
	for _, n := range lengths {
		for name, f := range map[string]func([]float32) float32{"SoftmaxRow": SoftmaxRow, "SoftmaxRowScalar": SoftmaxRowScalar} {
			x := randoms(source(uint64(n)), n)
			for i := range x {
				x[i] = x[i]*20 + 300
			}
			if n > 3 {
				x[2] = float32(math.Inf(-1))
			}
			in := widen(x)
			top, s := math.Inf(-1), 0.0
			for _, v := range in {
				top = max(top, v)
			}
			for _, v := range in {
				s += math.Exp(v - top)
			}
			lse := f(x)
			if n == 0 {
				if !math.IsInf(float64(lse), -1) {
					t.Fatalf("%s of nothing = %v", name, lse)
				}
				continue
			}
			near(t, name, lse, top+math.Log(s), top, 2e-7)
			for i, v := range in {
				near(t, fmt.Sprintf("%s[%d/%d]", name, i, n), x[i], math.Exp(v-top)/s, 1, 1e-6)
			}
		}
	}
	gone := []float32{float32(math.Inf(-1)), float32(math.Inf(-1)), float32(math.Inf(-1)), float32(math.Inf(-1)), float32(math.Inf(-1))}
	if lse := SoftmaxRow(gone); !math.IsInf(float64(lse), -1) || gone[0] != 0 || gone[4] != 0 {
		t.Fatalf("softmax of -Inf: %v, log-sum-exp %v", gone, lse)
	}
}

// TestSoftmaxBackward checks the gradient of Σ g·softmax(scale·x) by differences in float64.
func TestSoftmaxBackward(t *testing.T) {
	const scale, step = 0.3, 1e-4
	for _, n := range []int{1, 3, 8, 15, 16, 40} {
		r := source(uint64(n))
		x, g := randoms(r, n), randoms(r, n)
		value := func() (v float64) {
			var total float64
			for i, x := range x {
				e := math.Exp(scale * float64(x))
				v, total = v+e*float64(g[i]), total+e
			}
			return v / total
		}
		prob := append([]float32(nil), x...)
		ScaleScalar(scale, prob)
		SoftmaxRowScalar(prob)
		for name, f := range map[string]func(grad, prob []float32, scale float32){"SoftmaxBackward": SoftmaxBackward, "SoftmaxBackwardScalar": SoftmaxBackwardScalar} {
			grad := append([]float32(nil), g...)
			f(grad, prob, scale)
			for i, v := range x {
				x[i] = v + step
				up, high := value(), x[i]
				x[i] = v - step
				want := (up - value()) / float64(high-x[i])
				x[i] = v
				if math.Abs(float64(grad[i])-want) > 1e-6 {
					t.Errorf("%s, %d values: gradient %d is %g, by differences %g", name, n, i, grad[i], want)
				}
			}
		}
	}
}

func TestGatedBackward(t *testing.T) {
	const h = 1e-6
	silu := func(x float64) float64 { return x / (1 + math.Exp(-x)) }
	for _, n := range lengths {
		r := source(uint64(n))
		gate, up, dy := randoms(r, n), randoms(r, n), randoms(r, n)
		for i := range gate {
			gate[i] *= 4
		}
		out := make([]float32, n)
		for name, f := range map[string]func(dst, gate, up []float32){"SiLUMul": SiLUMul, "SiLUMulScalar": SiLUMulScalar} {
			f(out, gate, up)
			for i := range out {
				want := silu(float64(gate[i])) * float64(up[i])
				near(t, name, out[i], want, math.Abs(want)+1e-3, 1e-6)
			}
		}
		dGate, dUp := make([]float32, n), make([]float32, n)
		for name, f := range map[string]func(dGate, dUp, dy, gate, up []float32){"SiLUMulBackward": SiLUMulBackward, "SiLUMulBackwardScalar": SiLUMulBackwardScalar} {
			f(dGate, dUp, dy, gate, up)
			for i := range dy {
				g, u, d := float64(gate[i]), float64(up[i]), float64(dy[i])
				slope := (silu(g+h) - silu(g-h)) / (2 * h)
				near(t, name+" gate", dGate[i], d*u*slope, math.Abs(d*u)+1e-3, 2e-6)
				near(t, name+" up", dUp[i], d*silu(g), math.Abs(d*g)+1e-3, 1e-6)
			}
		}
	}
}

func TestAdamW(t *testing.T) {
	for _, n := range lengths {
		for name, f := range map[string]func(AdamWStep, []float32, []float32, []float32, []float32){"AdamW": AdamW, "AdamWScalar": AdamWScalar} {
			r := source(uint64(n))
			w, m, v := randoms(r, n), make([]float32, n), make([]float32, n)
			W, M, V := widen(w), make([]float64, n), make([]float64, n)
			for step := 1; step <= 3; step++ {
				g := randoms(r, n)
				s := AdamWStep{LR: 3e-3, Beta1: 0.9, Beta2: 0.95, Eps: 1e-8, Decay: 0.1, Step: step, GradScale: 0.5}
				f(s, w, m, v, g)
				for i := range W {
					d := float64(g[i]) * 0.5
					M[i] = 0.9*M[i] + 0.1*d
					V[i] = 0.95*V[i] + 0.05*d*d
					mh, vh := M[i]/(1-math.Pow(0.9, float64(step))), V[i]/(1-math.Pow(0.95, float64(step)))
					W[i] -= 3e-3 * (0.1*W[i] + mh/(math.Sqrt(vh)+1e-8))
					near(t, fmt.Sprintf("%s step %d [%d/%d]", name, step, i, n), w[i], W[i], math.Abs(W[i])+1e-2, 2e-6)
				}
			}
		}
	}
}
