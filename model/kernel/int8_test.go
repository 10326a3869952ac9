package kernel

import (
	"math"
	"testing"
)

// int8Of is a random int8 matrix with its scales.
func int8Of(rows, cols int, seed uint64) (q []int8, scale []float32) {
	w := randoms(source(seed), rows*cols)
	q, scale = make([]int8, rows*cols), make([]float32, rows)
	for i := range rows {
		scale[i] = quantizeRow(q[i*cols:][:cols], w[i*cols:][:cols])
	}
	return q, scale
}

// What int8 weights give is worked out here in whole numbers of 64 bits, and every tile must give
// its bits. A sum of 512 extreme products fits as well.
func TestInt8IsExact(t *testing.T) {
	for _, z := range [][3]int{{1, 1, 1}, {5, 7, 3}, {33, 512, 6}, {40, 513, 5}, {70, 1300, 4}} {
		rows, cols, n := z[0], z[1], z[2]
		q, scale := int8Of(rows, cols, 3)
		x := randoms(source(4), n*cols)
		for c := range cols {
			q[c], x[c] = -128, -3
		}
		want := make([]float32, n*rows)
		for i := range n {
			for p0 := 0; p0 < cols; p0 += 512 {
				part := x[i*cols+p0 : i*cols+min(p0+512, cols)]
				var peak float32
				for _, v := range part {
					peak = max(peak, v, -v)
				}
				inverse, step := 32767/peak, peak/32767
				for r := range rows {
					var s int64
					for c, v := range part {
						s += int64(math.RoundToEven(float64(v*inverse))) * int64(q[r*cols+p0+c])
					}
					v := float32(float32(s)*step) * scale[r]
					if p0 > 0 {
						v = want[i*rows+r] + float32(v)
					}
					want[i*rows+r] = v
				}
			}
		}
		for _, tile := range tilings() {
			p := packInt8For(tile, rows, cols, q, scale)
			var ws Workspace
			got := make([]float32, n*rows)
			p.Mul(&ws, n, got, rows, x, cols)
			for i := range want {
				if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
					t.Fatalf("%d×%d in panels of %d: output %d of row %d is %v, want %v", rows, cols, tile.cols, i%rows, i/rows, got[i], want[i])
				}
			}
		}
	}
}

// A row that is not finite gives NaN and leaves its neighbours alone; one of zeros, or next to it, gives zeros.
func TestInt8OfExtremes(t *testing.T) {
	const rows, cols = 9, 21
	q, scale := int8Of(rows, cols, 6)
	for _, tile := range tilings() {
		p := packInt8For(tile, rows, cols, q, scale)
		for name, bad := range map[string]float32{"NaN": float32(math.NaN()), "Inf": float32(math.Inf(1)), "-Inf": float32(math.Inf(-1)), "zero": 0, "tiny": 1e-44, "largest": -math.MaxFloat32} {
			for _, n := range []int{1, 6} {
				x := randoms(source(7), n*cols)
				alone := make([]float32, n*rows)
				var ws Workspace
				p.Mul(&ws, n, alone, rows, x, cols)
				clear(x[:cols])
				x[cols-1] = bad
				y := make([]float32, n*rows)
				p.Mul(&ws, n, y, rows, x, cols)
				for i, v := range y {
					switch isNaN := v != v; {
					case i >= rows && v != alone[i]:
						t.Fatalf("%s, %d rows: output %d is %v, without it %v", name, n, i, v, alone[i])
					case i < rows && (name == "NaN" || name == "Inf" || name == "-Inf") != isNaN,
						i < rows && (name == "zero" || name == "tiny") && v != 0:
						t.Fatalf("%s, %d rows: output %d is %v", name, n, i, v)
					}
				}
			}
		}
	}
}
