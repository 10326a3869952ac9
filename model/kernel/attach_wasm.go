//go:build goexperiment.simd

package kernel

import (
	_ "embed"
	"fmt"
	"math"
	"syscall/js"
	"unsafe"
)

// The kernel module: kernels in WebAssembly over this program's memory. What Go compiles to WebAssembly checks,
// moves and spills more than the products take; the module has the instructions and nothing else. It needs
// that memory, which whoever starts the program leaves in a global variable (memoryName); without it the
// kernels in Go do everything.

// moduleCode is what moduleBytes writes, which make kernels keeps in a file: written at every start it took a
// quarter of a second, and had the browser compile the writer.
//
//go:embed module.wasm
var moduleCode []byte

// command is what a kernel of the module is told. Pointers are kept as such: what they point to must
// neither move nor be collected.
var command struct {
	pointers [12]unsafe.Pointer
	sizes    [12]int32
}

const (
	pointersAt = int(unsafe.Offsetof(command.pointers))
	sizesAt    = int(unsafe.Offsetof(command.sizes))
)

// module holds the kernels where they are attached, why they are not otherwise.
var module struct {
	attached bool
	why      error

	matrix, vector, int8s, gemm, attention js.Value
}

func init() {
	if module.why = attach(js.Global().Get(memoryName)); module.why != nil {
		return
	}
	module.attached = true
	if module.why = knownAnswers(); module.why != nil {
		module.attached = false
	}
}

// Module is why the kernel module does not compute here, nil if it does.
func Module() error { return module.why }

func attach(memory js.Value) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the kernel module could not be made: %v", r)
		}
	}()
	if memory.IsUndefined() {
		return fmt.Errorf("the kernel module has no memory")
	}
	bytes := js.Global().Get("Uint8Array").New(len(moduleCode))
	js.CopyBytesToJS(bytes, moduleCode)
	webAssembly := js.Global().Get("WebAssembly")
	compiled := webAssembly.Get("Module").New(bytes)
	base := webAssembly.Get("Global").New(map[string]any{"value": "i32"}, int(uintptr(unsafe.Pointer(&command))))
	imports := map[string]any{"env": map[string]any{"memory": memory, "base": base}}
	exports := webAssembly.Get("Instance").New(compiled, imports).Get("exports")
	module.matrix, module.vector, module.int8s = exports.Get("matrix"), exports.Get("vector"), exports.Get("int8s")
	module.gemm, module.attention = exports.Get("gemm"), exports.Get("attention")
	return nil
}

// blockModule is Packed.block in the module, false if that cannot do it.
func (p *Packed) blockModule(ws *Workspace, n int, dst []float32, lddst int, x []float32, ldx int) bool {
	if !module.attached || p.tile.cols != 8 {
		return false
	}
	out, ldout, kb := dst, lddst, depthBlock(p.cols)
	if p.rows%8 != 0 {
		ldout = 8 * p.panels
		ws.tile = grow(ws.tile, max(len(ws.tile), n*ldout))
		out = ws.tile
	}
	c := &command
	for p0 := 0; p0 < p.cols; p0 += kb {
		kc, add := min(kb, p.cols-p0), int32(0)
		if p0 > 0 {
			add = 1
		}
		c.pointers[0], c.pointers[1], c.pointers[2] = at(x[p0:]), at(p.w[8*p0:]), at(out)
		c.sizes = [12]int32{int32(n), int32(kc), int32(4 * ldx), int32(p.panels), int32(32 * p.cols), int32(4 * ldout), add}
		module.matrix.Invoke()
	}
	if p.rows%8 != 0 {
		for i := range n {
			copy(dst[i*lddst:][:p.rows], out[i*ldout:])
		}
	}
	return true
}

// int8Module is one depth of Packed.blockInt8 in the module, which rounds as well.
func (p *Packed) int8Module(ws *Workspace, n int, out []float32, ldout int, x []float32, ldx, p0 int) bool {
	if !module.attached || p.tile.cols != 8 {
		return false
	}
	depth, add := min(depthInt8, p.cols-p0), int32(0)
	if p0 > 0 {
		add = 1
	}
	c := &command
	c.pointers = [12]unsafe.Pointer{at(x), unsafe.Pointer(&p.q[8*p0]), at(out), unsafe.Pointer(unsafe.SliceData(ws.rounded)), at(ws.scales), at(p.scale)}
	c.sizes = [12]int32{int32(n), int32(depth), int32(4 * ldx), int32(p.panels), int32(16 * p.pairs), int32(4 * ldout), add}
	module.int8s.Invoke()
	return true
}

// vectorModule is one depth of Packed.vector in the module.
func (p *Packed) vectorModule(y, x []float32, p0 int) bool {
	if !module.attached || p.tile.cols != 8 {
		return false
	}
	add := int32(0)
	if p0 > 0 {
		add = 1
	}
	c := &command
	c.pointers[0], c.pointers[1], c.pointers[2] = at(x), at(p.w[8*p0:]), at(y)
	c.sizes = [12]int32{int32(len(x)), int32(p.panels), int32(32 * p.cols), add}
	module.vector.Invoke()
	return true
}

// gemmModule is gemm in the module for as many rows and columns of C as it returns, from the first on.
func gemmModule(ws *Workspace, t tiling, transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, accumulate bool, c []float32, ldc int) (rows, cols int) {
	if !module.attached || t.cols != 8 || m*n*k < 1<<12 {
		return 0, 0
	}
	if n -= n % 8; transA {
		m -= m % 4
	}
	if m == 0 || n == 0 {
		return 0, 0
	}
	to, kb := &command, depthBlock(k)
	ws.b = grow(ws.b, min(blockN, n)*kb)
	to.pointers[3] = at(ws.b)
	transposed := [2]int32{}
	if transA {
		ws.a = grow(ws.a, min(blockM, m)*kb)
		to.pointers[4] = at(ws.a)
		transposed[0] = 1
	}
	if transB {
		transposed[1] = 1
	}
	for j0 := 0; j0 < n; j0 += blockN {
		for p0 := 0; p0 < k; p0 += kb {
			add := int32(0)
			if accumulate || p0 > 0 {
				add = 1
			}
			fromA, fromB := p0, j0*ldb+p0
			if transA {
				fromA = p0 * lda
			}
			if !transB {
				fromB = p0*ldb + j0
			}
			to.pointers[0], to.pointers[1], to.pointers[2] = at(a[fromA:]), at(b[fromB:]), at(c[j0:])
			to.sizes = [12]int32{int32(m), int32(min(blockN, n-j0)), int32(min(kb, k-p0)), int32(4 * lda), int32(4 * ldb), int32(4 * ldc), add, transposed[0], transposed[1]}
			module.gemm.Invoke()
		}
	}
	return m, n
}

// overModule is Attention.Over in the module, of queries that are rounded.
func (a *Attention) overModule(s *Span, first, last int) bool {
	if !module.attached {
		return false
	}
	c := &command
	c.pointers = [12]unsafe.Pointer{atShorts(a.queries), at(a.queryScale), atShorts(s.K.w), at(s.K.scale), atShorts(s.V.w), at(s.V.scale),
		at(a.scores), at(a.sums), at(a.top), at(a.mass), atShorts(a.weights), at(a.weightScale)}
	bound := func(i int) int32 { return int32(min(max(i, math.MinInt32), math.MaxInt32-s.Rows)) }
	c.sizes = [12]int32{int32(s.Rows), int32(roundUp(s.Dim, 2) / 2), int32(4 * a.width), int32(2 * s.V.step), int32(s.Keys), bound(s.Low), bound(s.High), int32(first), int32(last)}
	module.attention.Invoke()
	return true
}
