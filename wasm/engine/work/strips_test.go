package work

import (
	"math"
	"math/rand/v2"
	"testing"

	"clexlab/model"
)

// TestStripsEqualWholeRows compares the strips of a map of one pixel a token with
// sums over the rows themselves, and those of a coarser map with its own tiles.
func TestStripsEqualWholeRows(t *testing.T) {
	const from, to = 5, 23
	random := rand.New(rand.NewPCG(1, 2))
	rows := make([][]float64, to-from)
	m := &model.AttentionMap{From: from, To: to, Rows: to - from, Cols: to, Mean: make([]float32, (to-from)*to)}
	for i := range rows {
		rows[i] = make([]float64, from+i+1)
		sum := 0.0
		for k := range rows[i] {
			rows[i][k] = random.Float64()
			sum += rows[i][k]
		}
		for k := range rows[i] {
			rows[i][k] /= sum
			m.Mean[i*m.Cols+k] = float32(rows[i][k])
		}
	}
	s := newStrips(m)
	keys, lookback := s.keys(nil, m), s.lookback(nil, m)
	whole := &model.AttentionRows{From: from, To: to, Weights: make([][]float32, to-from)}
	for i := range rows {
		whole.Weights[i] = m.Mean[i*m.Cols:][:len(rows[i])]
	}
	keys2, lookback2 := rowStrips(whole, 0, to, to-from, to)
	for k := range to {
		if math.Abs(float64(keys[k]-keys2[k])) > 1e-6 {
			t.Errorf("key %d receives %g by rows, %g by tiles", k, keys2[k], keys[k])
		}
		sum, n := 0.0, 0.0
		for i := range rows {
			if k < len(rows[i]) {
				sum, n = sum+rows[i][k], n+1
			}
		}
		if math.Abs(float64(keys[k])-sum/n) > 1e-6 {
			t.Errorf("key %d receives %g, want %g", k, keys[k], sum/n)
		}
	}
	for i := range rows {
		want := 0.0
		for k, w := range rows[i] {
			want += w * float64(from+i-k)
		}
		if math.Abs(float64(lookback[i])-want) > 1e-5 {
			t.Errorf("query %d looks %g tokens back, want %g", from+i, lookback[i], want)
		}
		if math.Abs(float64(lookback2[i])-want) > 1e-5 {
			t.Errorf("query %d looks %g tokens back by rows, want %g", from+i, lookback2[i], want)
		}
	}
}

// TestStripsOfTilesKeepTheMass pools to uneven tiles: what all keys receive is
// what all queries give, one each.
func TestStripsOfTilesKeepTheMass(t *testing.T) {
	const to, pixels = 37, 8
	m := &model.AttentionMap{To: to, Rows: pixels, Cols: pixels, Mean: make([]float32, pixels*pixels)}
	s := newStrips(m)
	mass := make([]float64, pixels*pixels)
	for q := range to {
		for k := range q + 1 {
			mass[q*pixels/to*pixels+k*pixels/to] += 1 / float64(q+1)
		}
	}
	for i := range mass {
		if s.pairs[i] > 0 {
			m.Mean[i] = float32(mass[i] / s.pairs[i])
		}
	}
	total, lookback := 0.0, s.lookback(nil, m)
	for col, v := range s.keys(nil, m) {
		total += float64(v) * s.seen[col]
	}
	if math.Abs(total-to) > 1e-4 {
		t.Errorf("all keys receive %g, want one for each of %d queries", total, to)
	}
	// Even attention looks back half of what there is, to within half a tile.
	for row, v := range lookback {
		middle := (float64(row) + 0.5) * to / pixels
		if math.Abs(float64(v)-middle/2) > to/pixels {
			t.Errorf("row %d of even attention looks %g tokens back, want about %g", row, v, middle/2)
		}
	}
}
