package kernel

import (
	"fmt"
	"unsafe"
)

// Workspace holds the packing buffers of the matrix kernels. The zero value is
// ready; buffers grow to the largest product seen and are kept, so that a
// steady state allocates nothing. One goroutine uses a Workspace at a time.
type Workspace struct {
	a, b []float32   // packed panels of op(A) and op(B)
	tile []float32   // one full register tile, for the ragged edges of C
	each []Workspace // of the tasks of a product that is spread over cores

	// Of products of int8 weights: the activations rounded, and what to multiply each row with.
	rounded  []int16
	scales   []float32
	integers integers
}

// Cache blocking. A block of op(A) (blockM×blockK) stays in the second-level
// cache, a panel of op(B) (blockK×tile width) in the first.
const (
	blockM = 192
	blockK = 256
	blockN = 1024
)

// tiling is a register tile: micro computes rows×cols elements of C from panels packed to that size.
type tiling struct {
	rows, cols int
	micro      func(k int, a, b, c unsafe.Pointer, ldc int, accumulate bool)
	// int8x4 and int8x1 compute four rows and one with a panel of int8 weights; they may move z's pointers.
	int8x4, int8x1 func(z *integers)
	// int16x4 and int16x1 do so with a panel of int16.
	int16x4, int16x1 func(z *integers)
}

// GEMM computes C = op(A)·op(B), or C += op(A)·op(B) when accumulate is set.
// All matrices are row-major; op transposes when its flag is set. op(A) is m×k,
// op(B) is k×n, C is m×n; lda, ldb and ldc are the distances between rows as
// stored, so a has k rows of m when transA is set. Single-threaded. C must not
// overlap A or B. Panics when a slice is shorter than its shape.
func GEMM(ws *Workspace, transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, accumulate bool, c []float32, ldc int) {
	gemm(ws, currentTiling(), transA, transB, m, n, k, a, lda, b, ldb, accumulate, c, ldc)
}

// GEMMScalar is GEMM without vector instructions: the fallback and the reference of the tests.
func GEMMScalar(ws *Workspace, transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, accumulate bool, c []float32, ldc int) {
	gemm(ws, scalarTiling, transA, transB, m, n, k, a, lda, b, ldb, accumulate, c, ldc)
}

func gemm(ws *Workspace, t tiling, transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, accumulate bool, c []float32, ldc int) {
	if m <= 0 || n <= 0 {
		return
	}
	checkMatrix("c", c, m, n, ldc)
	if k <= 0 {
		if !accumulate {
			for i := range m {
				clear(c[i*ldc : i*ldc+n])
			}
		}
		return
	}
	if transA {
		checkMatrix("a", a, k, m, lda)
	} else {
		checkMatrix("a", a, m, k, lda)
	}
	if transB {
		checkMatrix("b", b, n, k, ldb)
	} else {
		checkMatrix("b", b, k, n, ldb)
	}
	if rows, cols := gemmModule(ws, t, transA, transB, m, n, k, a, lda, b, ldb, accumulate, c, ldc); rows > 0 {
		// What is left: columns beside that, and rows below.
		if cols < n {
			from := cols
			if transB {
				from *= ldb
			}
			blocks(ws, t, transA, transB, rows, n-cols, k, a, lda, b[from:], ldb, accumulate, c[cols:], ldc)
		}
		if rows < m {
			from := rows
			if !transA {
				from *= lda
			}
			blocks(ws, t, transA, transB, m-rows, n, k, a[from:], lda, b, ldb, accumulate, c[rows*ldc:], ldc)
		}
		return
	}
	blocks(ws, t, transA, transB, m, n, k, a, lda, b, ldb, accumulate, c, ldc)
}

// blocks is gemm by packed blocks of A and of B.
func blocks(ws *Workspace, t tiling, transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, accumulate bool, c []float32, ldc int) {
	mr, nr := t.rows, t.cols
	mb, nb := (blockM+mr-1)/mr*mr, (blockN+nr-1)/nr*nr
	kb := depthBlock(k)
	ws.a = grow(ws.a, min(mb, (m+mr-1)/mr*mr)*kb)
	ws.b = grow(ws.b, min(nb, (n+nr-1)/nr*nr)*kb)
	ws.tile = grow(ws.tile, mr*nr)
	for j0 := 0; j0 < n; j0 += nb {
		nc := min(nb, n-j0)
		for p0 := 0; p0 < k; p0 += kb {
			kc := min(kb, k-p0)
			if transB {
				packPanels(ws.b, b[j0*ldb+p0:], ldb, nc, kc, nr, false)
			} else {
				packPanels(ws.b, b[p0*ldb+j0:], ldb, nc, kc, nr, true)
			}
			add := accumulate || p0 > 0
			for i0 := 0; i0 < m; i0 += mb {
				mc := min(mb, m-i0)
				if transA {
					packPanels(ws.a, a[p0*lda+i0:], lda, mc, kc, mr, true)
				} else {
					packPanels(ws.a, a[i0*lda+p0:], lda, mc, kc, mr, false)
				}
				multiplyBlock(t, ws.a, ws.b, ws.tile, mc, nc, kc, c[i0*ldc+j0:], ldc, add)
			}
		}
	}
}

// multiplyBlock runs the register tile over one packed block of A and one of B.
func multiplyBlock(t tiling, pa, pb, tile []float32, m, n, k int, c []float32, ldc int, add bool) {
	mr, nr := t.rows, t.cols
	pt := unsafe.Pointer(unsafe.SliceData(tile))
	for j := 0; j < n; j += nr {
		b := unsafe.Pointer(&pb[j*k])
		for i := 0; i < m; i += mr {
			a := unsafe.Pointer(&pa[i*k])
			if i+mr <= m && j+nr <= n {
				t.micro(k, a, b, unsafe.Pointer(&c[i*ldc+j]), ldc, add)
				continue
			}
			t.micro(k, a, b, pt, nr, false)
			w := min(nr, n-j)
			for r := range min(mr, m-i) {
				dst := c[(i+r)*ldc+j:][:w]
				if add {
					for x, v := range tile[r*nr:][:w] {
						dst[x] += v
					}
				} else {
					copy(dst, tile[r*nr:][:w])
				}
			}
		}
	}
}

// packPanels copies count×k elements into panels of width lanes: panel by
// panel, k after k, width consecutive values, zero where count ends inside a
// panel. alongRow says that the width direction is contiguous in src.
func packPanels(dst, src []float32, ld, count, k, width int, alongRow bool) {
	for j := 0; j < count; j += width {
		w := min(width, count-j)
		panel := dst[j*k:][: width*k : width*k]
		switch {
		case alongRow && w == width:
			packRows(panel, src[j:], ld, k, width)
		case alongRow:
			for p := range k {
				row := panel[p*width:][:width]
				clear(row[copy(row, src[p*ld+j:][:w]):])
			}
		default:
			packTransposed(panel, src[j*ld:], ld, w, k, width)
		}
	}
}

// packRows fills one whole panel whose width direction is contiguous in src. The
// widths of the tiles are copied as arrays: a call for so few bytes costs more than they do.
func packRows(panel, src []float32, ld, k, width int) {
	switch width {
	case 4:
		for p := range k {
			*(*[4]float32)(panel[p*4:]) = *(*[4]float32)(src[p*ld:])
		}
	case 8:
		for p := range k {
			*(*[8]float32)(panel[p*8:]) = *(*[8]float32)(src[p*ld:])
		}
	case 16:
		for p := range k {
			*(*[16]float32)(panel[p*16:]) = *(*[16]float32)(src[p*ld:])
		}
	case 32:
		for p := range k {
			*(*[32]float32)(panel[p*32:]) = *(*[32]float32)(src[p*ld:])
		}
	default:
		for p := range k {
			copy(panel[p*width:][:width], src[p*ld:])
		}
	}
}

// packTransposed fills one panel whose width direction is strided in src.
func packTransposed(panel, src []float32, ld, w, k, width int) {
	if w < width {
		clear(panel)
	}
	x := 0
	for ; x+4 <= w; x += 4 {
		// Four rows at a time, so that a line of the panel is not fetched once per element.
		r0, r1, r2, r3 := src[x*ld:][:k], src[(x+1)*ld:][:k], src[(x+2)*ld:][:k], src[(x+3)*ld:][:k]
		for p, v := range r0 {
			*(*[4]float32)(panel[p*width+x:]) = [4]float32{v, r1[p], r2[p], r3[p]}
		}
	}
	for ; x < w; x++ {
		for p, v := range src[x*ld:][:k] {
			panel[p*width+x] = v
		}
	}
}

func checkMatrix(name string, s []float32, rows, cols, ld int) {
	if ld < cols || len(s) < (rows-1)*ld+cols {
		panic(fmt.Sprintf("kernel: matrix %s: %d values with leading dimension %d cannot hold %d×%d", name, len(s), ld, rows, cols))
	}
}

// grow returns a slice of n values, reusing s where it is large enough. The contents are undefined.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
