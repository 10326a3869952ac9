package clex

import (
	"fmt"
	"strings"
)

// Euler is the explicit Euler method: order 1, one evaluation a step (Euler 1768).
var Euler = Tableau{
	Name: "euler", Title: "Euler", Order: 1,
	A: [][]float64{{}},
	B: []float64{1},
	C: []float64{0},
}

// Midpoint is the explicit midpoint method: order 2, two evaluations a step (Runge 1895).
var Midpoint = Tableau{
	Name: "midpoint", Title: "Midpoint", Order: 2,
	A: [][]float64{{}, {0.5}},
	B: []float64{0, 1},
	C: []float64{0, 0.5},
}

// RK4 is the classic Runge–Kutta method: order 4, four evaluations a step (Kutta 1901).
var RK4 = Tableau{
	Name: "rk4", Title: "Classic RK4", Order: 4,
	A: [][]float64{{}, {0.5}, {0, 0.5}, {0, 0, 1}},
	B: []float64{1. / 6, 1. / 3, 1. / 3, 1. / 6},
	C: []float64{0, 0.5, 0.5, 1},
}

// RK38 is Kutta's 3/8 rule: order 4, four evaluations a step, and a smaller error than
// RK4's (Kutta 1901). torchdiffeq, and with it CLEX's reference code, calls this one rk4.
var RK38 = Tableau{
	Name: "rk38", Title: "3/8-rule RK4", Order: 4,
	A: [][]float64{{}, {1. / 3}, {-1. / 3, 1}, {1, -1, 1}},
	B: []float64{1. / 8, 3. / 8, 3. / 8, 1. / 8},
	C: []float64{0, 1. / 3, 2. / 3, 1},
}

// BogackiShampine is the 3(2) pair: order 3 with an embedded order 2, FSAL, three
// evaluations a step (Bogacki, Shampine 1989).
var BogackiShampine = Tableau{
	Name: "bosh3", Title: "Bogacki–Shampine 3(2)", Order: 3, Embedded: 2,
	A: [][]float64{{}, {1. / 2}, {0, 3. / 4}, {2. / 9, 1. / 3, 4. / 9}},
	B: []float64{2. / 9, 1. / 3, 4. / 9, 0},
	C: []float64{0, 1. / 2, 3. / 4, 1},
	E: []float64{2./9 - 7./24, 1./3 - 1./4, 4./9 - 1./3, -1. / 8},
}

// DormandPrince is the 5(4) pair: order 5 with an embedded order 4, FSAL, six evaluations a
// step (Dormand, Prince 1980), and its interpolant of order 4 (Shampine 1986).
var DormandPrince = Tableau{
	Name: "dopri5", Title: "Dormand–Prince 5(4)", Order: 5, Embedded: 4,
	A: [][]float64{
		{},
		{1. / 5},
		{3. / 40, 9. / 40},
		{44. / 45, -56. / 15, 32. / 9},
		{19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
		{9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
		{35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84},
	},
	B: []float64{35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84, 0},
	C: []float64{0, 1. / 5, 3. / 10, 4. / 5, 8. / 9, 1, 1},
	E: []float64{71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40},
	Dense: [][4]float64{
		{1, -8048581381. / 2820520608, 8663915743. / 2820520608, -12715105075. / 11282082432},
		{},
		{0, 131558114200. / 32700410799, -68118460800. / 10900136933, 87487479700. / 32700410799},
		{0, -1754552775. / 470086768, 14199869525. / 1410260304, -10690763975. / 1880347072},
		{0, 127303824393. / 49829197408, -318862633887. / 49829197408, 701980252875. / 199316789632},
		{0, -282668133. / 205662961, 2019193451. / 616988883, -1453857185. / 822651844},
		{0, 40617522. / 29380423, -110615467. / 29380423, 69997945. / 29380423},
	},
}

// Tableaus lists the methods of this package, lowest order first.
func Tableaus() []*Tableau {
	return []*Tableau{&Euler, &Midpoint, &BogackiShampine, &RK4, &RK38, &DormandPrince}
}

// TableauNamed returns the method called name; the error lists the known ones.
func TableauNamed(name string) (*Tableau, error) {
	var known []string
	for _, tb := range Tableaus() {
		if tb.Name == name {
			return tb, nil
		}
		known = append(known, tb.Name)
	}
	return nil, fmt.Errorf("clex: no solver is called %q: want one of %s", name, strings.Join(known, ", "))
}
