package clex

import (
	"context"
	"math"
)

// Richardson solves f from t0 to t1 twice by tb, in steps of size step and of twice that, writes the
// state of the finer solve into z (length f.Dim), and estimates its largest error by Richardson
// extrapolation: (fine - coarse)/(2^order - 1) (Hairer, Nørsett, Wanner, Solving ODEs I, section II.4). The
// statistics are those of the fine solve with the evaluations of both and the estimate as
// Error. On an error z keeps the start.
func Richardson(ctx context.Context, f Term, tb *Tableau, step, t0 float64, z []float64, t1 float64) (Stats, error) {
	var stats [2]Stats
	var ends [2][]float64
	for i, size := range []float64{step, 2 * step} {
		s, err := NewSolver(f.Dim(), tb, Fixed{Step: size})
		if err != nil {
			return Stats{}, err
		}
		ends[i] = append([]float64(nil), z...)
		if stats[i], err = s.Solve(ctx, f, t0, ends[i], t1, nil); err != nil {
			return stats[i], err
		}
	}
	fine := stats[0]
	fine.Evals += stats[1].Evals
	fine.Error = 0
	for i, v := range ends[0] {
		fine.Error = max(fine.Error, math.Abs(v-ends[1][i])/(math.Exp2(float64(tb.Order))-1))
	}
	copy(z, ends[0])
	return fine, nil
}
