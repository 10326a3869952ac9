package kernel

import (
	"fmt"
	"math"
)

// Pool reduces attention weights to Size×Size pixels while they are computed,
// so that nobody ever holds a queries×keys matrix. Pixel (r, c) covers the queries whose
// r = query·Size/Total and the keys whose c = key·Size/Total.
type Pool struct {
	// Total is the length of the text, Size the number of pixels a side, 1 … Total.
	Total, Size int
	// Max asks for each pixel's largest weight, Sum for the sum of its weights;
	// nil asks for none. Each has Size×Size values, zeroed by the caller. Divided by the number of
	// query-key pairs under a pixel, Sum is the mean.
	Max, Sum []float32
}

// Observe recomputes the weights of s, whose query 0 stands at position start,
// and adds them to every pool. lse are the log-sum-exps that Finish gave for
// these queries, so that weights are those of the whole softmax even when s is one part of
// it. row, if not nil, gets each query's weights over keys [lo, hi) as they pass, a view.
func (a *Attention) Observe(s Span, start int, lse []float32, pools []Pool, row func(query, lo int, weights []float32)) {
	if s.Rows == 0 || s.Keys <= 0 {
		return
	}
	s.check()
	for _, p := range pools {
		if p.Size < 1 || p.Size > p.Total || start+s.Rows > p.Total || s.Keys > p.Total {
			panic(fmt.Sprintf("kernel: %d pixels a side for a text of %d, with queries to %d and keys to %d", p.Size, p.Total, start+s.Rows, s.Keys))
		}
	}
	a.scores = grow(a.scores, max(len(a.scores), s.Rows*keyBlock))
	first, last := s.reach()
	for from := first; from < last; from += keyBlock - from%keyBlock {
		to := min(from+keyBlock-from%keyBlock, last)
		n := to - from
		GEMM(&a.ws, false, true, s.Rows, n, s.Dim, s.Q, s.StrideQ, s.K[from*s.StrideK:], s.StrideK, false, a.scores, n)
		for i := range s.Rows {
			lo, hi := s.sees(i, from, to)
			if lo >= hi || math.IsInf(float64(lse[i]), -1) {
				continue
			}
			w := a.scores[i*n+lo-from : i*n+hi-from]
			expSum(w, lse[i])
			for p := range pools {
				pools[p].add(start+i, lo, w)
			}
			if row != nil {
				row(i, lo, w)
			}
		}
	}
}

// add pools the weights of one query over keys from lo.
func (p *Pool) add(query, lo int, w []float32) {
	at := query * p.Size / p.Total * p.Size
	for len(w) > 0 {
		c := lo * p.Size / p.Total
		// The first key of the next pixel: the least k with k·Size >= (c+1)·Total.
		next := ((c+1)*p.Total + p.Size - 1) / p.Size
		n := min(next-lo, len(w))
		if p.Max != nil {
			p.Max[at+c] = max(p.Max[at+c], MaxScalar(w[:n]))
		}
		if p.Sum != nil {
			var s float32
			for _, v := range w[:n] {
				s += v
			}
			p.Sum[at+c] += s
		}
		lo, w = lo+n, w[n:]
	}
}
