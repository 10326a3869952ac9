package difference

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
)

const (
	magic     = "clexdif\x01"
	fixedHead = len(magic) + 4*8 + 4
	maxRuns   = 1 << 12
	runSize   = 3 * 8
	// maxFile is far above what a browser loads at once, and keeps sums of offsets from overflowing.
	maxFile = 1 << 40
)

// ErrReference is in the error that says that a difference is not from the reference that was given.
var ErrReference = errors.New("the reference is not the one that the difference was made from")

var table = crc64.MakeTable(crc64.ECMA)

// identity is what tells files apart.
type identity struct{ size, sum uint64 }

func identityOf(file []byte) identity {
	return identity{uint64(len(file)), crc64.Checksum(file, table)}
}

// run is a stretch of bytes at in the result that is stored as its difference from the one at from in the reference.
type run struct{ at, from, length uint64 }

// head is all that comes before the bytes of the result, under the same gzip stream.
type head struct {
	reference, result identity
	runs              []run
}

// encode is the head's bytes.
func (h *head) encode() []byte {
	b := []byte(magic)
	for _, n := range []uint64{h.reference.size, h.reference.sum, h.result.size, h.result.sum} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(h.runs)))
	for _, r := range h.runs {
		for _, n := range []uint64{r.at, r.from, r.length} {
			b = binary.LittleEndian.AppendUint64(b, n)
		}
	}
	return b
}

// readHead reads and checks a head.
func readHead(r io.Reader) (*head, error) {
	var b [fixedHead]byte
	if err := readFull(r, b[:]); err != nil {
		return nil, fmt.Errorf("head: %w", err)
	}
	if string(b[:len(magic)]) != magic {
		return nil, fmt.Errorf("begins with %q: want %q", b[:len(magic)], magic)
	}
	number := func(i int) uint64 { return binary.LittleEndian.Uint64(b[len(magic)+8*i:]) }
	h := &head{reference: identity{number(0), number(1)}, result: identity{number(2), number(3)}}
	if h.reference.size > maxFile || h.result.size > maxFile {
		return nil, fmt.Errorf("from %d bytes to %d: at most %d are allowed", h.reference.size, h.result.size, int64(maxFile))
	}
	count := binary.LittleEndian.Uint32(b[fixedHead-4:])
	if count > maxRuns {
		return nil, fmt.Errorf("%d runs: at most %d are allowed", count, maxRuns)
	}
	var at, from uint64
	for i := range count {
		var b [runSize]byte
		if err := readFull(r, b[:]); err != nil {
			return nil, fmt.Errorf("run %d: %w", i, err)
		}
		one := run{binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:])}
		switch {
		case one.length == 0:
			return nil, fmt.Errorf("run %d is empty", i)
		case one.at < at || one.from < from:
			return nil, fmt.Errorf("run %d begins at %d and %d, before the end of the one before it, %d and %d", i, one.at, one.from, at, from)
		case one.at > h.result.size || one.length > h.result.size-one.at || one.from > h.reference.size || one.length > h.reference.size-one.from:
			return nil, fmt.Errorf("run %d of %d bytes at %d and %d is beyond the files' ends, %d and %d", i, one.length, one.at, one.from, h.result.size, h.reference.size)
		}
		at, from = one.at+one.length, one.from+one.length
		h.runs = append(h.runs, one)
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
