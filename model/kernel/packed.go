package kernel

import (
	"fmt"
	"slices"
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
	pairs      int       // of inputs of an int8 matrix, the last one filled up with a zero
	q          []int8    // that: panels×pairs×width×2
	scale      []float32 // one per row, for q; zero in the padding
}

// Pack lays out a row-major rows×cols (outputs×inputs) matrix.
func Pack(rows, cols int, w []float32) *Packed { return packFor(currentTiling(), rows, cols, w) }

// PackInt8 lays out a row-major int8 matrix whose row r stands for scale[r]·w.
// Mul rounds activations to int16, each row by its largest value among 512 inputs, and sums integers.
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

// Unpack lays the matrix out as it was given, row by row: w of [Pack], or q and scale of [PackInt8]; the others are nil.
func (p *Packed) Unpack() (w []float32, q []int8, scale []float32) {
	n := p.tile.cols
	if p.q == nil {
		w = make([]float32, p.rows*p.cols)
		for r := range p.rows {
			panel := p.w[r/n*n*p.cols:]
			for c := range p.cols {
				w[r*p.cols+c] = panel[c*n+r%n]
			}
		}
		return w, nil, nil
	}
	q = make([]int8, p.rows*p.cols)
	for r := range p.rows {
		panel := p.q[r/n*n*2*p.pairs:]
		for c := range p.cols {
			q[r*p.cols+c] = panel[(c/2*n+r%n)*2+c%2]
		}
	}
	return nil, q, slices.Clone(p.scale[:p.rows])
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
	if n <= fewRows && p.q == nil {
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
	if p.q != nil {
		p.blockInt8(ws, n, dst, lddst, x, ldx)
		return
	}
	if p.blockModule(ws, n, dst, lddst, x, ldx) {
		return
	}
	t, kb := p.tile, depthBlock(p.cols)
	mr, nr := t.rows, t.cols
	mb := (blockM + mr - 1) / mr * mr
	ws.a = grow(ws.a, min(mb, (n+mr-1)/mr*mr)*kb)
	ws.tile = grow(ws.tile, mr*nr)
	for i0 := 0; i0 < n; i0 += mb {
		mc := min(mb, n-i0)
		for p0 := 0; p0 < p.cols; p0 += kb {
			kc := min(kb, p.cols-p0)
			packPanels(ws.a, x[i0*ldx+p0:], ldx, mc, kc, mr, false)
			for j := range p.panels {
				at := (j*p.cols + p0) * nr
				multiplyBlock(t, ws.a, p.w[at:], ws.tile, mc, min(nr, p.rows-j*nr), kc, dst[i0*lddst+j*nr:], lddst, p0 > 0)
			}
		}
	}
}

// vector is the product of float32 weights with one row.
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
		default:
			p.vectorFloat(out, x[p0:p0+kc], p0)
		}
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
			for i, v := range x {
				s += v * p.w[at+i*nr]
			}
			if p0 > 0 {
				s += y[j*nr+r]
			}
			y[j*nr+r] = s
		}
	}
}

func floatsAt(x []float32, i int) unsafe.Pointer {
	return unsafe.Add(unsafe.Pointer(unsafe.SliceData(x)), 4*i)
}
