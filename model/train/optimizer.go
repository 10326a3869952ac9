package train

import (
	"runtime"
	"sync"

	"clexlab/model/kernel"
)

// AdamW's constants (Loshchilov and Hutter 2019), with the β₂ usual for language models.
const (
	Beta1   = 0.9
	Beta2   = 0.95
	Epsilon = 1e-8
)

// adamW holds the moments of a parameter vector.
type adamW struct {
	m, v   []float32
	decays []Span // where weight decay applies, in order
}

// step moves w against g·scale; step counts from 1.
func (a *adamW) step(w, g []float32, scale, rate, weightDecay float64, step int) {
	move := func(s Span, decay float64) {
		constants := kernel.AdamWStep{LR: float32(rate), Beta1: Beta1, Beta2: Beta2, Eps: Epsilon, Decay: float32(decay), Step: step, GradScale: float32(scale)}
		overCores(s.To-s.From, func(from, to int) {
			from, to = s.From+from, s.From+to
			kernel.AdamW(constants, w[from:to], a.m[from:to], a.v[from:to], g[from:to])
		})
	}
	at := 0
	for _, s := range a.decays {
		move(Span{at, s.From}, 0)
		move(s, weightDecay)
		at = s.To
	}
	move(Span{at, len(w)}, 0)
}

// overCores runs f on equal parts of 0 … n-1. Each index is handled alone, so the
// split does not change a result.
func overCores(n int, f func(from, to int)) {
	workers := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for k := range workers {
		from, to := n*k/workers, n*(k+1)/workers
		if k == workers-1 {
			f(from, to)
			break
		}
		wg.Go(func() { f(from, to) })
	}
	wg.Wait()
}
