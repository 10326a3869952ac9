package kernel

import (
	"fmt"
	"math"
	"testing"
)

// attentionRow is the definition in float64: the weights of query i over all
// keys, their log-sum-exp and the mix of values; far, if not nil, scores the keys below split.
func attentionRow(s, far Span, i, split int) (w []float64, lse float64, out []float64) {
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
				w[j] += float64(from.Q[i*from.StrideQ+e]) * float64(s.K[j*s.StrideK+e])
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
			out[e] += w[j] * float64(s.V[j*s.StrideV+e])
		}
	}
	return w, top + math.Log(mass), out
}

func randomSpan(rows, keys, dim, pad int, seed uint64) Span {
	r := source(seed)
	st := dim + pad
	s := Span{Q: randoms(r, rows*st), K: randoms(r, keys*st), V: randoms(r, keys*st), StrideQ: st, StrideK: st, StrideV: st,
		Rows: rows, Keys: keys, Dim: dim, Low: AllBefore, High: keys - rows + 1}
	for i := range s.Q {
		s.Q[i] *= 0.4
	}
	return s
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
				a.Over(s)
				out, lse := make([]float32, s.Rows*s.Dim), make([]float32, s.Rows)
				a.Finish(out, s.Dim, lse)
				for i := range s.Rows {
					_, want, mix := attentionRow(s, s, i, 0)
					if math.IsInf(want, -1) != math.IsInf(float64(lse[i]), -1) {
						t.Fatalf("row %d: log-sum-exp %v, want %v", i, lse[i], want)
					}
					if !math.IsInf(want, -1) {
						near(t, "log-sum-exp", lse[i], want, math.Abs(want)+1, 1e-6)
					}
					for e, v := range mix {
						near(t, fmt.Sprintf("row %d value %d", i, e), out[i*s.Dim+e], v, 4, 1e-6)
					}
				}
			})
		}
	}
}

func TestAttentionRowsDoNotDependOnBlock(t *testing.T) {
	s := randomSpan(40, 300, 48, 0, 2)
	run := func(s Span) []float32 {
		var a Attention
		a.Begin(s.Rows, s.Dim)
		a.Over(s)
		out := make([]float32, s.Rows*s.Dim)
		a.Finish(out, s.Dim, nil)
		return out
	}
	whole := run(s)
	for from := 0; from < 40; from += 8 {
		part := s
		part.Rows, part.Q, part.High = 8, s.Q[from*s.StrideQ:], s.High+from
		for i, v := range run(part) {
			if v != whole[from*s.Dim+i] {
				t.Fatalf("chunk at %d: value %d is %g, %g in the whole", from, i, v, whole[from*s.Dim+i])
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
		var a, b Attention
		out, lse := make([]float32, rows*48), make([]float32, rows)
		a.Begin(rows, 48)
		a.Over(near1)
		a.Over(far)
		a.Finish(out, 48, lse)
		part, partLSE, other, otherLSE := make([]float32, rows*48), make([]float32, rows), make([]float32, rows*48), make([]float32, rows)
		b.Begin(rows, 48)
		b.Over(near1)
		b.Finish(part, 48, partLSE)
		b.Begin(rows, 48)
		b.Over(far)
		b.Finish(other, 48, otherLSE)
		wide := near1
		wide.Low = AllBefore
		for i := range rows {
			_, want, mix := attentionRow(near1, far, i, far.High+i)
			near(t, "log-sum-exp", lse[i], want, math.Abs(want)+1, 1e-6)
			merged := MergeAttention(part[i*48:(i+1)*48], partLSE[i], other[i*48:(i+1)*48], otherLSE[i])
			near(t, "merged log-sum-exp", merged, want, math.Abs(want)+1, 1e-6)
			for e, v := range mix {
				near(t, "two parts", out[i*48+e], v, 4, 1e-6)
				near(t, "merged", part[i*48+e], v, 4, 1e-6)
			}
		}
	}
}

func TestObserve(t *testing.T) {
	for _, size := range []int{1, 7, 32, 200} {
		const rows, keys = 50, 200
		s := randomSpan(rows, keys, 48, 1, 6)
		var a Attention
		a.Begin(rows, 48)
		a.Over(s)
		lse := make([]float32, rows)
		a.Finish(make([]float32, rows*48), 48, lse)
		p := Pool{Total: keys, Size: size, Max: make([]float32, size*size), Sum: make([]float32, size*size)}
		wantMax, wantSum := make([]float64, size*size), make([]float64, size*size)
		a.Observe(s, keys-rows, lse, []Pool{p}, func(query, lo int, weights []float32) {
			w, _, _ := attentionRow(s, s, query, 0)
			for j, v := range weights {
				near(t, "weight", v, w[lo+j], 1, 1e-6)
			}
		})
		for i := range rows {
			w, _, _ := attentionRow(s, s, i, 0)
			for j, v := range w {
				at := (keys-rows+i)*size/keys*size + j*size/keys
				wantMax[at] = max(wantMax[at], v)
				wantSum[at] += v
			}
		}
		for i := range wantMax {
			near(t, fmt.Sprintf("largest weight of pixel %d of %d²", i, size), p.Max[i], wantMax[i], 1, 1e-6)
			near(t, fmt.Sprintf("sum of pixel %d of %d²", i, size), p.Sum[i], wantSum[i], 50, 1e-6)
		}
	}
}

func TestScoresAndMix(t *testing.T) {
	for _, d := range []int{1, 4, 20, 37, 48, 64, 80} {
		for _, n := range []int{0, 1, 3, 4, 9, 33} {
			s := randomSpan(1, n, d, 3, uint64(d))
			for name, f := range map[string]func(dst, q, k []float32, stride int){"Scores": Scores, "ScoresScalar": ScoresScalar} {
				got := make([]float32, n)
				f(got, s.Q[:d], s.K, s.StrideK)
				for j := range got {
					want, size := naiveGEMM(false, true, 1, n, d, s.Q, d, s.K, s.StrideK, 0, j)
					near(t, name, got[j], want, size+1, 1e-6)
				}
			}
			for name, f := range map[string]func(dst, w, v []float32, stride int){"MixValues": MixValues, "MixValuesScalar": MixValuesScalar} {
				w, got := randoms(source(3), n), make([]float32, d)
				f(got, w, s.V, s.StrideV)
				for e := range got {
					want, size := naiveGEMM(false, false, 1, d, n, w, n, s.V, s.StrideV, 0, e)
					near(t, name, got[e], want, size+1, 1e-6)
				}
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
			a.Over(s)
			a.Finish(out, 48, nil)
		}
		f()
		if n := testing.AllocsPerRun(20, f); n != 0 {
			t.Errorf("attention of %d rows allocates %v times", rows, n)
		}
	}
}
