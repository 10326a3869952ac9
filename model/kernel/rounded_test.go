package kernel

import (
	"math"
	"slices"
	"testing"
)

// roundedRows are rows at every end: plain ones, one component alone, equal ones, near the next power of two, small, large, zero.
func roundedRows(dim int) [][]float32 {
	r := source(uint64(dim))
	rows := [][]float32{make([]float32, dim), make([]float32, dim)}
	rows[1][dim-1] = -3
	for _, size := range []float32{1, 1e-3, 1e-25, 1e-29, 1e20, 3e37} {
		x := randoms(r, dim)
		Scale(size, x)
		rows = append(rows, x)
		equal := make([]float32, dim)
		for i := range equal {
			equal[i] = size * float32(1-i%2*2)
		}
		rows = append(rows, equal)
	}
	for _, peak := range []float32{32767, 32767.25, 32767.49, 32767.5, 32767.75, 32767.99, 32768, 16384, 16383.75} {
		x := randoms(r, dim)
		x[0] = peak
		rows = append(rows, x)
	}
	return rows
}

// A row of Rounded and of Values is off by half a unit, of a 16384th of its largest value at most, and stays what it is
// when it is rounded again: a text that goes from one reader to another has the same bits.
func TestRoundedRows(t *testing.T) {
	for _, dim := range []int{1, 2, 7, 8, 13, 48, 64, 100} {
		rows := roundedRows(dim)
		r, v := NewRounded(len(rows), dim), NewValues(len(rows), dim)
		for i, x := range rows {
			r.Set(i, x)
			v.Set(i, x)
		}
		got, values := make([]float32, len(rows)*dim), make([]float32, len(rows)*dim)
		r.Read(got, 0)
		v.Read(values, 0)
		if !slices.Equal(got, values) {
			t.Errorf("%d components: values read otherwise than rows", dim)
		}
		again := NewRounded(len(rows), dim)
		for i, x := range rows {
			part := got[i*dim:][:dim]
			_, peak := peakOf(x)
			for e, w := range x {
				if d := math.Abs(float64(part[e]) - float64(w)); d > peak/32768 {
					t.Fatalf("row %d of %d: component %d is %g, rounded %g", i, dim, e, w, part[e])
				}
			}
			again.Set(i, part)
		}
		twice := make([]float32, len(got))
		again.Read(twice, 0)
		if !slices.Equal(twice, got) || !slices.Equal(again.w, r.w) || !slices.Equal(again.scale, r.scale) {
			t.Errorf("%d components: rounded again they are others", dim)
		}
	}
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		r, got := NewRounded(1, 9), make([]float32, 9)
		r.Set(0, []float32{1, 2, 3, 4, bad, 5, 6, 7, 8})
		r.Read(got, 0)
		if got[0] == got[0] {
			t.Errorf("a row with %v reads %v", bad, got)
		}
	}
}

func peakOf(x []float32) (norm, peak float64) {
	for _, v := range x {
		norm += float64(v) * float64(v)
		peak = max(peak, math.Abs(float64(v)))
	}
	return math.Sqrt(norm), peak
}

// Products of vectors that roundByNorm leaves stay under 2³¹, whatever part of them is summed, and each
// component is off by half a unit.
func TestRoundByNorm(t *testing.T) {
	for _, dim := range []int{1, 2, 7, 48, 128, 1024} {
		for i, x := range roundedRows(dim) {
			q := make([]int16, dim)
			scale := roundByNorm(q, x)
			norm, peak := peakOf(x)
			if unit := max(norm/largestNorm, peak/largestInt16); peak < 1e15 && peak > 1e-15 && math.Abs(float64(scale)-unit) > 1e-5*unit {
				t.Errorf("row %d of %d: the unit is %g, want %g", i, dim, scale, unit)
			}
			var square int64
			for e, v := range q {
				square += int64(v) * int64(v)
				if d := math.Abs(float64(v)*float64(scale) - float64(x[e])); d > 0.51*float64(scale) {
					t.Fatalf("row %d of %d: component %d is %g, rounded %g", i, dim, e, x[e], float64(v)*float64(scale))
				}
			}
			if square >= 1<<31 {
				t.Errorf("row %d of %d: the square is %d", i, dim, square)
			}
		}
	}
}
