package viz

import (
	"slices"

	"clexlab/viz/scene"
)

// mapStore keeps each method's last map of all heads and its last one of a single head.
type mapStore struct {
	subject  int // the text that they are of
	all, one map[string]*scene.Maps
}

func newMapStore(subject int) mapStore {
	return mapStore{subject, map[string]*scene.Maps{}, map[string]*scene.Maps{}}
}

// take keeps a map. A coarse one of the last queries renews their rows in the map of the whole
// text, so that the picture keeps its frame while t is dragged.
func (s *mapStore) take(m *scene.Maps) {
	switch have := s.all[m.Method]; {
	case m.Layer >= 0:
		s.one[m.Method] = m
	case m.Coarse && m.QueryFrom > 0 && have != nil && m.QueryTo == have.QueryTo && m.KeyTo == have.KeyTo:
		s.all[m.Method] = renewed(have, m)
	default:
		s.all[m.Method] = m
	}
}

// renewed is a map of the whole text with the rows that a newer one of its last queries covers.
func renewed(whole, last *scene.Maps) *scene.Maps {
	out := *whole
	out.T, out.Steady, out.Coarse, out.Revision = last.T, last.Steady, true, last.Revision
	out.Max, out.Mean = slices.Clone(whole.Max), slices.Clone(whole.Mean)
	for row := range out.Rows {
		q, _ := out.QueryTile(row)
		if q < last.QueryFrom {
			continue
		}
		from := (q - last.QueryFrom) * last.Rows / (last.QueryTo - last.QueryFrom)
		for col := range out.Cols {
			k, _ := out.KeyTile(col)
			at := k * last.Cols / last.KeyTo
			for h := range out.Sent() {
				dst, src := (h*out.Rows+row)*out.Cols+col, (h*last.Rows+from)*last.Cols+at
				if out.Max[dst] >= 0 {
					out.Max[dst] = last.Max[src]
				}
				if len(out.Mean) > dst && len(last.Mean) > src && out.Mean[dst] >= 0 {
					out.Mean[dst] = last.Mean[src]
				}
			}
		}
	}
	return &out
}

// cells are the weights of one head under the pooling asked for, nil if m does not hold it.
func cells(m *scene.Maps, layer, head int, mean bool) []float32 {
	k := slot(m, layer, head)
	if k < 0 {
		return nil
	}
	size := m.Rows * m.Cols
	from := m.Max
	if mean && len(m.Mean) > 0 {
		from = m.Mean
	}
	if len(from) < (k+1)*size {
		return nil
	}
	return from[k*size:][:size]
}

func slot(m *scene.Maps, layer, head int) int {
	switch {
	case m == nil:
		return -1
	case m.Layer < 0 && layer < m.Layers && head < m.Heads:
		return layer*m.Heads + head
	case m.Layer == layer && m.Head == head:
		return 0
	}
	return -1
}

// strip is head k's part of a table of n numbers a head, nil where it was not sent.
func strip(table []float32, k, n int) []float32 {
	if k < 0 || n == 0 || len(table) < (k+1)*n {
		return nil
	}
	return table[k*n:][:n]
}

// pool shrinks rows × cols cells to dstRows × dstCols by max or mean, leaving out cells in the
// future (negative): a tile of nothing else stays -1.
// Larger ones are compared and not found by max: on wasm that is a call for each number.
func pool(dst, src []float32, rows, cols, dstRows, dstCols int, mean bool) {
	for r := range dstRows {
		r0, r1 := r*rows/dstRows, max((r+1)*rows/dstRows, r*rows/dstRows+1)
		for c := range dstCols {
			c0, c1 := c*cols/dstCols, max((c+1)*cols/dstCols, c*cols/dstCols+1)
			best, sum, n := float32(-1), float32(0), 0
			for y := r0; y < r1; y++ {
				for _, v := range src[y*cols+c0 : y*cols+c1] {
					if v >= 0 {
						sum, n = sum+v, n+1
						if v > best {
							best = v
						}
					}
				}
			}
			if mean && n > 0 {
				best = sum / float32(n)
			}
			dst[r*dstCols+c] = best
		}
	}
}
