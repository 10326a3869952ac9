package clex

import (
	"fmt"
	"math"
)

// Tableau is an explicit Runge–Kutta method as a Butcher table of s stages:
//
//	k_i = f(t + c_i·h, z + h·Σ_{j<i} a_ij·k_j)
//	z(t+h) ≈ z + h·Σ b_i·k_i
type Tableau struct {
	// Name is the short stable identifier ("dopri5").
	Name string
	// Title is what people call it.
	Title string
	// Order p: the error of a whole solve shrinks as step^p.
	Order int
	// Embedded is the order of the method whose difference estimates the error, 0 without one.
	Embedded int
	// A has s rows; row i holds a_i0 … a_i(i-1).
	A [][]float64
	// B and C have s entries.
	B, C []float64
	// E is b - b̂ of the embedded pair, s entries, or nil.
	E []float64
	// Dense holds, for every stage, the coefficients of σ, σ², σ³, σ⁴ of the
	// method's own interpolant z(t+σh) = z + h·Σ_i k_i·Σ_p Dense[i][p]·σ^(p+1). Nil
	// means the cubic Hermite interpolant between both ends.
	Dense [][4]float64
}

// Stages is the number of stages s.
func (tb *Tableau) Stages() int { return len(tb.B) }

// FSAL tells whether the last stage is the rate at the step's end ("first same
// as last"), so that the next step has its first stage for nothing.
func (tb *Tableau) FSAL() bool {
	s := len(tb.B)
	if s == 0 || tb.C[s-1] != 1 || tb.B[s-1] != 0 || len(tb.A[s-1]) != s-1 {
		return false
	}
	for j, a := range tb.A[s-1] {
		if a != tb.B[j] {
			return false
		}
	}
	return true
}

// Validate returns an error that names the first entry no consistent explicit
// Runge–Kutta method can have.
func (tb *Tableau) Validate() error {
	s := len(tb.B)
	switch {
	case s == 0 || s > 64:
		return fmt.Errorf("clex: solver %q has %d stages: want 1 … 64", tb.Name, s)
	case len(tb.A) != s || len(tb.C) != s:
		return fmt.Errorf("clex: solver %q: %d rows of a and %d of c for %d stages", tb.Name, len(tb.A), len(tb.C), s)
	case tb.E != nil && len(tb.E) != s, tb.Dense != nil && len(tb.Dense) != s:
		return fmt.Errorf("clex: solver %q: error weights or dense output do not have %d stages", tb.Name, s)
	case tb.Order < 1:
		return fmt.Errorf("clex: solver %q: order %d: want at least 1", tb.Name, tb.Order)
	case (tb.E != nil) != (tb.Embedded > 0):
		return fmt.Errorf("clex: solver %q: error weights and an embedded order go together", tb.Name)
	}
	for i, row := range tb.A {
		if len(row) > i {
			return fmt.Errorf("clex: solver %q: row %d of a has %d entries: explicit methods have at most %d", tb.Name, i, len(row), i)
		}
		if sum := total(row); !(math.Abs(sum-tb.C[i]) < 1e-12) {
			return fmt.Errorf("clex: solver %q: row %d of a sums to %v, not to c = %v", tb.Name, i, sum, tb.C[i])
		}
	}
	if sum := total(tb.B); !(math.Abs(sum-1) < 1e-12) {
		return fmt.Errorf("clex: solver %q: b sums to %v, not to 1", tb.Name, sum)
	}
	return nil
}

func total(x []float64) float64 {
	var s float64
	for _, v := range x {
		s += v
	}
	return s
}
