package kernel

import (
	"fmt"
	"math"
)

// Span is what a block of queries attends to in one head. Every matrix is
// row-major with its own distance between rows, so that grouped heads may share keys.
type Span struct {
	// Rows queries of Dim values each, already rotated and multiplied by the
	// softmax scale (and by whatever else scales a single query).
	Q       []float32
	StrideQ int
	// Keys keys and values of Dim values each.
	K               *Keys
	V               []float32
	StrideV         int
	Rows, Keys, Dim int
	// Query i sees the keys in [Low+i, High+i), cut to [0, Keys): causal
	// attention of a block that starts at position m has High = m+1. AllBefore as Low
	// leaves the lower end open.
	Low, High int
}

// AllBefore as Span.Low lets every query see from key 0.
const AllBefore = math.MinInt32

// keyBlock is how many keys are scored at once: their scores for a block of
// queries stay in the cache, and no rows×keys matrix ever exists.
const keyBlock = 128

// Attention computes softmax(Q·Kᵀ)·V for a block of queries of one head as a
// stream over the keys (online softmax, arXiv 1805.02867). Begin, then Over as
// often as there are separate sets of keys or of rotations of the queries, then
// Finish: the parts merge as if they had been one softmax. The zero value is ready;
// buffers are kept, a steady state allocates nothing. A row's result has the same
// bits however many rows share its block, one included, where Dim is a multiple of 8.
type Attention struct {
	ws        Workspace
	rows, dim int
	sums      []float32 // rows×dim, unnormalised
	top, mass []float32 // per row: largest score so far, Σ e^(score-top)
	scores    []float32 // rows×keyBlock
	queries   []float32 // the block's queries in panels of the tile's height
}

// Begin forgets what was and starts with rows queries of dim values.
func (a *Attention) Begin(rows, dim int) {
	a.rows, a.dim = rows, dim
	a.sums = grow(a.sums, rows*dim)
	a.top, a.mass = grow(a.top, rows), grow(a.mass, rows)
	clear(a.sums)
	clear(a.mass)
	for i := range a.top {
		a.top[i] = float32(math.Inf(-1))
	}
}

func (s *Span) check() {
	checkMatrix("q", s.Q, s.Rows, s.Dim, s.StrideQ)
	if s.Keys > 0 {
		checkMatrix("v", s.V, s.Keys, s.Dim, s.StrideV)
		if s.K.dim != s.Dim || s.K.capacity < s.Keys {
			panic(fmt.Sprintf("kernel: a span of %d keys of %d values over %d of %d", s.Keys, s.Dim, s.K.capacity, s.K.dim))
		}
	}
}

// sees is the range of keys of query i, cut to keys [from, to).
func (s *Span) sees(i, from, to int) (lo, hi int) {
	lo, hi = max(s.Low+i, from), min(s.High+i, s.Keys, to)
	return lo, max(lo, hi)
}

// Over adds the keys and values of s to every query's softmax.
func (a *Attention) Over(s Span) {
	if s.Rows != a.rows || s.Dim != a.dim {
		panic(fmt.Sprintf("kernel: span of %d queries of %d values in attention of %d of %d", s.Rows, s.Dim, a.rows, a.dim))
	}
	if s.Rows == 0 || s.Keys <= 0 {
		return
	}
	s.check()
	if a.overModule(&s) {
		return
	}
	if s.Rows == 1 {
		a.overRow(&s)
		return
	}
	a.scores = grow(a.scores, max(len(a.scores), s.Rows*keyBlock))
	t := currentTiling()
	a.queries = grow(a.queries, (s.Rows+t.rows-1)/t.rows*t.rows*s.Dim)
	packPanels(a.queries, s.Q, s.StrideQ, s.Rows, s.Dim, t.rows, false)
	first, last := s.reach()
	for from := first; from < last; from += keyBlock - from%keyBlock {
		to := min(from+keyBlock-from%keyBlock, last)
		base := from - from%keyPanel
		n := (to - base + keyPanel - 1) / keyPanel * keyPanel
		s.K.products(&a.ws, t, s.Rows, n, a.queries, base, a.scores)
		for i := range s.Rows {
			row := a.scores[i*n : (i+1)*n]
			lo, hi := s.sees(i, from, to)
			lo, hi = min(lo, to)-base, min(hi, to)-base
			clear(row[:lo])
			clear(row[hi:])
			if lo < hi {
				a.absorb(i, row[lo:hi])
			}
		}
		GEMM(&a.ws, false, false, s.Rows, s.Dim, to-from, a.scores[from-base:], n, s.V[from*s.StrideV:], s.StrideV, true, a.sums, s.Dim)
	}
}

// reach is the range of keys that any query sees.
func (s *Span) reach() (first, last int) {
	first, _ = s.sees(0, 0, s.Keys)
	_, last = s.sees(s.Rows-1, 0, s.Keys)
	return min(first, last), last
}

// absorb turns scores of query i into weights against its running maximum, to
// which it rescales what the query has summed so far.
func (a *Attention) absorb(i int, scores []float32) {
	top := max(a.top[i], Max(scores))
	if math.IsInf(float64(top), -1) {
		clear(scores)
		return
	}
	if top > a.top[i] {
		lower := [1]float32{a.top[i] - top}
		Exp(lower[:], lower[:])
		f := lower[0]
		a.mass[i] *= f
		if f != 1 {
			Scale(f, a.sums[i*a.dim:(i+1)*a.dim])
		}
		a.top[i] = top
	}
	a.mass[i] += expSum(scores, top)
}

func expSum(x []float32, top float32) float32 {
	if vectorised {
		return expSumVec(x, top)
	}
	return expSumScalar(x, top)
}

// overRow is Over for one query, straight from the cache of keys and values without packing them.
func (a *Attention) overRow(s *Span) {
	a.scores = grow(a.scores, max(len(a.scores), keyBlock))
	first, last := s.sees(0, 0, s.Keys)
	for from := first; from < last; from += keyBlock - from%keyBlock {
		row := a.scores[:min(keyBlock-from%keyBlock, last-from)]
		s.K.Scores(row, s.Q[:s.Dim], from)
		a.absorb(0, row)
		MixValues(a.sums[:s.Dim], row, s.V[from*s.StrideV:], s.StrideV)
	}
}

// Finish writes the attention of every query to dst, rows of Dim values at
// distance stride, and, if lse is not nil, the log-sum-exp of its scores. A
// query that saw no key gives zeros and -Inf.
func (a *Attention) Finish(dst []float32, stride int, lse []float32) {
	for i := range a.rows {
		out, sums := dst[i*stride:][:a.dim], a.sums[i*a.dim:][:a.dim]
		copy(out, sums)
		if a.mass[i] > 0 {
			Scale(1/a.mass[i], out)
		}
		if lse != nil {
			lse[i] = a.top[i] + float32(math.Log(float64(a.mass[i])))
		}
	}
}

// MixValues adds Σ w[j]·v_j to dst, v_j being row j of v at distance stride.
func MixValues(dst, w, v []float32, stride int) {
	if len(w) == 0 {
		return
	}
	checkMatrix("v", v, len(w), len(dst), stride)
	if vectorised {
		mixVec(dst, w, v, stride)
		return
	}
	MixValuesScalar(dst, w, v, stride)
}

// ScoresScalar writes the dot products of q with len(dst) keys, the rows of k at distance
// stride, to dst: the reference of Keys.Scores.
func ScoresScalar(dst, q, k []float32, stride int) {
	for j := range dst {
		dst[j] = DotScalar(q, k[j*stride:][:len(q)])
	}
}

// MixValuesScalar is the reference of MixValues.
func MixValuesScalar(dst, w, v []float32, stride int) {
	e := 0
	for ; e+4 <= len(dst); e += 4 {
		var s0, s1, s2, s3 float32
		for j, f := range w {
			r := (*[4]float32)(v[j*stride+e:])
			s0, s1, s2, s3 = s0+f*r[0], s1+f*r[1], s2+f*r[2], s3+f*r[3]
		}
		d := (*[4]float32)(dst[e:])
		d[0], d[1], d[2], d[3] = d[0]+s0, d[1]+s1, d[2]+s2, d[3]+s3
	}
	for ; e < len(dst); e++ {
		var s float32
		for j, f := range w {
			s += f * v[j*stride+e]
		}
		dst[e] += s
	}
}
