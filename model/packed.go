package model

import "clexlab/model/kernel"

// packed is one or more linear maps of the same input, laid out for the kernels
// as a single one: the outputs stand side by side.
type packed struct {
	matrix *kernel.Packed
	// bias is nil if no part has one.
	bias []float32
}

func pack(parts ...*Linear) packed {
	rows, cols := 0, parts[0].Cols
	int8s, biased := true, false
	for _, l := range parts {
		rows += l.Rows
		int8s = int8s && l.I8 != nil
		biased = biased || l.Bias != nil
	}
	var p packed
	if biased {
		p.bias = make([]float32, 0, rows)
		for _, l := range parts {
			p.bias = append(p.bias, make([]float32, l.Rows)...)
			copy(p.bias[len(p.bias)-l.Rows:], l.Bias)
		}
	}
	if int8s {
		q, scale := make([]int8, 0, rows*cols), make([]float32, 0, rows)
		for _, l := range parts {
			q, scale = append(q, l.I8...), append(scale, l.Scale...)
		}
		p.matrix = kernel.PackInt8(rows, cols, q, scale)
		return p
	}
	w, at := make([]float32, rows*cols), 0
	for _, l := range parts {
		for r := range l.Rows {
			l.Matrix.CopyRow(w[at:at+cols], r)
			at += cols
		}
	}
	p.matrix = kernel.Pack(rows, cols, w)
	return p
}

// apply computes n rows of outputs from n rows of x. A row's bits do not depend on n.
func (p *packed) apply(ws *kernel.Workspace, dst, x []float32, n int) {
	rows := p.matrix.Rows()
	p.matrix.Mul(ws, n, dst, rows, x, p.matrix.Cols())
	if p.bias == nil {
		return
	}
	for i := range n {
		y := dst[i*rows : (i+1)*rows]
		kernel.Add(y, y, p.bias)
	}
}
