package checkpoint

import (
	"bytes"
	"fmt"
)

// Span is where the bytes of a tensor lie in a safetensors file.
type Span struct {
	Name, DType string
	Shape       []int64
	// From and To are offsets from the file's first byte.
	From, To int64
}

// Spans lists the tensors of a safetensors file in the order in which they lie there.
func Spans(file []byte) ([]Span, error) {
	h, err := readHeader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	out := make([]Span, len(h.tensors))
	for i, t := range h.tensors {
		out[i] = Span{t.name, string(t.dtype), t.shape, h.size + t.from, h.size + t.to}
	}
	return out, nil
}
