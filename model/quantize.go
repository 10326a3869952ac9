package model

import "math"

// Quantize returns w with every matrix in int8, one scale per row: the row's
// largest absolute value divided by 127, values rounded to nearest. Norms and
// biases stay float32 and are shared with w, as are matrices that are int8
// already. Weights take a quarter of the memory.
func Quantize(w *Weights) *Weights {
	out := &Weights{
		Embedding: w.Embedding.quantize(),
		Layers:    make([]Layer, len(w.Layers)),
		FinalNorm: w.FinalNorm,
		Head:      w.Head.quantize(),
		HeadBias:  w.HeadBias,
	}
	for i := range w.Layers {
		l := w.Layers[i]
		for _, m := range []*Linear{&l.Q, &l.K, &l.V, &l.O, &l.Gate, &l.Up, &l.Down} {
			m.Matrix = m.quantize()
		}
		out.Layers[i] = l
	}
	return out
}

func (m *Matrix) quantize() Matrix {
	if m.F32 == nil {
		return *m
	}
	q := Matrix{Rows: m.Rows, Cols: m.Cols, I8: make([]int8, len(m.F32)), Scale: make([]float32, m.Rows)}
	for r := range m.Rows {
		from, to := r*m.Cols, (r+1)*m.Cols
		q.Scale[r] = QuantizeRow(q.I8[from:to], m.F32[from:to])
	}
	return q
}

// QuantizeRow rounds one row as [Quantize] does: row ≈ scale·dst.
func QuantizeRow(dst []int8, row []float32) (scale float32) {
	var peak float32
	for _, x := range row {
		peak = max(peak, x, -x)
	}
	if peak == 0 {
		clear(dst)
		return 0
	}
	inverse := 127 / float64(peak)
	for c, x := range row {
		dst[c] = int8(math.RoundToEven(float64(x) * inverse))
	}
	return peak / 127
}

// CopyRow writes row r of the matrix to dst, Cols values.
func (m *Matrix) CopyRow(dst []float32, r int) {
	from, to := r*m.Cols, (r+1)*m.Cols
	if m.F32 != nil {
		copy(dst, m.F32[from:to])
		return
	}
	scale := m.Scale[r]
	for c, q := range m.I8[from:to] {
		dst[c] = float32(q) * scale
	}
}
