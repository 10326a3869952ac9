package checkpoint

import (
	"bytes"
	"context"
	"fmt"

	"clexlab/model"
)

// Loader says how a checkpoint is read. The zero value reads as [Read] does.
type Loader struct {
	// Progress, if not nil, is called with the bytes read so far and in all; it must be quick.
	Progress func(done, total int64)
	// Int8 rounds every matrix as [model.Quantize] does, row by row as it arrives: a read then
	// takes the memory of the int8 model, a byte a weight, whatever the type of the file.
	// Matrices that are I8 already stay as they are, as do norms, biases and the network of CLEX.
	Int8 bool
}

// ReadParts is [ReadParts].
func (l Loader) ReadParts(config []byte, shards ...[]byte) (*Checkpoint, error) {
	r, err := newReader(context.Background(), config, l)
	if err != nil {
		return nil, err
	}
	for i, data := range shards {
		name := WeightsFile
		if len(shards) > 1 {
			name = fmt.Sprintf("shard %d", i+1)
		}
		if err := r.shard(name, bytes.NewReader(data), int64(len(data))); err != nil {
			return nil, err
		}
	}
	return r.finish()
}

// destination is where the float rows of a tensor go, one after the other: into float32
// matrices, or through one row into int8 ones. end is called after the last.
func (r *reader) destination(s *slot) (row func(int) []float32, end func()) {
	if !r.rounds(s) {
		s.allocate()
		return s.row, func() {}
	}
	s.allocateI8()
	s.rounded = true
	for _, m := range s.matrices {
		m.Scale = make([]float32, m.Rows)
	}
	if cap(r.row) < s.cols {
		r.row = make([]float32, s.cols)
	}
	at, buf := 0, r.row[:s.cols]
	end = func() {
		part, i := s.place(at)
		s.matrices[part].Scale[i] = model.QuantizeRow(s.rowI8(at), buf)
	}
	return func(i int) []float32 {
		if i != at {
			end()
			at = i
		}
		return buf
	}, end
}

// bytesOf is the memory that a tensor takes once read, or more than the limit if that is what it takes.
func (r *reader) bytesOf(s *slot, t *tensor) int64 {
	elements := min((t.to-t.from)/t.dtype.size(), r.limit+1)
	switch {
	case t.dtype == dtypeI8:
		return elements
	case r.rounds(s):
		return elements + 4*int64(s.rows)
	}
	return 4 * elements
}

// rounds tells whether the floats of a tensor become int8.
func (r *reader) rounds(s *slot) bool { return r.Int8 && len(s.matrices) > 0 && !s.float }
