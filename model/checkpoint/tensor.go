package checkpoint

import (
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// maxIndex is the most bytes of an index file that are read.
const maxIndex = 16 << 20

// readIndex reads the list of shards and returns their names in order.
func (r *reader) readIndex(fsys fs.FS) ([]string, error) {
	text, err := readSmall(fsys, IndexFile, maxIndex)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("checkpoint: neither %s nor %s is there: %w", WeightsFile, IndexFile, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	var index struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(text, &index); err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", IndexFile, err)
	}
	if len(index.WeightMap) == 0 || len(index.WeightMap) > maxTensors {
		return nil, fmt.Errorf("checkpoint: %s: weight_map: %d tensors: must be 1 … %d", IndexFile, len(index.WeightMap), maxTensors)
	}
	names := map[string]bool{}
	for tensor, file := range index.WeightMap {
		if !fs.ValidPath(file) || strings.ContainsAny(file, `/\`) || file == "." {
			return nil, fmt.Errorf("checkpoint: %s: weight_map: tensor %s: %s is no file of this folder", IndexFile, shortName(tensor), shortName(file))
		}
		names[file] = true
	}
	r.files = index.WeightMap
	return slices.Sorted(maps.Keys(names)), nil
}

// tensor reads one tensor of a file into its slot, or skips a buffer.
func (r *reader) tensor(file string, src io.Reader, t *tensor) error {
	name := r.canonical(t.name)
	if other, again := r.seen[name]; again {
		return fmt.Errorf("is in %s already", other)
	}
	if r.files != nil && r.files[t.name] != file {
		return fmt.Errorf("%s has it in %q", IndexFile, r.files[t.name])
	}
	r.seen[name], r.there[t.name] = file, true
	if s := r.slots[name]; s != nil {
		return r.fill(src, t, s)
	}
	if matrix, ok := strings.CutSuffix(name, scaleSuffix); ok && r.knows(name) {
		return r.fillScale(src, t, r.slots[matrix])
	}
	if !follows(t.name) {
		return fmt.Errorf("is none of this model's")
	}
	return r.each(src, t.to-t.from, func([]byte) error { return nil })
}

func (t *tensor) checkShape(want []int64) error {
	if !slices.Equal(t.shape, want) {
		return fmt.Errorf("shape %d: %s wants %d", t.shape, ConfigFile, want)
	}
	return nil
}

// fill reads the elements of t into s.
func (r *reader) fill(src io.Reader, t *tensor, s *slot) error {
	if err := t.checkShape(s.shape()); err != nil {
		return err
	}
	switch t.dtype {
	case dtypeF32, dtypeF16, dtypeBF16:
		row, end := r.destination(s)
		if err := r.fillRows(src, t, s.rows, s.cols, row); err != nil {
			return err
		}
		end()
		return nil
	case dtypeI8:
		if len(s.matrices) == 0 || s.float {
			return fmt.Errorf("type I8: only matrices may be I8")
		}
		s.allocateI8()
		at := 0
		return r.each(src, t.to-t.from, func(chunk []byte) error {
			for len(chunk) > 0 {
				row, col := at/s.cols, at%s.cols
				n := min(s.cols-col, len(chunk))
				dst := s.rowI8(row)[col : col+n]
				for i, b := range chunk[:n] {
					dst[i] = int8(b)
				}
				chunk = chunk[n:]
				at += n
			}
			return nil
		})
	}
	return fmt.Errorf("type %s: weights must be F32, F16, BF16 or I8", t.dtype)
}

// fillScale reads the row scales of an I8 matrix.
func (r *reader) fillScale(src io.Reader, t *tensor, s *slot) error {
	if err := t.checkShape([]int64{int64(s.rows)}); err != nil {
		return err
	}
	if t.dtype != dtypeF32 || s.float {
		return fmt.Errorf("type %s: the scales of an I8 matrix must be F32", t.dtype)
	}
	parts := len(s.matrices)
	for _, m := range s.matrices {
		m.Scale = make([]float32, s.rows/parts)
	}
	return r.fillRows(src, t, s.rows, 1, func(row int) []float32 {
		part, partRow := s.place(row)
		return s.matrices[part].Scale[partRow : partRow+1]
	})
}

// fillRows reads rows×cols floats of t's type, each row into where row says.
func (r *reader) fillRows(src io.Reader, t *tensor, rows, cols int, row func(int) []float32) error {
	size := int(t.dtype.size())
	at := 0
	return r.each(src, t.to-t.from, func(chunk []byte) error {
		for len(chunk) > 0 {
			i, col := at/cols, at%cols
			n := min(cols-col, len(chunk)/size)
			dst := row(i)[col : col+n]
			if bad := t.dtype.decode(dst, chunk); bad >= 0 {
				if rows > 1 && cols > 1 {
					return fmt.Errorf("value [%d, %d] is %v: weights must be finite", i, col+bad, dst[bad])
				}
				return fmt.Errorf("value %d is %v: weights must be finite", at+bad, dst[bad])
			}
			chunk = chunk[n*size:]
			at += n
		}
		return nil
	})
}
