package checkpoint

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
)

// The numbers of the GGUF format, version 3 (ggml-org/ggml, docs/gguf.md).
const (
	ggufMagic     = "GGUF"
	ggufVersion   = 3
	ggufAlignment = 32 // of tensors, in bytes, where the file does not say

	ggufUint32  = 4
	ggufInt32   = 5
	ggufFloat32 = 6
	ggufBool    = 7
	ggufString  = 8
	ggufArray   = 9

	ggmlF32  = 0
	ggmlF16  = 1
	ggmlQ8_0 = 8
)

// q8Block is how many weights of Q8_0 share a scale; a block is the scale in F16 and the weights in int8.
const q8Block = 32

// ggufValue is one entry of a file's metadata.
type ggufValue struct {
	key   string
	value any // uint32, float32, bool, string, []string, []int32, []float32
}

// ggufTensor is a tensor to be written, rows×cols or, with rows 0, a vector of cols.
type ggufTensor struct {
	name       string
	kind       uint32
	rows, cols int
	row        func(dst []float32, i int)
}

// size is the bytes of the tensor's data.
func (t *ggufTensor) size() int64 {
	n := int64(max(t.rows, 1)) * int64(t.cols)
	switch t.kind {
	case ggmlF16:
		return 2 * n
	case ggmlQ8_0:
		return n / q8Block * (2 + q8Block)
	}
	return 4 * n
}

// writeGGUF writes a file: header, metadata, the list of tensors, and their data, each aligned.
func writeGGUF(w io.Writer, metadata []ggufValue, tensors []ggufTensor) error {
	var head bytes.Buffer
	head.WriteString(ggufMagic)
	number := func(v any) { binary.Write(&head, binary.LittleEndian, v) } // to memory: cannot fail
	text := func(s string) {
		number(uint64(len(s)))
		head.WriteString(s)
	}
	number(uint32(ggufVersion))
	number(uint64(len(tensors)))
	number(uint64(len(metadata)))
	for _, m := range metadata {
		text(m.key)
		switch v := m.value.(type) {
		case uint32:
			number(uint32(ggufUint32))
			number(v)
		case float32:
			number(uint32(ggufFloat32))
			number(v)
		case bool:
			number(uint32(ggufBool))
			number(v)
		case string:
			number(uint32(ggufString))
			text(v)
		case []string:
			number(uint32(ggufArray))
			number(uint32(ggufString))
			number(uint64(len(v)))
			for _, s := range v {
				text(s)
			}
		case []int32:
			number(uint32(ggufArray))
			number(uint32(ggufInt32))
			number(uint64(len(v)))
			number(v)
		case []float32:
			number(uint32(ggufArray))
			number(uint32(ggufFloat32))
			number(uint64(len(v)))
			number(v)
		default:
			return fmt.Errorf("%s: %T is no type of GGUF metadata", m.key, v)
		}
	}
	offset := int64(0)
	for i := range tensors {
		t := &tensors[i]
		text(t.name)
		dims := []uint64{uint64(t.cols)}
		if t.rows > 0 {
			dims = append(dims, uint64(t.rows))
		}
		number(uint32(len(dims)))
		number(dims)
		number(t.kind)
		number(uint64(offset))
		offset = aligned(offset + t.size())
	}
	head.Write(make([]byte, aligned(int64(head.Len()))-int64(head.Len())))
	if _, err := w.Write(head.Bytes()); err != nil {
		return err
	}
	for i := range tensors {
		if err := tensors[i].write(w); err != nil {
			return fmt.Errorf("tensor %q: %w", tensors[i].name, err)
		}
	}
	return nil
}

func aligned(n int64) int64 { return (n + ggufAlignment - 1) / ggufAlignment * ggufAlignment }

// write writes the data and fills it up to the alignment.
func (t *ggufTensor) write(w io.Writer) error {
	values := make([]float32, t.cols)
	var b []byte
	for i := range max(t.rows, 1) {
		t.row(values, i)
		var err error
		n := len(b)
		switch t.kind {
		case ggmlQ8_0:
			b, err = appendQ8(b, values)
		case ggmlF16:
			b = slices.Grow(b, 2*t.cols)[:n+2*t.cols]
			err = dtypeF16.encode(b[n:], values)
		default:
			b = slices.Grow(b, 4*t.cols)[:n+4*t.cols]
			err = dtypeF32.encode(b[n:], values)
		}
		if err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
		if len(b) >= chunkSize {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	size := t.size()
	b = append(b, make([]byte, aligned(size)-size)...)
	_, err := w.Write(b)
	return err
}

// appendQ8 appends values, a multiple of q8Block, in blocks of Q8_0: the scale is the largest magnitude over 127.
func appendQ8(dst []byte, values []float32) ([]byte, error) {
	for len(values) > 0 {
		block := values[:q8Block]
		values = values[q8Block:]
		var peak float32
		for i, v := range block {
			if math.Float32bits(v)&exponent == exponent {
				return dst, fmt.Errorf("value %d is %v: weights must be finite", i, v)
			}
			peak = max(peak, v, -v)
		}
		scale := peak / 127
		half := toHalf(scale)
		if half&0x7c00 == 0x7c00 {
			return dst, fmt.Errorf("a value of %v is beyond the range of Q8_0", peak)
		}
		dst = binary.LittleEndian.AppendUint16(dst, half)
		inverse := float32(0)
		if scale > 0 {
			inverse = 1 / scale
		}
		for _, v := range block {
			// Halves away from zero, as ggml's own quantiser rounds.
			dst = append(dst, byte(int8(math.Round(float64(v*inverse)))))
		}
	}
	return dst, nil
}
