package kernel

import (
	"fmt"
	"unsafe"
)

// keyPanel is how many keys lie side by side in Keys: eight vectors, so that a
// query meets a panel front to back with its scores in registers. It divides
// keyBlock and is a multiple of every tile's width.
const keyPanel = 8 * lanes

// Keys are the rotated keys of one head, laid out for dot products with
// queries: panel by panel of keyPanel keys, inside a panel component after component. A score is
// then a sum down a column of a vector, and none has to be added up across one.
type Keys struct {
	dim, capacity int
	w             []float32 // panels×dim×keyPanel
}

// NewKeys makes room for capacity keys of dim components, all zero.
func NewKeys(capacity, dim int) Keys {
	panels := (capacity + keyPanel - 1) / keyPanel
	return Keys{dim: dim, capacity: capacity, w: make([]float32, panels*keyPanel*dim)}
}

// Set writes consecutive keys, the rows of dim components in rows, from key from on.
func (k *Keys) Set(from int, rows []float32) {
	d := k.dim
	if n := len(rows) / d; from < 0 || from+n > k.capacity || n*d != len(rows) {
		panic(fmt.Sprintf("kernel: %d values as keys of %d components from key %d, of %d", len(rows), d, from, k.capacity))
	}
	for len(rows) > 0 {
		at := from % keyPanel
		panel := k.w[(from-at)*d:][:keyPanel*d]
		if at%4 == 0 && len(rows) >= 4*d {
			// Four keys at a time, so that a line of the panel is not fetched once per component.
			r0, r1, r2, r3 := rows[:d], rows[d:2*d], rows[2*d:3*d], rows[3*d:4*d]
			for e, v := range r0 {
				*(*[4]float32)(panel[e*keyPanel+at:]) = [4]float32{v, r1[e], r2[e], r3[e]}
			}
			from, rows = from+4, rows[4*d:]
			continue
		}
		for e, v := range rows[:d] {
			panel[e*keyPanel+at] = v
		}
		from, rows = from+1, rows[d:]
	}
}

// Scores writes the dot products of q with the len(dst) keys from key from on to dst.
func (k *Keys) Scores(dst, q []float32, from int) {
	if from < 0 || from+len(dst) > k.capacity || len(q) != k.dim {
		panic(fmt.Sprintf("kernel: scores of keys %d to %d, of %d, with a query of %d components for %d", from, from+len(dst), k.capacity, len(q), k.dim))
	}
	for len(dst) > 0 {
		at := from % keyPanel
		w := k.w[(from-at)*k.dim:]
		if whole := len(dst) / keyPanel; at == 0 && whole > 0 {
			scorePanels(whole, dst, q, w)
			dst, from = dst[whole*keyPanel:], from+whole*keyPanel
			continue
		}
		var panel [keyPanel]float32
		scorePanels(1, panel[:], q, w)
		n := copy(dst, panel[at:])
		dst, from = dst[n:], from+n
	}
}

// scorePanels writes the scores of n whole panels from w on to dst.
func scorePanels(n int, dst, q, w []float32) {
	dst, w = dst[:n*keyPanel], w[:n*keyPanel*len(q)]
	clear(dst)
	if vectorised {
		scorePanelsVec(n, len(q), at(dst), at(q), at(w))
		return
	}
	for p := range n {
		MixValuesScalar(dst[p*keyPanel:][:keyPanel], q, w[p*keyPanel*len(q):], keyPanel)
	}
}

// products computes m queries' scores of n keys, both whole panels' worth, from
// key from on: row i at c[i·n]. queries are packed in panels of the tile's height.
func (k *Keys) products(ws *Workspace, t tiling, m, n int, queries []float32, from int, c []float32) {
	w := k.w[from*k.dim:][:n*k.dim]
	if t.cols != keyPanel {
		ws.b = grow(ws.b, n*k.dim)
		for j := 0; j < n; j += t.cols {
			packRows(ws.b[j*k.dim:][:t.cols*k.dim], w[j/keyPanel*keyPanel*k.dim+j%keyPanel:], keyPanel, k.dim, t.cols)
		}
		w = ws.b
	}
	ws.tile = grow(ws.tile, t.rows*t.cols)
	multiplyBlock(t, queries, w, ws.tile, m, n, k.dim, c, n, false)
}

func at(x []float32) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(x)) }
