package gpu

import (
	"encoding/binary"
	"math"

	"clexlab/clex"
	"clexlab/model"
)

// stack is one or more linear maps of the same input, one below the other, as the kernels read them: rows
// of inputs in float32, or int8 with a scale a row if every part is int8.
type stack struct {
	parts []*model.Linear
	// rows and cols are those of all parts together. With gated there are two parts, gate and up, and an output has a row of each.
	rows, cols           int
	gated, int8s, biased bool
}

func stacked(gated bool, parts ...*model.Linear) stack {
	s := stack{parts: parts, cols: parts[0].Cols, gated: gated, int8s: true}
	for _, l := range parts {
		s.rows += l.Rows
		s.int8s = s.int8s && l.I8 != nil
		s.biased = s.biased || l.Bias != nil
	}
	return s
}

// outputs is how many the stack has.
func (s *stack) outputs() int {
	if s.gated {
		return s.rows / 2
	}
	return s.rows
}

// pieceOutputs is how many outputs a piece has whose weights take no more than a binding, or 0 if none has room. Pieces end where
// tiles of matmul do, and one dispatch of matvec has all of a piece.
func (s *stack) pieceOutputs(bindingBytes int) int {
	row := s.cols
	if !s.int8s {
		row *= 4
	}
	if s.gated {
		row *= 2
	}
	most := min(bindingBytes/row, mostGroups*vecRows)
	if most >= s.outputs() {
		return s.outputs()
	}
	if most > tile {
		most -= most % tile
	}
	return most
}

// piece is the memory of some outputs of a stack.
type piece struct {
	weights, scale, bias []byte // scale only of int8, bias nil if no part has one
}

// piece lays out outputs [from, to).
func (s *stack) piece(from, to int) piece {
	var p piece
	// Room at once: what grows leaves several times as much behind.
	room := (to - from) * s.cols
	if s.gated {
		room *= 2
	}
	if !s.int8s {
		room *= 4
	}
	p.weights = make([]byte, 0, room)
	first := 0 // of the part's outputs
	for _, l := range s.parts {
		lo, hi := max(from-first, 0), min(to-first, l.Rows)
		if !s.gated {
			first += l.Rows
		}
		if lo < hi {
			s.add(&p, l, lo, hi)
		}
	}
	return p
}

// add puts rows [lo, hi) of a part into a piece.
func (s *stack) add(p *piece, l *model.Linear, lo, hi int) {
	if s.int8s {
		at := len(p.weights)
		part := l.I8[lo*s.cols : hi*s.cols]
		p.weights = p.weights[:at+len(part)]
		for i, q := range part {
			p.weights[at+i] = byte(q)
		}
		p.scale = appendFloats(p.scale, l.Scale[lo:hi])
	} else {
		row := make([]float32, s.cols)
		for r := lo; r < hi; r++ {
			l.CopyRow(row, r)
			p.weights = appendFloats(p.weights, row)
		}
	}
	if !s.biased {
		return
	}
	if l.Bias == nil {
		p.bias = append(p.bias, make([]byte, 4*(hi-lo))...)
	} else {
		p.bias = appendFloats(p.bias, l.Bias[lo:hi])
	}
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

// features are the lines of a kernel that such matrices need.
func (s *stack) features(list ...string) []string {
	if s.gated {
		list = append(list, "GATED")
	}
	if s.int8s {
		list = append(list, "INT8")
	}
	if s.biased {
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
