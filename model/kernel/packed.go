package kernel

import (
	"fmt"
	"unsafe"
)

// Packed is a weight matrix laid out once for products with rows of
// activations: panels of as many outputs as the register tile is wide, inside a
// panel input after input. A Packed never changes and may be shared by goroutines.
type Packed struct {
	rows, cols int
	tile       tiling
	panels     int
	w          []float32 // panels×cols×width, or nil
	q          []int8    // the same of an int8 matrix
	scale      []float32 // one per row, for q; zero in the padding
}

// Pack lays out a row-major rows×cols (outputs×inputs) matrix.
func Pack(rows, cols int, w []float32) *Packed { return packFor(currentTiling(), rows, cols, w) }

// PackInt8 lays out a row-major int8 matrix whose row r stands for scale[r]·w.
// Activations stay float32, so an int8 weight costs no more precision than its own rounding.
func PackInt8(rows, cols int, w []int8, scale []float32) *Packed {
	return packInt8For(currentTiling(), rows, cols, w, scale)
}

func newPacked(t tiling, rows, cols, have int) *Packed {
	if rows < 1 || cols < 1 || have < rows*cols {
		panic(fmt.Sprintf("kernel: %d weights cannot hold %d×%d", have, rows, cols))
	}
	return &Packed{rows: rows, cols: cols, tile: t, panels: (rows + t.cols - 1) / t.cols}
}

func packFor(t tiling, rows, cols int, w []float32) *Packed {
	p := newPacked(t, rows, cols, len(w))
	p.w = make([]float32, p.panels*t.cols*cols)
	packPanels(p.w, w, cols, rows, cols, t.cols, false)
	return p
}

func packInt8For(t tiling, rows, cols int, w []int8, scale []float32) *Packed {
	p := newPacked(t, rows, cols, len(w))
	if len(scale) < rows {
		panic(fmt.Sprintf("kernel: %d scales for %d rows", len(scale), rows))
	}
	p.scale = make([]float32, p.panels*t.cols)
	copy(p.scale, scale[:rows])
	// A vector load may reach past the last weight.
	p.q = make([]int8, p.panels*t.cols*cols+16)
	for r := range rows {
		panel := p.q[r/t.cols*t.cols*cols:]
		for c, v := range w[r*cols : (r+1)*cols] {
			panel[c*t.cols+r%t.cols] = v
		}
	}
	return p
}

// Rows and Cols are the outputs and inputs of the matrix.
func (p *Packed) Rows() int { return p.rows }

// Cols is the number of inputs.
func (p *Packed) Cols() int { return p.cols }

// fewRows is up to how many activation rows are multiplied one by one; rowsPerTask is the share of one core above.
const (
	fewRows     = 2
	rowsPerTask = 48
)

// Mul computes dst = x·Wᵀ for n rows of x: row i of dst (rows values at
// i·lddst) from row i of x (cols values at i·ldx). A row's result has the same bits
// whatever n is, so a text read token by token equals the same text read in
// blocks. Many rows are spread over the cores. Allocates nothing once ws has grown.
func (p *Packed) Mul(ws *Workspace, n int, dst []float32, lddst int, x []float32, ldx int) {
	if n <= 0 {
		return
	}
	checkMatrix("dst", dst, n, p.rows, lddst)
	checkMatrix("x", x, n, p.cols, ldx)
	if n <= fewRows {
		for i := range n {
			p.vector(ws, dst[i*lddst:][:p.rows], x[i*ldx:][:p.cols])
		}
		return
	}
	tasks := (n + rowsPerTask - 1) / rowsPerTask
	if tasks == 1 || singleThread {
		p.block(ws, n, dst, lddst, x, ldx)
		return
	}
	ws.each = grow(ws.each, max(tasks, len(ws.each)))
	For(tasks, func(i int) {
		from := i * rowsPerTask
		p.block(&ws.each[i], min(rowsPerTask, n-from), dst[from*lddst:], lddst, x[from*ldx:], ldx)
	})
}

// depthBlock is how many inputs are summed before the sum is added to the
// output; products of one row and of many must agree on it.
func depthBlock(k int) int {
	if k <= blockK+blockK/2 {
		return k
	}
	return blockK
}

func (p *Packed) block(ws *Workspace, n int, dst []float32, lddst int, x []float32, ldx int) {
	if p.blockModule(ws, n, dst, lddst, x, ldx) {
		return
	}
	t, kb := p.tile, depthBlock(p.cols)
	mr, nr := t.rows, t.cols
	mb := (blockM + mr - 1) / mr * mr
	ws.a = grow(ws.a, min(mb, (n+mr-1)/mr*mr)*kb)
	ws.tile = grow(ws.tile, mr*nr)
	if p.q != nil {
		ws.b = grow(ws.b, nr*kb)
	}
	for i0 := 0; i0 < n; i0 += mb {
		mc := min(mb, n-i0)
		for p0 := 0; p0 < p.cols; p0 += kb {
			kc := min(kb, p.cols-p0)
			packPanels(ws.a, x[i0*ldx+p0:], ldx, mc, kc, mr, false)
			for j := range p.panels {
				at := (j*p.cols + p0) * nr
				panel := ws.b
				if p.q != nil {
					widenInt8(ws.b[:kc*nr], p.q[at:])
				} else {
					panel = p.w[at:]
				}
				multiplyBlock(t, ws.a, panel, ws.tile, mc, min(nr, p.rows-j*nr), kc, dst[i0*lddst+j*nr:], lddst, p0 > 0)
			}
		}
		if p.q != nil {
			for i := range mc {
				row := dst[(i0+i)*lddst:][:p.rows]
				Mul(row, row, p.scale)
			}
		}
	}
}

// vector is the product with one row.
func (p *Packed) vector(ws *Workspace, y, x []float32) {
	nr, kb := p.tile.cols, depthBlock(p.cols)
	out := y
	if p.rows%nr != 0 {
		ws.tile = grow(ws.tile, max(len(ws.tile), p.panels*nr))
		out = ws.tile[:p.panels*nr]
	}
	for p0 := 0; p0 < p.cols; p0 += kb {
		kc := min(kb, p.cols-p0)
		switch {
		case p.vectorModule(out, x[p0:p0+kc], p0):
		case !vectorised || nr%(2*lanes) != 0:
			p.vectorScalar(out, x[p0:p0+kc], p0)
		case p.q != nil:
			p.vectorInt8(out, x[p0:p0+kc], p0)
		default:
			p.vectorFloat(out, x[p0:p0+kc], p0)
		}
	}
	if p.q != nil {
		Mul(out, out, p.scale)
	}
	if p.rows%nr != 0 {
		copy(y, out)
	}
}

// vectorScalar adds the product with inputs p0 … p0+len(x)-1 to y, or sets y when p0 is 0.
func (p *Packed) vectorScalar(y, x []float32, p0 int) {
	nr := p.tile.cols
	for j := range p.panels {
		for r := range nr {
			var s float32
			at := (j*p.cols+p0)*nr + r
			if p.q != nil {
				for i, v := range x {
					s += v * float32(p.q[at+i*nr])
				}
			} else {
				for i, v := range x {
					s += v * p.w[at+i*nr]
				}
			}
			if p0 > 0 {
				s += y[j*nr+r]
			}
			y[j*nr+r] = s
		}
	}
}

func widenScalar(dst []float32, q []int8) {
	for i := range dst {
		dst[i] = float32(q[i])
	}
}

func floatsAt(x []float32, i int) unsafe.Pointer {
	return unsafe.Add(unsafe.Pointer(unsafe.SliceData(x)), 4*i)
}
