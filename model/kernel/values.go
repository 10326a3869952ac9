package kernel

import "unsafe"

// Values are the values of one head in 16 bits, each row rounded as one of Rounded. They are laid out for sums over
// keys of integers: panels of as many components as a tile is wide, inside a panel pair of keys after pair.
type Values struct {
	dim, capacity int
	tile          tiling
	step          int       // from panel to panel
	w             []int16   // panels×pairs×width×2
	scale         []float32 // of each key, with room for a vector that begins at the last
	ones          []float32
	row           []int16 // on its way into the panels
}

// NewValues makes room for the values of capacity keys, of dim components, all zero.
func NewValues(capacity, dim int) Values {
	t := tilingOf(dim)
	keys, width := roundUp(capacity, currentTiling().cols), roundUp(dim, t.cols)
	v := Values{dim: dim, capacity: capacity, tile: t, step: keys * t.cols, w: make([]int16, keys*width),
		scale: make([]float32, keys+lanes), ones: make([]float32, width), row: make([]int16, dim)}
	for i := range v.ones {
		v.ones[i] = 1
	}
	return v
}

// Set writes the values of one key.
func (v *Values) Set(key int, x []float32) {
	checkRows(key, 1, v.capacity, len(x), v.dim)
	v.scale[key] = roundToPower(v.row, x)
	n := v.tile.cols
	for from := 0; from < v.dim; from += n {
		row := v.row[from:min(from+n, v.dim)]
		panel := v.w[from/n*v.step+key/2*2*n:][:2*n]
		to := unsafe.Pointer(&panel[key%2])
		for i, x := range row {
			*(*int16)(unsafe.Add(to, 4*i)) = x
		}
	}
}

// Read writes the values of keys from key on to dst, which holds a whole number of rows.
func (v *Values) Read(dst []float32, key int) {
	checkRows(key, len(dst)/v.dim, v.capacity, len(dst), v.dim)
	n := v.tile.cols
	for ; len(dst) > 0; dst, key = dst[v.dim:], key+1 {
		scale := v.scale[key]
		for from := 0; from < v.dim; from += n {
			panel := v.w[from/n*v.step+key/2*2*n:][:2*n]
			at := unsafe.Pointer(&panel[key%2])
			for i := range dst[from:min(from+n, v.dim)] {
				dst[from+i] = scale * float32(*(*int16)(unsafe.Add(at, 4*i)))
			}
		}
	}
}

// mix adds the products of m queries' rounded weights with the values of n keys from key from on to their sums.
func (a *Attention) mix(v *Values, m, from, n int) {
	z := &a.integers
	z.pairs, z.stepX, z.stepY, z.add = n/2, 2*keyBlock, uintptr(4*a.width), true
	for p := 0; p < a.width; p += v.tile.cols {
		z.multiply(&v.tile, m, a.weights, a.weightScale, v.w[p/v.tile.cols*v.step+from*v.tile.cols:], v.ones, a.sums[p:])
	}
}
