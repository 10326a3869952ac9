package checkpoint

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
	"math/bits"
	"slices"
	"strings"
)

// Limits of a safetensors header, narrower than the format's own (100 MB, no
// limit of count): what is larger is not one of our checkpoints.
const (
	maxHeader  = 16 << 20
	maxTensors = 1 << 16
	maxName    = 256
	maxDims    = 4
)

// dtype is an element type as safetensors spells it.
type dtype string

const (
	dtypeF32  dtype = "F32"
	dtypeF16  dtype = "F16"
	dtypeBF16 dtype = "BF16"
	dtypeI8   dtype = "I8"
)

// size is the bytes of one element, 0 for an unknown type. Types beyond the
// four that weights may have occur in buffers that are skipped.
func (d dtype) size() int64 {
	switch d {
	case "BOOL", "U8", dtypeI8, "F8_E5M2", "F8_E4M3":
		return 1
	case dtypeF16, dtypeBF16, "I16", "U16":
		return 2
	case dtypeF32, "I32", "U32":
		return 4
	case "F64", "I64", "U64":
		return 8
	}
	return 0
}

// tensor is one entry of a safetensors header.
type tensor struct {
	name  string
	dtype dtype
	shape []int64
	// from and to are offsets into the data that follows the header.
	from, to int64
}

// header is a checked safetensors header: its tensors lie one after the other,
// without hole or overlap, and end where the file ends.
type header struct {
	tensors  []tensor // in the order of the file
	metadata map[string]string
	size     int64 // of length field and JSON
}

// tensorEntry is the JSON of a tensor.
type tensorEntry struct {
	DType   dtype      `json:"dtype"`
	Shape   *[]uint64  `json:"shape"`
	Offsets *[2]uint64 `json:"data_offsets"`
}

// readHeader reads and checks the header of a safetensors file of the given
// size. It allocates no more than a multiple of the header it has read and maxHeader.
func readHeader(r io.Reader, size int64) (*header, error) {
	var length [8]byte
	if size < int64(len(length)) {
		return nil, fmt.Errorf("%d bytes are too few for a safetensors file", size)
	}
	if err := readFull(r, length[:]); err != nil {
		return nil, fmt.Errorf("header length: %w", err)
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > maxHeader || int64(n) > size-8 {
		return nil, fmt.Errorf("header length %d: the file has %d bytes after it, and at most %d are allowed", n, size-8, maxHeader)
	}
	text := make([]byte, n)
	if err := readFull(r, text); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	h, err := parseHeader(text)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if err := h.checkLayout(size); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	return h, nil
}

// readFull fills b. A source that ends before is cut short, even if it ends at once.
func readFull(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func parseHeader(text []byte) (*header, error) {
	if len(text) == 0 || text[0] != '{' {
		return nil, fmt.Errorf("must begin with {")
	}
	// Entry by entry, so that too many end the read before they fill the memory.
	d := jsontext.NewDecoder(bytes.NewBuffer(text))
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	h := &header{size: 8 + int64(len(text))}
	for d.PeekKind() != '}' {
		key, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		name := key.String()
		value, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		if name == "__metadata__" {
			if err := json.Unmarshal(value, &h.metadata); err != nil {
				return nil, fmt.Errorf("__metadata__: %w", err)
			}
			continue
		}
		if len(h.tensors) == maxTensors {
			return nil, fmt.Errorf("tensor %s: at most %d tensors are allowed", shortName(name), maxTensors)
		}
		t, err := parseTensor(name, value)
		if err != nil {
			return nil, fmt.Errorf("tensor %s: %w", shortName(name), err)
		}
		h.tensors = append(h.tensors, t)
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return nil, fmt.Errorf("the object ends before byte %d, but not the header", d.InputOffset())
	}
	return h, nil
}

// shortName quotes a name for an error message.
func shortName(name string) string {
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "") + "…"
	}
	return fmt.Sprintf("%q", name)
}

func parseTensor(name string, text jsontext.Value) (tensor, error) {
	t := tensor{name: name}
	var e tensorEntry
	if err := json.Unmarshal(text, &e, json.RejectUnknownMembers(true)); err != nil {
		return t, err
	}
	switch {
	case name == "" || len(name) > maxName:
		return t, fmt.Errorf("a name has 1 to %d bytes", maxName)
	case e.DType.size() == 0:
		return t, fmt.Errorf("dtype %q is unknown", e.DType)
	case e.Shape == nil:
		return t, fmt.Errorf("shape is missing")
	case len(*e.Shape) > maxDims:
		return t, fmt.Errorf("shape has %d dimensions: at most %d are allowed", len(*e.Shape), maxDims)
	case e.Offsets == nil:
		return t, fmt.Errorf("data_offsets is missing")
	}
	bytes := uint64(e.DType.size())
	for _, d := range *e.Shape {
		high, low := bits.Mul64(bytes, d)
		if high != 0 || low > 1<<62 || d > 1<<62 {
			return t, fmt.Errorf("shape %d is too large", *e.Shape)
		}
		bytes = low
		t.shape = append(t.shape, int64(d))
	}
	from, to := e.Offsets[0], e.Offsets[1]
	if to > 1<<62 || from > to || to-from != bytes {
		return t, fmt.Errorf("data_offsets %d do not span the %d bytes of %s %d", *e.Offsets, bytes, e.DType, *e.Shape)
	}
	t.dtype, t.from, t.to = e.DType, int64(from), int64(to)
	return t, nil
}

// checkLayout sorts the tensors by offset and sees that they fill the rest of
// a file of the given size exactly.
func (h *header) checkLayout(size int64) error {
	// Empty tensors share their offset with the next one.
	slices.SortStableFunc(h.tensors, func(a, b tensor) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	end := int64(0)
	for _, t := range h.tensors {
		switch {
		case t.from < end:
			return fmt.Errorf("tensor %q: starts at byte %d inside of the one before it, which ends at %d", t.name, t.from, end)
		case t.from > end:
			return fmt.Errorf("tensor %q: starts at byte %d, leaving a hole from %d", t.name, t.from, end)
		}
		end = t.to
	}
	if rest := size - h.size; end != rest {
		return fmt.Errorf("the tensors take %d bytes, the file has %d", end, rest)
	}
	return nil
}

// encodeHeader lays the tensors out in their order and returns length field
// and JSON, padded with spaces so that the data begins at a multiple of 8.
func encodeHeader(tensors []tensor, metadata map[string]string) ([]byte, error) {
	b := make([]byte, 8, 1024)
	b = append(b, '{')
	if len(metadata) > 0 {
		text, err := json.Marshal(metadata, json.Deterministic(true))
		if err != nil {
			return nil, fmt.Errorf("metadata: %w", err)
		}
		b = append(append(b, `"__metadata__":`...), text...)
	}
	offset := int64(0)
	for i := range tensors {
		t := &tensors[i]
		size := t.dtype.size()
		for _, d := range t.shape {
			size *= d
		}
		t.from, t.to = offset, offset+size
		offset = t.to
		name, err := jsontext.AppendQuote(nil, t.name)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", t.name, err)
		}
		if len(b) > 9 {
			b = append(b, ',')
		}
		shape := strings.ReplaceAll(fmt.Sprint(t.shape), " ", ",")
		b = fmt.Appendf(b, `%s:{"dtype":%q,"shape":%s,"data_offsets":[%d,%d]}`, name, string(t.dtype), shape, t.from, t.to)
	}
	b = append(b, '}')
	for len(b)%8 != 0 {
		b = append(b, ' ')
	}
	binary.LittleEndian.PutUint64(b, uint64(len(b)-8))
	return b, nil
}
