package kernel

import (
	"fmt"
	"unsafe"
)

// Keys are the rotated keys of one head in 16 bits, each rounded by its norm so that its product with a query rounded
// likewise is one of integers and exact. They are laid out as panels of as many keys as a tile is wide,
// inside a panel pair of components after pair, as instructions multiply both and add them.
type Keys struct {
	dim, capacity int
	tile          tiling
	w             []int16   // panels×pairs×width×2
	scale         []float32 // of each key
	rows          []int16   // keys on their way into a panel
}

// keysAtOnce is how many keys are written to a panel at a time, so that a line of it is not fetched once per component.
const keysAtOnce = 4

// NewKeys makes room for capacity keys of dim components, all zero.
func NewKeys(capacity, dim int) Keys {
	t := currentTiling()
	keys := roundUp(capacity, t.cols)
	return Keys{dim: dim, capacity: capacity, tile: t, w: make([]int16, keys*roundUp(dim, 2)), scale: make([]float32, keys), rows: make([]int16, keysAtOnce*roundUp(dim, 2))}
}

// roundUp is the first multiple of step from n on.
func roundUp(n, step int) int { return (n + step - 1) / step * step }

// Set writes consecutive keys, the rows of dim components in rows, from key from on.
func (k *Keys) Set(from int, rows []float32) {
	d, width := k.dim, roundUp(k.dim, 2)
	checkRows(from, len(rows)/d, k.capacity, len(rows), d)
	for len(rows) > 0 {
		n := min(keysAtOnce-from%keysAtOnce, len(rows)/d)
		for i := range n {
			k.scale[from+i] = roundByNorm(k.rows[i*width:][:d], rows[i*d:][:d])
		}
		at := from % k.tile.cols
		panel, step := k.w[(from-at)*width+2*at:], 2*k.tile.cols
		if n == keysAtOnce {
			to, r0 := atShorts(panel), atShorts(k.rows)
			r1 := unsafe.Add(r0, 2*width)
			r2, r3 := unsafe.Add(r0, 4*width), unsafe.Add(r1, 4*width)
			for e := 0; e < 2*width; e += 4 {
				*(*[4]uint32)(to) = [4]uint32{*(*uint32)(unsafe.Add(r0, e)), *(*uint32)(unsafe.Add(r1, e)), *(*uint32)(unsafe.Add(r2, e)), *(*uint32)(unsafe.Add(r3, e))}
				to = unsafe.Add(to, 2*step)
			}
		} else {
			for i := range n {
				for e := 0; e < width; e += 2 {
					*(*[2]int16)(panel[e/2*step+2*i:]) = [2]int16(k.rows[i*width+e:])
				}
			}
		}
		from, rows = from+n, rows[n*d:]
	}
}

// Scores writes the dot products of q with the len(dst) keys of k from key from on to dst.
func (a *Attention) Scores(k *Keys, dst, q []float32, from int) {
	if from < 0 || from+len(dst) > k.capacity || len(q) != k.dim {
		panic(fmt.Sprintf("kernel: scores of keys %d to %d, of %d, with a query of %d components for %d", from, from+len(dst), k.capacity, len(q), k.dim))
	}
	a.roundQueries(q, k.dim, 1, k.dim)
	a.scores = grow(a.scores, max(len(a.scores), scoreRow))
	for len(dst) > 0 {
		at := from % k.tile.cols
		n := min(roundUp(at+len(dst), k.tile.cols), keyBlock)
		a.score(k, 1, from-at, n)
		done := copy(dst, a.scores[at:n])
		dst, from = dst[done:], from+done
	}
}

// score computes the products of m rounded queries with n keys, both whole panels' worth, from key from on.
func (a *Attention) score(k *Keys, m, from, n int) {
	width := roundUp(k.dim, 2)
	z := &a.integers
	z.pairs, z.stepX, z.stepY, z.add = width/2, uintptr(2*width), 4*scoreRow, false
	for j := 0; j < n; j += k.tile.cols {
		z.multiply(&k.tile, m, a.queries, a.queryScale, k.w[(from+j)*width:], k.scale[from+j:], a.scores[j:])
	}
}

// multiply computes m rows, as far apart as z says, with one panel.
func (z *integers) multiply(t *tiling, m int, x []int16, scaleX []float32, w []int16, scaleW, y []float32) {
	for i := 0; i < m; {
		z.x, z.scaleX, z.y = unsafe.Add(atShorts(x), i*int(z.stepX)), floatsAt(scaleX, i), unsafe.Add(at(y), i*int(z.stepY))
		z.w, z.scaleW = atShorts(w), at(scaleW)
		if i+4 <= m {
			t.int16x4(z)
			i += 4
		} else {
			t.int16x1(z)
			i++
		}
	}
}

func at(x []float32) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(x)) }

func atShorts(x []int16) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(x)) }
