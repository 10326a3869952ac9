//go:build !js

package main

import (
	"encoding/binary"
	"fmt"
	"math"

	"clexlab/model"
)

// onnx is a graph in ONNX's format (onnx.proto3, version 8 of it), as far as a LLaMA needs it. Norms, attention with its cache and rotary
// positions are the operators of onnxruntime's own that published models are exported with.
type onnx struct{ nodes, tensors, inputs, outputs []byte }

// A field of a protocol buffer: bytes, or a number.
func bytesField(b []byte, number int, data []byte) []byte {
	b = binary.AppendUvarint(b, uint64(number<<3|2))
	return append(binary.AppendUvarint(b, uint64(len(data))), data...)
}

func numberField(b []byte, number int, v uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(number<<3)), v)
}

// The types of elements that are used.
const (
	floats = 1
	int32s = 6
	int64s = 7
)

// attributes are whole numbers, or float32.
type attributes map[string]any

// node appends an operator; its only, or first, result is returned.
func (g *onnx) node(domain, op string, in, out []string, of attributes) string {
	var b []byte
	for _, name := range in {
		b = bytesField(b, 1, []byte(name))
	}
	for _, name := range out {
		b = bytesField(b, 2, []byte(name))
	}
	b = bytesField(b, 4, []byte(op))
	for name, v := range of {
		a := bytesField(nil, 1, []byte(name))
		switch v := v.(type) {
		case int:
			a = numberField(numberField(a, 3, uint64(int64(v))), 20, 2)
		case float32:
			a = binary.LittleEndian.AppendUint32(binary.AppendUvarint(a, 2<<3|5), math.Float32bits(v))
			a = numberField(a, 20, 1)
		}
		b = bytesField(b, 5, a)
	}
	if domain != "" {
		b = bytesField(b, 7, []byte(domain))
	}
	g.nodes = bytesField(g.nodes, 1, b)
	return out[0]
}

func (g *onnx) tensor(name string, elements int, data []byte, dims ...int) string {
	var b []byte
	for _, d := range dims {
		b = numberField(b, 1, uint64(d))
	}
	b = bytesField(bytesField(numberField(b, 2, uint64(elements)), 8, []byte(name)), 9, data)
	g.tensors = bytesField(g.tensors, 5, b)
	return name
}

func (g *onnx) numbers(name string, x []float32, dims ...int) string {
	data := make([]byte, 0, 4*len(x))
	for _, v := range x {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return g.tensor(name, floats, data, dims...)
}

// value is an input or output; dimensions are numbers or names.
func value(name string, elements int, dims ...any) []byte {
	var shape []byte
	for _, d := range dims {
		switch d := d.(type) {
		case int:
			shape = bytesField(shape, 1, numberField(nil, 1, uint64(d)))
		case string:
			shape = bytesField(shape, 1, bytesField(nil, 2, []byte(d)))
		}
	}
	tensor := bytesField(numberField(nil, 1, uint64(elements)), 2, shape)
	return bytesField(bytesField(nil, 1, []byte(name)), 2, bytesField(nil, 1, tensor))
}

func (g *onnx) bytes() []byte {
	graph := append([]byte(nil), g.nodes...)
	graph = bytesField(graph, 2, []byte("model"))
	graph = append(append(append(graph, g.tensors...), g.inputs...), g.outputs...)
	file := bytesField(numberField(nil, 1, 8), 7, graph)
	file = bytesField(file, 8, numberField(nil, 2, 17))
	return bytesField(file, 8, numberField(bytesField(nil, 1, []byte(own)), 2, 1))
}

const own = "com.microsoft"

// columns is a matrix as onnxruntime multiplies with it: inputs × outputs, in float32.
func columns(m *model.Matrix) []float32 {
	out, row := make([]float32, m.Rows*m.Cols), make([]float32, m.Cols)
	for r := range m.Rows {
		m.CopyRow(row, r)
		for c, v := range row {
			out[c*m.Rows+r] = v
		}
	}
	return out
}

// llama is a LLaMA that reads "ids" behind "k0", "v0", …, and gives the logits after the last of them and the longer "nk0", "nv0", ….
// "last" is the number of the last token among all, "total" how many there are then.
func llama(c model.Config, w *model.Weights, frequencies []float32, most int) ([]byte, error) {
	if c.Architecture != model.LLaMA || !c.TiedHead {
		return nil, fmt.Errorf("only a LLaMA with a tied head becomes an ONNX file")
	}
	g, half := &onnx{}, len(frequencies)
	cos, sin := make([]float32, most*half), make([]float32, most*half)
	for p := range most {
		for i, f := range frequencies {
			s, c := math.Sincos(float64(p) * float64(f))
			sin[p*half+i], cos[p*half+i] = float32(s), float32(c)
		}
	}
	g.numbers("cos", cos, most, half)
	g.numbers("sin", sin, most, half)
	g.numbers("head", columns(&w.Embedding), c.Dim, c.Vocab)
	rows := make([]float32, c.Vocab*c.Dim)
	for i := range c.Vocab {
		w.Embedding.CopyRow(rows[i*c.Dim:(i+1)*c.Dim], i)
	}
	g.numbers("embedding", rows, c.Vocab, c.Dim)
	end := binary.LittleEndian.AppendUint64(nil, ^uint64(0))
	g.tensor("end", int64s, end, 1)
	g.inputs = bytesField(g.inputs, 11, value("ids", int64s, 1, "n"))
	g.inputs = bytesField(g.inputs, 11, value("last", int32s, 1))
	g.inputs = bytesField(g.inputs, 11, value("total", int32s))
	g.outputs = bytesField(g.outputs, 12, value("logits", floats, 1, 1, c.Vocab))

	x, step := g.node("", "Gather", []string{"embedding", "ids"}, []string{"x"}, nil), 0
	name := func() []string {
		step++
		return []string{fmt.Sprintf("t%d", step)}
	}
	norm := func(x string, n *model.Norm) string {
		weight := g.numbers(name()[0], n.Weight, c.Dim)
		return g.node("", "SimplifiedLayerNormalization", []string{x, weight}, name(), attributes{"axis": -1, "epsilon": c.NormEps, "stash_type": 1})
	}
	times := func(x string, m *model.Linear) string {
		weight := g.numbers(name()[0], columns(&m.Matrix), m.Cols, m.Rows)
		return g.node("", "MatMul", []string{x, weight}, name(), nil)
	}
	two := func(op, a, b string) string { return g.node("", op, []string{a, b}, name(), nil) }
	d := c.Rotary.HeadDim
	for i := range w.Layers {
		l := &w.Layers[i]
		k, v := fmt.Sprintf("k%d", i), fmt.Sprintf("v%d", i)
		for _, cache := range []string{k, v} {
			g.inputs = bytesField(g.inputs, 11, value(cache, floats, 1, c.KVHeads, "past", d))
			g.outputs = bytesField(g.outputs, 12, value("n"+cache, floats, 1, c.KVHeads, "all", d))
		}
		n := norm(x, &l.AttentionNorm)
		a := g.node(own, "GroupQueryAttention", []string{times(n, &l.Q), times(n, &l.K), times(n, &l.V), k, v, "last", "total", "cos", "sin"},
			[]string{name()[0], "n" + k, "n" + v}, attributes{"num_heads": c.Heads, "kv_num_heads": c.KVHeads, "do_rotary": 1, "rotary_interleaved": 0})
		x = two("Add", x, times(a, &l.O))
		n = norm(x, &l.MLPNorm)
		gate := times(n, &l.Gate)
		silu := two("Mul", gate, g.node("", "Sigmoid", []string{gate}, name(), nil))
		x = two("Add", x, times(two("Mul", silu, times(n, &l.Up)), &l.Down))
	}
	x = g.node("", "Gather", []string{x, "end"}, name(), attributes{"axis": 1})
	g.node("", "MatMul", []string{norm(x, &w.FinalNorm), "head"}, []string{"logits"}, nil)
	return g.bytes(), nil
}
