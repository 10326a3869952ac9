package gpu

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"

	"clexlab/clex"
	"clexlab/model"
)

// matrix is one or more linear maps of the same input, stacked, as the kernels
// read it: rows of inputs in float32, or int8 with a scale a row if every part is int8.
type matrix struct {
	rows, cols int
	int8s      bool
	weights    []byte
	scale      []byte
	bias       []byte // nil if no part has one
}

func stack(parts ...*model.Linear) matrix {
	m := matrix{cols: parts[0].Cols, int8s: true}
	biased := false
	for _, l := range parts {
		m.rows += l.Rows
		m.int8s = m.int8s && l.I8 != nil
		biased = biased || l.Bias != nil
	}
	// Room at once: what grows leaves several times as much behind.
	if m.int8s {
		m.weights = make([]byte, 0, m.rows*m.cols)
	} else {
		m.weights = make([]byte, 0, 4*m.rows*m.cols)
	}
	for _, l := range parts {
		if m.int8s {
			from := len(m.weights)
			m.weights = m.weights[:from+len(l.I8)]
			for i, q := range l.I8 {
				m.weights[from+i] = byte(q)
			}
			m.scale = appendFloats(m.scale, l.Scale)
		} else {
			m.weights = appendFloats(m.weights, floats(&l.Matrix))
		}
		if biased {
			bias := l.Bias
			if bias == nil {
				bias = make([]float32, l.Rows)
			}
			m.bias = appendFloats(m.bias, bias)
		}
	}
	return m
}

// fitsBindings says which matrix of a model is too large for one binding, or nil.
func fitsBindings(c *model.Config, w *model.Weights, most int) error {
	check := func(what string, parts ...*model.Linear) error {
		values, size := 0, 1
		for _, l := range parts {
			values += l.Rows * l.Cols
			if l.I8 == nil {
				size = 4
			}
		}
		if bytes := values * size; bytes > most {
			return unfit("%s with its %d values of %d bytes takes %.1f MB, the device binds at most %.1f MB", what, values, size, float64(bytes)/(1<<20), float64(most)/(1<<20))
		}
		return nil
	}
	errs := []error{check("the embedding", &model.Linear{Matrix: w.Embedding})}
	if !c.TiedHead {
		errs = append(errs, check("the head", &model.Linear{Matrix: w.Head}))
	}
	for i := range w.Layers {
		l := &w.Layers[i]
		errs = append(errs, check(fmt.Sprintf("Q, K and V of layer %d", i), &l.Q, &l.K, &l.V), check(fmt.Sprintf("O of layer %d", i), &l.O),
			check(fmt.Sprintf("Gate and Up of layer %d", i), &l.Gate, &l.Up), check(fmt.Sprintf("Down of layer %d", i), &l.Down))
	}
	return cmp.Or(errs...)
}

// headGains are the gains of a layer's normalised heads, of queries and then of keys, in the order that their rows have on the device.
func headGains(l *model.Layer, r clex.Rotary) (gains []float32) {
	for _, gain := range [][]float32{l.QNorm.Weight, l.KNorm.Weight} {
		if r.Pairing == clex.Interleaved {
			column := model.HalfSplit(&model.Linear{Matrix: model.Matrix{Rows: len(gain), Cols: 1, F32: gain}}, r)
			gain = column.F32
		}
		gains = append(gains, gain...)
	}
	return gains
}

// features are the lines of the kernel that such a matrix needs.
func (m *matrix) features(list ...string) []string {
	if m.int8s {
		list = append(list, "INT8")
	}
	if m.bias != nil {
		list = append(list, "BIAS")
	}
	return list
}

// floats is the matrix in float32, row by row.
func floats(m *model.Matrix) []float32 {
	if m.F32 != nil {
		return m.F32
	}
	out := make([]float32, len(m.I8))
	for i, q := range m.I8 {
		out[i] = float32(q) * m.Scale[i/m.Cols]
	}
	return out
}

func appendFloats(dst []byte, src []float32) []byte {
	for _, v := range src {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(v))
	}
	return dst
}

func appendWords(dst []byte, src []uint32) []byte {
	for _, v := range src {
		dst = binary.LittleEndian.AppendUint32(dst, v)
	}
	return dst
}

// readFloats reads float32 from bytes of a device into dst, as many as dst holds.
func readFloats(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
	}
}
