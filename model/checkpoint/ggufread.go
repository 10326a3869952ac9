package checkpoint

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
)

// Limits of a GGUF header. A count or a length is only a claim: nothing is taken for it that
// the rest of the file has no room for.
const (
	maxGGUFEntries = 1 << 16
	maxGGUFKey     = 1 << 10
	maxGGUFText    = 1 << 24 // a chat template is the longest
	maxGGUFList    = 1 << 22
)

// ggufHeader is what stands before the data of a file.
type ggufHeader struct {
	metadata map[string]any // uint64, int64, float64, bool, string, []string, []int64, []float64
	tensors  []ggufInfo     // by offset
	size     int64          // of the header, up to where the data begins
}

// ggufInfo is a tensor of a file. shape has the length of a row first, as the format has it.
type ggufInfo struct {
	name   string
	shape  []int64
	kind   uint32
	offset int64 // in the data
	size   int64
}

// rows and cols are the tensor as a matrix; a vector has one row.
func (t *ggufInfo) cols() int64 { return t.shape[0] }

func (t *ggufInfo) rows() int64 {
	n := int64(1)
	for _, d := range t.shape[1:] {
		n *= d
	}
	return n
}

// ggufScanner reads a header of a file of a known size; its first error stays.
type ggufScanner struct {
	r    *bufio.Reader
	left int64
	err  error
	b    [8]byte
}

func (s *ggufScanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf(format, args...)
	}
}

// take reads n bytes of a number into b.
func (s *ggufScanner) take(n int64) []byte {
	clear(s.b[:])
	if s.err != nil {
		return s.b[:n]
	}
	if s.left < n {
		s.fail("the file ends in its header")
		return s.b[:n]
	}
	s.left -= n
	if err := readFull(s.r, s.b[:n]); err != nil {
		s.err = err
	}
	return s.b[:n]
}

func (s *ggufScanner) u32() uint32 { return binary.LittleEndian.Uint32(s.take(4)) }
func (s *ggufScanner) u64() uint64 { return binary.LittleEndian.Uint64(s.take(8)) }

// count reads how many things follow, each of at least that many bytes.
func (s *ggufScanner) count(what string, limit uint64, bytes int64) int {
	n := s.u64()
	if s.err == nil && (n > limit || int64(n) > s.left/bytes) {
		s.fail("%s: %d: at most %d are allowed, and the file has %d bytes more", what, n, limit, s.left)
	}
	if s.err != nil {
		return 0
	}
	return int(n)
}

func (s *ggufScanner) text(what string, limit uint64) string {
	n := s.count(what, limit, 1)
	if s.err != nil {
		return ""
	}
	b := make([]byte, n)
	s.left -= int64(n)
	if err := readFull(s.r, b); err != nil {
		s.err = err
	}
	return string(b)
}

// number reads a number or a truth of a type; ok is false for other types.
func (s *ggufScanner) number(kind uint32) (v any, ok bool) {
	switch kind {
	case 0:
		return uint64(s.take(1)[0]), true
	case 1:
		return int64(int8(s.take(1)[0])), true
	case 2:
		return uint64(binary.LittleEndian.Uint16(s.take(2))), true
	case 3:
		return int64(int16(binary.LittleEndian.Uint16(s.take(2)))), true
	case ggufUint32:
		return uint64(s.u32()), true
	case ggufInt32:
		return int64(int32(s.u32())), true
	case ggufFloat32:
		return float64(math.Float32frombits(s.u32())), true
	case ggufBool:
		return s.take(1)[0] != 0, true
	case 10:
		return s.u64(), true
	case 11:
		return int64(s.u64()), true
	case 12:
		return math.Float64frombits(s.u64()), true
	}
	return nil, false
}

func (s *ggufScanner) value(key string) any {
	kind := s.u32()
	if v, ok := s.number(kind); ok {
		return v
	}
	switch kind {
	case ggufString:
		return s.text(key, maxGGUFText)
	case ggufArray:
		return s.list(key)
	}
	s.fail("%s: type %d is unknown", key, kind)
	return nil
}

// list reads an array of numbers or of strings.
func (s *ggufScanner) list(key string) any {
	kind := s.u32()
	if kind == ggufString {
		list := make([]string, s.count(key, maxGGUFList, 8))
		for i := range list {
			if list[i] = s.text(key, maxGGUFText); s.err != nil {
				return nil
			}
		}
		return list
	}
	n := s.count(key, maxGGUFList, 1)
	var list []float64
	for range n {
		v, ok := s.number(kind)
		if !ok {
			s.fail("%s: an array of type %d is not understood", key, kind)
		}
		if s.err != nil {
			return nil
		}
		switch v := v.(type) {
		case uint64:
			list = append(list, float64(v))
		case int64:
			list = append(list, float64(v))
		case float64:
			list = append(list, v)
		case bool:
			list = append(list, map[bool]float64{true: 1}[v])
		}
	}
	return list
}

// readGGUFHeader reads and checks the header of a file of the given size.
func readGGUFHeader(r *bufio.Reader, size int64) (*ggufHeader, error) {
	s := &ggufScanner{r: r, left: size}
	if magic := string(s.take(4)); s.err == nil && magic != ggufMagic {
		return nil, fmt.Errorf("begins with %q, not with GGUF", magic)
	}
	if version := s.u32(); s.err == nil && (version < 2 || version > ggufVersion) {
		return nil, fmt.Errorf("version %d: only 2 and 3 are understood", version)
	}
	tensors := s.count("n_tensors", maxTensors, 24)
	entries := s.count("n_kv", maxGGUFEntries, 13)
	h := &ggufHeader{metadata: map[string]any{}}
	for range entries {
		key := s.text("a key", maxGGUFKey)
		if _, again := h.metadata[key]; again {
			s.fail("%s: a second time", shortName(key))
		}
		v := s.value(shortName(key))
		if s.err != nil {
			return nil, s.err
		}
		h.metadata[key] = v
	}
	alignment := int64(ggufAlignment)
	if v, ok := h.metadata["general.alignment"]; ok {
		a, ok := v.(uint64)
		if !ok || a < 8 || a > 1<<16 || a&(a-1) != 0 {
			return nil, fmt.Errorf("general.alignment: %v: must be a power of two from 8", v)
		}
		alignment = int64(a)
	}
	seen := map[string]bool{}
	for range tensors {
		t, err := s.info()
		if err == nil && seen[t.name] {
			err = fmt.Errorf("a second time")
		}
		if s.err != nil {
			return nil, s.err
		}
		if err != nil {
			return nil, fmt.Errorf("tensor %s: %w", shortName(t.name), err)
		}
		if t.offset%alignment != 0 {
			return nil, fmt.Errorf("tensor %s: lies at %d, which is no multiple of %d", shortName(t.name), t.offset, alignment)
		}
		seen[t.name] = true
		h.tensors = append(h.tensors, t)
	}
	if s.err != nil {
		return nil, s.err
	}
	read := size - s.left
	h.size = (read + alignment - 1) / alignment * alignment
	slices.SortFunc(h.tensors, func(a, b ggufInfo) int { return int(min(max(a.offset-b.offset, -1), 1)) })
	end := int64(0)
	for _, t := range h.tensors {
		if t.offset < end {
			return nil, fmt.Errorf("tensor %s: starts inside of the one before it", shortName(t.name))
		}
		if t.offset > size-h.size || t.size > size-h.size-t.offset {
			return nil, fmt.Errorf("tensor %s: %d bytes at %d are past the end of the data, which has %d", shortName(t.name), t.size, t.offset, max(size-h.size, 0))
		}
		end = t.offset + t.size
	}
	if _, err := io.CopyN(io.Discard, r, min(h.size-read, s.left)); err != nil {
		return nil, err
	}
	return h, nil
}

// info reads the entry of one tensor.
func (s *ggufScanner) info() (t ggufInfo, err error) {
	t.name = s.text("a tensor's name", maxName)
	n := s.u32()
	if s.err == nil && (n < 1 || n > maxDims) {
		return t, fmt.Errorf("%d dimensions: must be 1 … %d", n, maxDims)
	}
	elements := int64(1)
	for range n {
		d := s.u64()
		if s.err == nil && (d == 0 || d > 1<<40 || int64(d) > (1<<50)/elements) {
			return t, fmt.Errorf("a dimension of %d", d)
		}
		t.shape = append(t.shape, int64(d))
		elements *= max(int64(d), 1)
	}
	t.kind = s.u32()
	offset := s.u64()
	if s.err != nil {
		return t, nil
	}
	b, ok := ggmlBlocks[t.kind]
	if !ok {
		return t, fmt.Errorf("type %d: only F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K and Q6_K are understood", t.kind)
	}
	if t.shape[0]%b.values != 0 {
		return t, fmt.Errorf("rows of %d: must be a multiple of %d in %s", t.shape[0], b.values, b.name)
	}
	if offset > 1<<60 {
		return t, fmt.Errorf("lies at %d", offset)
	}
	t.offset, t.size = int64(offset), elements/b.values*b.bytes
	return t, nil
}
