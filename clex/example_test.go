package clex_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"clexlab/clex"
)

// llama is the rotary geometry of a model with heads of 64, trained on 2,048 tokens.
var llama = clex.Rotary{HeadDim: 64, Dims: 64, Base: 10000, Window: 2048}

// A scheme turns t into data that a transformer rotates with. YaRN at four times the window leaves the fastest
// pair alone, divides the slowest by 4 and sharpens attention a little.
func ExampleNew() {
	yarn, err := clex.New("yarn", llama, clex.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	plain := llama.Plain()
	var e clex.Encoding
	if err := yarn.Encode(&e, 4, 0); err != nil {
		fmt.Println(err)
		return
	}
	for _, i := range []int{0, 12, 16, 31} {
		fmt.Printf("pair %2d: a turn in %8.1f tokens, then in %8.1f\n", i, clex.Wavelength(plain.InvFreq[i]), clex.Wavelength(e.InvFreq[i]))
	}
	fmt.Printf("attention factor %.4f\n", e.AttentionFactor)
	// Output:
	// pair  0: a turn in      6.3 tokens, then in      6.3
	// pair 12: a turn in    198.7 tokens, then in    258.3
	// pair 16: a turn in    628.3 tokens, then in   1166.9
	// pair 31: a turn in  47117.2 tokens, then in 188469.0
	// attention factor 1.1386
}

// STRING leaves frequencies alone and moves positions: distances from a third of the window on start again at a small one.
func ExampleRemap_Distance() {
	s, err := clex.New("string", clex.Rotary{HeadDim: 64, Dims: 64, Base: 10000, Window: 9}, clex.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var e clex.Encoding
	if err := s.Encode(&e, 1, 9); err != nil {
		fmt.Println(err)
		return
	}
	for distance := range 9 {
		fmt.Print(e.Remap.Distance(distance), " ")
	}
	fmt.Println()
	// Output: 0 1 2 1 2 3 4 5 6
}

// Which t a text of some length is read at.
func ExampleLengthRule() {
	paper := clex.LengthRule{}
	floor := clex.LengthRule{Kind: clex.ContinuousRule, TMin: 4, TMax: 64}
	for _, n := range []int{500, 3000, 20_000} {
		a, err := paper.T(n, 2048)
		if err != nil {
			fmt.Println(err)
			return
		}
		b, err := floor.T(n, 2048)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%6d tokens: t = ⌈n/L⌉ = %g, t = max(4, n/L) = %.3g\n", n, a, b)
	}
	// Output:
	//    500 tokens: t = ⌈n/L⌉ = 1, t = max(4, n/L) = 4
	//   3000 tokens: t = ⌈n/L⌉ = 2, t = max(4, n/L) = 4
	//  20000 tokens: t = ⌈n/L⌉ = 10, t = max(4, n/L) = 9.77
}

// A solver takes one field from one t to another. Untrained, CLEX's field is NTK-aware scaling with 2t-1 in place of t,
// so that the slowest pair ends 7 times slower at t = 4.
func ExampleSolver_Solve() {
	s, err := clex.New("clex", llama, clex.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	solver, err := clex.NewSolver(llama.Pairs(), &clex.DormandPrince, clex.Adaptive{RTol: 1e-8, ATol: 1e-8})
	if err != nil {
		fmt.Println(err)
		return
	}
	z := make([]float64, llama.Pairs())
	llama.LogFreq(z)
	slowest := z[31]
	stats, err := solver.Solve(context.Background(), s.Field(), 1, z, 4, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.6f times slower, in fewer than 40 steps: %v\n", math.Exp(slowest-z[31]), stats.Accepted < 40)
	// Output: 7.000000 times slower, in fewer than 40 steps: true
}

// Fixed steps know nothing of their error; two solves do.
func ExampleRichardson() {
	s, err := clex.New("ntk", llama, clex.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	z := make([]float64, llama.Pairs())
	llama.LogFreq(z)
	exact := z[31] - math.Log(16)
	stats, err := clex.Richardson(context.Background(), s.Field(), &clex.RK4, 0.25, 1, z, 16)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("estimated %.0e, true %.0e\n", stats.Error, math.Abs(z[31]-exact))
	// Output: estimated 7e-06, true 8e-06
}

// A trajectory is solved once and read at any t.
func ExampleTrajectory() {
	s, err := clex.New("pi", llama, clex.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	start := make([]float64, llama.Pairs())
	llama.LogFreq(start)
	tr, err := clex.NewTrajectory(s.Field(), &clex.DormandPrince, clex.Adaptive{RTol: 1e-9, ATol: 1e-9}, 1, start)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := tr.Extend(context.Background(), 16); err != nil {
		fmt.Println(err)
		return
	}
	z := make([]float64, llama.Pairs())
	for _, t := range []float64{1, 2, 7.5, 16} {
		if err := tr.At(z, t); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("t = %4g: frequencies divided by %.4f\n", t, math.Exp(start[0]-z[0]))
	}
	// Output:
	// t =    1: frequencies divided by 1.0000
	// t =    2: frequencies divided by 2.0000
	// t =  7.5: frequencies divided by 7.5000
	// t =   16: frequencies divided by 16.0000
}

// The gradient of a loss on z(t) by the field's weights, beside a finite difference.
func ExampleAdjoint() {
	net, err := clex.NewNetwork(8, 1, clex.Tanh, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		fmt.Println(err)
		return
	}
	field, err := net.Field()
	if err != nil {
		fmt.Println(err)
		return
	}
	adjoint, err := clex.NewAdjoint(field, &clex.RK38, 0.01, 4)
	if err != nil {
		fmt.Println(err)
		return
	}
	// The loss is the sum of z(4).
	loss := func() (sum float64) {
		z := make([]float64, 4)
		clex.Rotary{HeadDim: 8, Dims: 8, Base: 10000, Window: 256}.LogFreq(z)
		if err := adjoint.Forward(z, 4); err != nil {
			return math.NaN()
		}
		for _, v := range z {
			sum += v
		}
		return sum
	}
	loss()
	grad := make([]float64, net.Params())
	if err := adjoint.Backward(grad, nil, []float64{1, 1, 1, 1}); err != nil {
		fmt.Println(err)
		return
	}
	_, down := net.Split(grad)
	const h = 1e-6
	net.Down[0] += h
	above := loss()
	net.Down[0] -= 2 * h
	below := loss()
	fmt.Printf("the two differ by %.0g\n", math.Round(math.Abs(down[0]-(above-below)/(2*h))*1e6)/1e6)
	// Output: the two differ by 0
}
