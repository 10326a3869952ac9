package kernel

import (
	"fmt"
	"math"
	"unsafe"
)

// Products of int8 weights. Activations are rounded to int16, each row by its largest
// value, so that every sum is one of integers: exact in any order, and the same on every machine. Rounding moves an activation by
// at most 1/65534 of its row's largest, where the weights' own moves them by 1/254 of theirs.

// depthInt8 is how many inputs are rounded and summed together: 512·128·32767 is under 2³¹.
const depthInt8 = 512

const largestInt16 = 32767

// smallestPeak is the largest value below which a row counts as zero: the inverse of a smaller one may overflow.
const smallestPeak = 1e-30

// integers is a product of rows of rounded activations with one panel of int8 weights, or of int16.
type integers struct {
	pairs          int            // of inputs
	x, w           unsafe.Pointer // rows of pairs of int16; pairs×width×2 int8 or int16
	scaleX, scaleW unsafe.Pointer // of rows and of outputs
	y              unsafe.Pointer
	stepX, stepY   uintptr // bytes from row to row
	add            bool
}

// roundRow rounds x to int16 and returns what they are to be multiplied with. It is NaN where a value of x is not finite.
func roundRow(dst []int16, x []float32) (scale float32) {
	scale, inverse := roundBy(peakBits(x))
	if vectorised {
		roundVec(dst[:len(x)], x, inverse)
	} else {
		roundScalar(dst[:len(x)], x, inverse)
	}
	return scale
}

// roundBy turns the bits of a row's largest absolute value into its scale and the scale's inverse.
func roundBy(peak int32) (scale, inverse float32) {
	switch {
	case peak >= 0x7f800000:
		return float32(math.NaN()), 0
	case peak < int32(math.Float32bits(smallestPeak)):
		return 0, 0
	}
	p := math.Float32frombits(uint32(peak))
	return p / largestInt16, largestInt16 / p
}

// peakBits is the largest of the bits of x without their signs: those of the largest absolute value, or above if one is not finite.
func peakBits(x []float32) int32 {
	if vectorised {
		return peakBitsVec(x)
	}
	return peakBitsScalar(x)
}

func peakBitsScalar(x []float32) (peak int32) {
	for _, v := range x {
		peak = max(peak, int32(math.Float32bits(v)&0x7fffffff))
	}
	return peak
}

// roundMagic rounds to a whole number by being added: the last bit of the sum stands for 1, and its lowest 16 bits are the number's.
const roundMagic = 3 << 22

func roundScalar(dst []int16, x []float32, inverse float32) {
	for i, v := range x {
		// The conversion keeps product and sum from being fused.
		dst[i] = int16(math.Float32bits(float32(v*inverse) + roundMagic))
	}
}

// packInt8For lays pairs of inputs side by side, for instructions that multiply both and add them.
func packInt8For(t tiling, rows, cols int, w []int8, scale []float32) *Packed {
	p := newPacked(t, rows, cols, len(w))
	if len(scale) < rows {
		panic(fmt.Sprintf("kernel: %d scales for %d rows", len(scale), rows))
	}
	p.scale = make([]float32, p.panels*t.cols)
	copy(p.scale, scale[:rows])
	p.pairs = (cols + 1) / 2
	p.q = make([]int8, p.panels*t.cols*2*p.pairs)
	for r := range rows {
		panel := p.q[r/t.cols*t.cols*2*p.pairs:]
		for c, v := range w[r*cols : (r+1)*cols] {
			panel[(c/2*t.cols+r%t.cols)*2+c%2] = v
		}
	}
	return p
}

// blockInt8 is block for int8 weights.
func (p *Packed) blockInt8(ws *Workspace, n int, dst []float32, lddst int, x []float32, ldx int) {
	t, nr := p.tile, p.tile.cols
	out, ldout := dst, lddst
	if p.rows%nr != 0 {
		ldout = p.panels * nr
		ws.tile = grow(ws.tile, max(len(ws.tile), n*ldout))
		out = ws.tile
	}
	for p0 := 0; p0 < p.cols; p0 += depthInt8 {
		depth := min(depthInt8, p.cols-p0)
		width := (depth + 1) / 2 * 2
		ws.rounded = grow(ws.rounded, max(len(ws.rounded), n*width+8))
		ws.scales = grow(ws.scales, max(len(ws.scales), n))
		if p.int8Module(ws, n, out, ldout, x[p0:], ldx, p0) {
			continue
		}
		for i := range n {
			row := ws.rounded[i*width:][:width]
			row[width-1] = 0
			ws.scales[i] = roundRow(row, x[i*ldx+p0:][:depth])
		}
		z := &ws.integers
		z.pairs, z.stepX, z.stepY, z.add = width/2, uintptr(2*width), uintptr(4*ldout), p0 > 0
		for j := range p.panels {
			z.w, z.scaleW = unsafe.Pointer(&p.q[(j*p.pairs+p0/2)*nr*2]), floatsAt(p.scale, j*nr)
			for i := 0; i < n; {
				z.x, z.scaleX, z.y = unsafe.Pointer(&ws.rounded[i*width]), floatsAt(ws.scales, i), floatsAt(out, i*ldout+j*nr)
				if i+4 <= n {
					t.int8x4(z)
					i += 4
				} else {
					t.int8x1(z)
					i++
				}
			}
		}
	}
	if p.rows%nr != 0 {
		for i := range n {
			copy(dst[i*lddst:][:p.rows], out[i*ldout:])
		}
	}
}

// integersScalar computes one row in plain Go, for panels of width outputs.
func integersScalar[T int8 | int16](z *integers, width int) {
	x := unsafe.Slice((*int16)(z.x), 2*z.pairs)
	w := unsafe.Slice((*T)(z.w), 2*z.pairs*width)
	y, scale := unsafe.Slice((*float32)(z.y), width), unsafe.Slice((*float32)(z.scaleW), width)
	for r := range y {
		var s int32
		for i, at := 0, 2*r; i+1 < len(x); i, at = i+2, at+2*width {
			s += int32(x[i])*int32(w[at]) + int32(x[i+1])*int32(w[at+1])
		}
		v := float32(float32(float32(s)**(*float32)(z.scaleX)) * scale[r])
		if z.add {
			v += y[r]
		}
		y[r] = v
	}
}

// fourRows computes four rows one by one.
func fourRows(z *integers, one func(*integers)) {
	row := *z
	for range 4 {
		one(&row)
		row.x, row.y, row.scaleX = unsafe.Add(row.x, row.stepX), unsafe.Add(row.y, row.stepY), unsafe.Add(row.scaleX, 4)
	}
}

func int8x1Scalar(z *integers) { integersScalar[int8](z, scalarCols) }

func int8x4Scalar(z *integers) { fourRows(z, int8x1Scalar) }

func int16x1Scalar(z *integers) { integersScalar[int16](z, scalarCols) }

func int16x4Scalar(z *integers) { fourRows(z, int16x1Scalar) }
