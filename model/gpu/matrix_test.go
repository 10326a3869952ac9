package gpu

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"clexlab/model"
)

// Stacked matrices are the rows of their parts; int8 stays int8 only if all of it is.
func TestStackedMatrices(t *testing.T) {
	a := model.Linear{Matrix: model.Matrix{Rows: 1, Cols: 4, F32: []float32{1, 2, 3, 4}}, Bias: []float32{9}}
	b := model.Linear{Matrix: model.Matrix{Rows: 1, Cols: 4, I8: []int8{-1, 2, 127, -127}, Scale: []float32{0.5}}}
	s := stacked(false, &a, &b)
	m := s.piece(0, 2)
	got := make([]float32, 8)
	readFloats(got, m.weights)
	if s.int8s || !slices.Equal(got, []float32{1, 2, 3, 4, -0.5, 1, 63.5, -63.5}) || len(m.bias) != 8 {
		t.Errorf("mixed: %+v %v", m, got)
	}
	s = stacked(false, &b, &b)
	m = s.piece(0, 2)
	if !s.int8s || len(m.weights) != 8 || binary.LittleEndian.Uint32(m.weights) != 0x817f02ff || len(m.scale) != 8 || m.bias != nil {
		t.Errorf("int8: %+v", m)
	}
}

// Whatever a device binds, each buffer of a model's matrices keeps within it, and the pieces hold every row once, with its scale and bias.
func TestLargeMatricesLieInPieces(t *testing.T) {
	for _, s := range shapes {
		s.cfg.Vocab = 301
		w := s.weights()
		row := 4 * max(s.cfg.Dim, s.cfg.HiddenDim, s.cfg.Heads*s.cfg.Rotary.HeadDim) // of float32, of the widest map
		for _, limit := range []int{2 * row, 40 * row, 1 << 27} {
			d := &recorder{adapter: Adapter{Limits: DefaultLimits}}
			d.adapter.Limits.BindingBytes = limit
			m, err := New(t.Context(), d, s.cfg, w)
			if err != nil {
				t.Fatal(err)
			}
			for b, data := range d.uploaded {
				if len(data) > max(limit, 4*row, 4*301) { // norms and biases are no matrices
					t.Errorf("%s: buffer %d has %d bytes, the device binds %d", s.name, b, len(data), limit)
				}
			}
			l, layer := &w.Layers[0], &m.layers[0]
			head := model.Linear{Matrix: w.Head, Bias: w.HeadBias}
			if s.cfg.TiedHead {
				head.Matrix = w.Embedding
			}
			up := []*model.Linear{&l.Gate, &l.Up}
			if s.cfg.Architecture == model.NeoX {
				up = up[1:]
			}
			for _, c := range []struct {
				name  string
				have  *linear
				gated bool
				parts []*model.Linear
			}{
				{"embedding", &m.table, false, []*model.Linear{{Matrix: w.Embedding}}}, {"head", &m.head, false, []*model.Linear{&head}},
				{"O", &layer.o, false, []*model.Linear{&l.O}}, {"Down", &layer.down, false, []*model.Linear{&l.Down}},
				{"Gate and Up", &layer.up, len(up) == 2, up},
			} {
				var want []string // by output
				for i, part := range c.parts {
					for r := range part.Rows {
						text := rowText(part, r)
						if c.gated && i == 1 {
							want[r] += " | " + text
						} else {
							want = append(want, text)
						}
					}
				}
				if got := d.outputs(c.have, c.parts[0].Cols, len(c.parts)); !slices.Equal(got, want) {
					t.Errorf("%s, %d bytes bound: %s in %d pieces are %d outputs that are not those of the weights", s.name, limit, c.name, len(c.have.pieces), len(got))
				}
			}
			if n := len(m.head.pieces); limit == 2*row && n < 2 || limit == 1<<27 && n > 1 {
				t.Errorf("%s, %d bytes bound: the head lies in %d pieces", s.name, limit, n)
			}
		}
	}
}

// rowText is a row with its scale and bias.
func rowText(l *model.Linear, r int) string {
	var scale, bias float32
	values := fmt.Sprint(l.F32[min(len(l.F32), r*l.Cols):min(len(l.F32), (r+1)*l.Cols)])
	if l.I8 != nil {
		values, scale = fmt.Sprint(l.I8[r*l.Cols:(r+1)*l.Cols]), l.Scale[r]
	}
	if l.Bias != nil {
		bias = l.Bias[r]
	}
	return fmt.Sprint(values, scale, bias)
}

// outputs are what was uploaded of a linear map, read as the kernels read it: output by output, with as many rows each.
func (d *recorder) outputs(l *linear, cols, parts int) []string {
	out := make([]string, 0, 16)
	for i := range l.pieces {
		p := &l.pieces[i]
		shape := make([]uint32, 8)
		for k := range len(d.uploaded[p.shape]) / 4 {
			shape[k] = binary.LittleEndian.Uint32(d.uploaded[p.shape][4*k:])
		}
		if int(shape[0]) != cols || int(shape[1]) != p.outputs || int(shape[4]) != len(out) {
			return nil
		}
		word := func(b Buffer, r int) float32 {
			return math.Float32frombits(binary.LittleEndian.Uint32(d.uploaded[b][4*r:]))
		}
		for o := range p.outputs {
			var rows []string
			for part := range parts {
				r := part*p.outputs + o
				row := model.Linear{Matrix: model.Matrix{Rows: 1, Cols: cols}}
				for c := range cols {
					if l.int8s {
						row.I8 = append(row.I8, int8(d.uploaded[p.weights][r*cols+c]))
					} else {
						row.F32 = append(row.F32, word(p.weights, r*cols+c))
					}
				}
				if l.int8s {
					row.Scale = []float32{word(p.scale, r)}
				}
				if l.biased {
					row.Bias = []float32{word(p.bias, r)}
				}
				rows = append(rows, rowText(&row, 0))
			}
			out = append(out, strings.Join(rows, " | "))
		}
		if int(shape[3]) != 0 && i == len(l.pieces)-1 && int(shape[3]) != len(out) {
			return nil
		}
	}
	return out
}

// A device that binds less than one output of a matrix is refused, with the matrix by name.
func TestOutputsThatDoNotFit(t *testing.T) {
	for name, spoil := range map[string]func(s *shape){
		"the embedding":          func(s *shape) { s.cfg.Dim = 600 },
		"Gate and Up of layer 0": func(s *shape) { s.cfg.Dim = 300 },
		"Down of layer 0":        func(s *shape) { s.cfg.HiddenDim = 600 },
	} {
		s := shapes[0]
		spoil(&s)
		d := &recorder{adapter: Adapter{Limits: DefaultLimits}}
		d.adapter.Limits.BindingBytes = 2000
		_, err := New(t.Context(), d, s.cfg, s.weights())
		if e, ok := err.(*Error); !ok || e.Kind != Unfit || !strings.Contains(e.Text, name) || !strings.Contains(e.Text, "2000 bytes") {
			t.Errorf("%s: %v", name, err)
		}
		if len(d.list) > 0 {
			t.Errorf("%s: kernels were compiled for what does not fit", name)
		}
	}
}
