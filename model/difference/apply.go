package difference

import (
	"compress/gzip"
	"fmt"
	"hash/crc64"
	"io"
)

// chunk is how much of the reference is held at once.
const chunk = 64 << 10

// Unpack is what lies in a difference's gzip file, for [Apply]: for programs with no quicker way to unpack it.
func Unpack(packed io.Reader) (io.Reader, error) {
	z, err := gzip.NewReader(packed)
	if err != nil {
		return nil, fmt.Errorf("difference: %w", err)
	}
	return z, nil
}

// Apply reads an unpacked difference to its end, then the reference, and returns the file that the difference was made of, which
// must have size bytes. Progress, if not nil, is called with the bytes of that which have been read of the difference, at the last with
// size; it must be quick. An error says whether the difference is damaged, or, by ErrReference, that the reference is another.
func Apply(difference, reference io.Reader, size int64, progress func(done int64)) ([]byte, error) {
	h, err := readHead(difference)
	if err != nil {
		return nil, fmt.Errorf("difference: %w", err)
	}
	if size < 0 || h.result.size != uint64(size) {
		return nil, fmt.Errorf("difference: it is of a file of %d bytes: want %d", h.result.size, size)
	}
	out, err := stored(difference, size, progress)
	if err != nil {
		return nil, fmt.Errorf("difference: stored bytes: %w", err)
	}
	if err := h.add(out, reference); err != nil {
		return nil, fmt.Errorf("difference: %w", err)
	}
	if identityOf(out) != h.result {
		return nil, fmt.Errorf("difference: the result is not what was stored: the difference is damaged")
	}
	return out, nil
}

// stored is the size bytes with which a difference ends.
func stored(r io.Reader, size int64, progress func(done int64)) ([]byte, error) {
	out := make([]byte, size)
	if err := readFull(&counted{r, 0, progress}, out); err != nil {
		return nil, err
	}
	switch _, err := io.ReadFull(r, make([]byte, 1)); err {
	case io.EOF:
		return out, nil
	case nil:
		return nil, fmt.Errorf("there are more than %d", size)
	default:
		return nil, err
	}
}

// counted tells how much has been read of something.
type counted struct {
	io.Reader
	done     int64
	progress func(done int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.done += int64(n)
	if c.progress != nil && n > 0 {
		c.progress(c.done)
	}
	return n, err
}

// add adds the runs of the reference to out, and sees that it is the right one.
func (h *head) add(out []byte, reference io.Reader) error {
	var was identity
	runs, b := h.runs, make([]byte, chunk)
	for {
		n, err := io.ReadFull(reference, b)
		from := was.size
		was.size += uint64(n)
		if was.size > h.reference.size {
			break // not the right one; there may be much more of it
		}
		was.sum = crc64.Update(was.sum, table, b[:n])
		for len(runs) > 0 && runs[0].from < was.size {
			r := &runs[0]
			// What was added of the run before is no longer in it.
			bytes := b[r.from-from : n]
			if uint64(len(bytes)) > r.length {
				bytes = bytes[:r.length]
			}
			to := out[r.at:][:len(bytes)]
			for i, x := range bytes {
				to[i] += x
			}
			added := uint64(len(bytes))
			if r.at, r.from, r.length = r.at+added, r.from+added, r.length-added; r.length > 0 {
				break
			}
			runs = runs[1:]
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return fmt.Errorf("reference: %w", err)
		}
	}
	if was != h.reference {
		return fmt.Errorf("%w: that one has %d bytes and the sum %016x, this one %d and %016x", ErrReference, h.reference.size, h.reference.sum, was.size, was.sum)
	}
	return nil
}
