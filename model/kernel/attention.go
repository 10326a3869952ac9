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
	V               *Values
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

// scoreRow is how many scores a row of queries has room for: those of a block of keys, and
// a vector that begins with the last of them.
const scoreRow = keyBlock + 4

// Attention computes softmax(Q·Kᵀ)·V for a block of queries of one head as a
// stream over the keys (online softmax, arXiv 1805.02867). Begin, then Over as
// often as there are separate sets of keys or of rotations of the queries, then
// Finish: the parts merge as if they had been one softmax. The zero value is ready;
// buffers are kept, a steady state allocates nothing. A row's result has the same
// bits however many rows share its block, one included, where Dim is a multiple of 8.
//
// Keys and values are of 16 bits, and so are the queries and the weights that they meet: a block's weights, each multiplied with the scale of
// its value, by their sum. Sums of products are of integers, exact in any order.
type Attention struct {
	integers         integers
	rows, dim, width int
	sums             []float32 // rows×width, unnormalised
	top, mass        []float32 // per row: largest score so far, Σ e^(score-top)
	scores           []float32 // rows×scoreRow
	queries, weights []int16   // rows×dim and rows×keyBlock
	// What queries and weights are to be multiplied with.
	queryScale, weightScale []float32
}

// Begin forgets what was and starts with rows queries of dim values.
func (a *Attention) Begin(rows, dim int) {
	a.rows, a.dim, a.width = rows, dim, roundUp(dim, tilingOf(dim).cols)
	a.sums = grow(a.sums, rows*a.width)
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
		if s.K.dim != s.Dim || s.K.capacity < s.Keys || s.V.dim != s.Dim || s.V.capacity < s.Keys {
			panic(fmt.Sprintf("kernel: a span of %d keys of %d values over %d of %d with %d of %d", s.Keys, s.Dim, s.K.capacity, s.K.dim, s.V.capacity, s.V.dim))
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
	first, last := s.reach()
	if first >= last {
		return
	}
	a.roundQueries(s.Q, s.StrideQ, s.Rows, s.Dim)
	a.scores = grow(a.scores, max(len(a.scores), s.Rows*scoreRow))
	a.weights, a.weightScale = grow(a.weights, max(len(a.weights), s.Rows*keyBlock)), grow(a.weightScale, max(len(a.weightScale), s.Rows))
	if a.overModule(&s, first, last) {
		return
	}
	for from := first; from < last; from += keyBlock - from%keyBlock {
		to := min(from+keyBlock-from%keyBlock, last)
		base := from - from%s.K.tile.cols
		n := roundUp(to-base, s.K.tile.cols)
		a.score(s.K, s.Rows, base, n)
		for i := range s.Rows {
			row := a.scores[i*scoreRow:][:n]
			lo, hi := s.sees(i, from, to)
			lo, hi = min(lo, to)-base, min(hi, to)-base
			clear(row[:lo])
			clear(row[hi:])
			total := float32(0)
			if lo < hi && a.absorb(i, row[lo:hi]) {
				total = weigh(row[lo:hi], s.V.scale[base+lo:])
			}
			inverse := float32(0)
			if total > smallestPeak {
				inverse = largestInt16 / total
			}
			a.weightScale[i] = total / largestInt16
			roundTo(a.weights[i*keyBlock:], row, inverse)
		}
		a.mix(s.V, s.Rows, base, n)
	}
}

// roundQueries rounds rows of q.
func (a *Attention) roundQueries(q []float32, stride, rows, dim int) {
	width := roundUp(dim, 2)
	a.queries, a.queryScale = grow(a.queries, max(len(a.queries), rows*width)), grow(a.queryScale, max(len(a.queryScale), rows))
	for i := range rows {
		row := a.queries[i*width:][:width]
		row[width-1] = 0
		a.queryScale[i] = roundByNorm(row[:dim], q[i*stride:][:dim])
	}
}

// weigh multiplies weights with the scales of their values and returns their sum.
func weigh(w, scale []float32) float32 {
	scale = scale[:len(w)]
	if vectorised {
		return weighVec(w, scale)
	}
	var s float32
	for i, f := range scale {
		w[i] *= f
		s += w[i]
	}
	return s
}

// reach is the range of keys that any query sees.
func (s *Span) reach() (first, last int) {
	first, _ = s.sees(0, 0, s.Keys)
	_, last = s.sees(s.Rows-1, 0, s.Keys)
	return min(first, last), last
}

// absorb turns scores of query i into weights against its running maximum, to
// which it rescales what the query has summed so far. It reports whether there are any.
func (a *Attention) absorb(i int, scores []float32) bool {
	top := max(a.top[i], Max(scores))
	if math.IsInf(float64(top), -1) {
		clear(scores)
		return false
	}
	if top > a.top[i] {
		lower := [1]float32{a.top[i] - top}
		Exp(lower[:], lower[:])
		f := lower[0]
		a.mass[i] *= f
		if f != 1 {
			Scale(f, a.sums[i*a.width:(i+1)*a.width])
		}
		a.top[i] = top
	}
	a.mass[i] += expSum(scores, top)
	return true
}

func expSum(x []float32, top float32) float32 {
	if vectorised {
		return expSumVec(x, top)
	}
	return expSumScalar(x, top)
}

// Finish writes the attention of every query to dst, rows of Dim values at
// distance stride, and, if lse is not nil, the log-sum-exp of its scores. A
// query that saw no key gives zeros and -Inf.
func (a *Attention) Finish(dst []float32, stride int, lse []float32) {
	for i := range a.rows {
		out, sums := dst[i*stride:][:a.dim], a.sums[i*a.width:][:a.dim]
		copy(out, sums)
		if a.mass[i] > 0 {
			Scale(1/a.mass[i], out)
		}
		if lse != nil {
			lse[i] = a.top[i] + float32(math.Log(float64(a.mass[i])))
		}
	}
}

// ScoresScalar writes the dot products of q with len(dst) keys, the rows of k at distance
// stride, to dst.
func ScoresScalar(dst, q, k []float32, stride int) {
	for j := range dst {
		dst[j] = DotScalar(q, k[j*stride:][:len(q)])
	}
}

// MixValuesScalar adds Σ w[j]·v_j to dst, v_j being row j of v at distance stride.
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
