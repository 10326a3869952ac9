package kernel

import (
	"fmt"
	"math"
	"testing"
)

// rowSpan is a Span that has its keys and values as rows as well, as they were before they were rounded.
type rowSpan struct {
	Span
	keys, values []float32
}

// attentionRow is the definition in float64: the weights of query i over all
// keys, their log-sum-exp and the mix of values; far, if not nil, scores the keys below split.
func attentionRow(s, far rowSpan, i, split int) (w []float64, lse float64, out []float64) {
	w, out = make([]float64, s.Keys), make([]float64, s.Dim)
	top := math.Inf(-1)
	for j := range w {
		w[j] = math.Inf(-1)
		from := s
		if j < split {
			from = far
		}
		if j >= from.Low+i && j < from.High+i {
			w[j] = 0
			for e := range s.Dim {
				w[j] += float64(from.Q[i*from.StrideQ+e]) * float64(s.keys[j*s.Dim+e])
			}
		}
		top = max(top, w[j])
	}
	if math.IsInf(top, -1) {
		clear(w)
		return w, top, out
	}
	var mass float64
	for j := range w {
		w[j] = math.Exp(w[j] - top)
		mass += w[j]
	}
	for j := range w {
		w[j] /= mass
		for e := range out {
			out[e] += w[j] * float64(s.values[j*s.Dim+e])
		}
	}
	return w, top + math.Log(mass), out
}

func randomSpan(rows, keys, dim, pad int, seed uint64) rowSpan {
	r := source(seed)
	st := dim + pad
	k, v := NewKeys(keys, dim), NewValues(keys, dim)
	s := rowSpan{Span: Span{Q: randoms(r, rows*st), K: &k, V: &v, StrideQ: st,
		Rows: rows, Keys: keys, Dim: dim, Low: AllBefore, High: keys - rows + 1}, keys: randoms(r, keys*dim), values: randoms(r, keys*dim)}
	for i := range s.Q {
		s.Q[i] *= 0.4
	}
	k.Set(0, s.keys)
	for j := range keys {
		v.Set(j, s.values[j*dim:][:dim])
	}
	return s
}

// errors bounds what rounding does to attention: keys and queries are off by at most half a unit in each component,
// of a 32767th of their norm at most, so a score by δ and a weight by 2δ of itself, more or less. Each of a block's weights is off by up to half a unit of a 32767th of their sum,
// at random; six standard deviations of the sum of keyBlock such, of values up to 1 that are rounded as well.
func (s *rowSpan) errors() (score, value float64) {
	norm := func(x []float32) (most float64) {
		for ; len(x) >= s.Dim; x = x[min(len(x), s.StrideQ):] {
			most = max(most, math.Sqrt(float64(Dot(x[:s.Dim], x[:s.Dim]))))
		}
		return most
	}
	keys := 0.0
	for j := range s.Keys {
		keys = max(keys, norm(s.keys[j*s.Dim:][:s.Dim]))
	}
	score = norm(s.Q) * keys * math.Sqrt(float64(s.Dim)) / 32767
	return score, 2*score + 6*2*math.Sqrt(keyBlock/12.)/32767 + 1./32767
}

func TestAttention(t *testing.T) {
	for _, z := range [][3]int{{1, 1, 4}, {1, 300, 48}, {1, 129, 64}, {2, 2, 8}, {7, 130, 48}, {64, 64, 64}, {33, 400, 20}, {5, 257, 37}, {9, 5, 16}} {
		for _, window := range []int{0, 40} {
			t.Run(fmt.Sprintf("%v/%d", z, window), func(t *testing.T) {
				s := randomSpan(z[0], z[1], z[2], z[0]%3, 9)
				if window > 0 {
					s.Low = s.High - window
				}
				var a Attention
				a.Begin(s.Rows, s.Dim)
				a.Over(s.Span)
				out, lse := make([]float32, s.Rows*s.Dim), make([]float32, s.Rows)
				a.Finish(out, s.Dim, lse)
				score, value := s.errors()
				for i := range s.Rows {
					_, want, mix := attentionRow(s, s, i, 0)
					if math.IsInf(want, -1) != math.IsInf(float64(lse[i]), -1) {
						t.Fatalf("row %d: log-sum-exp %v, want %v", i, lse[i], want)
					}
					if !math.IsInf(want, -1) {
						near(t, "log-sum-exp", lse[i], want, math.Abs(want)+1, 1e-6+score)
					}
					for e, v := range mix {
						near(t, fmt.Sprintf("row %d value %d", i, e), out[i*s.Dim+e], v, 1, value)
					}
				}
			})
		}
	}
}

// TestAttentionRowsDoNotDependOnBlock is what makes a text read token by token that
// read in blocks, to the bit; also where a window's end lies inside a panel of keys.
func TestAttentionRowsDoNotDependOnBlock(t *testing.T) {
	for _, window := range []int{0, 75} {
		s := randomSpan(40, 300, 48, 0, 2)
		if window > 0 {
			s.Low = s.High - window
		}
		run := func(s Span) []float32 {
			var a Attention
			a.Begin(s.Rows, s.Dim)
			a.Over(s)
			out := make([]float32, s.Rows*s.Dim)
			a.Finish(out, s.Dim, nil)
			return out
		}
		whole := run(s.Span)
		for _, rows := range []int{1, 2, 8} {
			for from := 0; from < 40; from += rows {
				part := s.Span
				part.Rows, part.Q, part.High = rows, s.Q[from*s.StrideQ:], s.High+from
				if window > 0 {
					part.Low += from
				}
				for i, v := range run(part) {
					if v != whole[from*s.Dim+i] {
						t.Fatalf("window %d, %d rows from %d: value %d is %g, %g in the whole", window, rows, from, i, v, whole[from*s.Dim+i])
					}
				}
			}
		}
	}
}

// TestTwoPartAttention is the remap of STRING: near keys score with one rotation of the query, far ones with another.
func TestTwoPartAttention(t *testing.T) {
	for _, rows := range []int{1, 24} {
		const keys, shift = 200, 150
		near1 := randomSpan(rows, keys, 48, 0, 4)
		far := near1
		far.Q = randoms(source(8), len(near1.Q))
		near1.Low = near1.High - shift
		far.High = near1.Low
		var a Attention
		out, lse := make([]float32, rows*48), make([]float32, rows)
		a.Begin(rows, 48)
		a.Over(near1.Span)
		a.Over(far.Span)
		a.Finish(out, 48, lse)
		score, value := near1.errors()
		if s, v := far.errors(); s > score {
			score, value = s, v
		}
		wide := near1
		wide.Low = AllBefore
		for i := range rows {
			_, want, mix := attentionRow(near1, far, i, far.High+i)
			near(t, "log-sum-exp", lse[i], want, math.Abs(want)+1, 1e-6+score)
			for e, v := range mix {
				near(t, "two parts", out[i*48+e], v, 1, value)
			}
		}
	}
}

func TestScores(t *testing.T) {
	for _, d := range []int{1, 4, 20, 37, 48, 64, 80} {
		for _, n := range []int{0, 1, 3, 4, 9, 33, 64, 200} {
			s := randomSpan(1, n, d, 3, uint64(d))
			bound, _ := s.errors()
			var a Attention
			for _, from := range []int{0, 1, n / 2} {
				from = min(from, n)
				got, plain := make([]float32, n-from), make([]float32, n-from)
				a.Scores(s.K, got, s.Q[:d], from)
				ScoresScalar(plain, s.Q[:d], s.keys[from*d:], d)
				for j := range got {
					want, size := naiveGEMM(false, true, 1, n, d, s.Q, d, s.keys, d, 0, from+j)
					near(t, "Scores", got[j], want, size+1, 1e-6+bound)
					near(t, "ScoresScalar", plain[j], want, size+1, 1e-6)
				}
			}
			w, got := randoms(source(3), n), make([]float32, d)
			MixValuesScalar(got, w, s.values, d)
			for e := range got {
				want, size := naiveGEMM(false, false, 1, d, n, w, n, s.values, d, 0, e)
				near(t, "MixValuesScalar", got[e], want, size+1, 1e-6)
			}
		}
	}
}

func TestAttentionAllocatesNothing(t *testing.T) {
	for _, rows := range []int{1, 16} {
		s := randomSpan(rows, 300, 48, 0, 1)
		var a Attention
		out := make([]float32, rows*48)
		f := func() {
			a.Begin(rows, 48)
			a.Over(s.Span)
			a.Finish(out, 48, nil)
		}
		f()
		if n := testing.AllocsPerRun(20, f); n != 0 {
			t.Errorf("attention of %d rows allocates %v times", rows, n)
		}
	}
}
