package viz

import "math"

// Maps is attention of all heads (Layer = Head = -1) or of one, over a rectangle of query × key
// tokens, pooled to Rows × Cols tiles.
type Maps struct {
	Method                             string
	T                                  float64
	Revision                           int
	Coarse                             bool
	Need                               int
	Layer, Head                        int
	Layers, Heads                      int
	QueryFrom, QueryTo, KeyFrom, KeyTo int
	Rows, Cols, Bins                   int
	// Max and Mean are (heads, Rows, Cols), a cell wholly in the future is -1; an empty Mean equals Max.
	Max, Mean []float32
	// Profile is (heads, Bins), Distances (Bins), Keys (heads, Cols) is the mean weight
	// a key receives, Queries (heads, Rows) how many tokens back a query looks on average; each may be empty.
	Profile, Distances, Keys, Queries []float32
}

// mapStore keeps the last map of all heads and the last ones of single heads.
type mapStore struct {
	all *Maps
	one *Maps
}

func (s *mapStore) take(m *Maps) {
	if m.Layer < 0 {
		s.all = m
		return
	}
	s.one = m
}

// cells are the weights of one head under the pooling asked for, nil if m does not hold it.
func (m *Maps) cells(layer, head int, mean bool) []float32 {
	k := m.slot(layer, head)
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

func (m *Maps) slot(layer, head int) int {
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
func pool(dst, src []float32, rows, cols, dstRows, dstCols int, mean bool) {
	for r := range dstRows {
		r0, r1 := r*rows/dstRows, max((r+1)*rows/dstRows, r*rows/dstRows+1)
		for c := range dstCols {
			c0, c1 := c*cols/dstCols, max((c+1)*cols/dstCols, c*cols/dstCols+1)
			best, sum, n := float32(-1), float32(0), 0
			for y := r0; y < r1; y++ {
				for _, v := range src[y*cols+c0 : y*cols+c1] {
					if v >= 0 {
						best, sum, n = max(best, v), sum+v, n+1
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

// shade is where a weight lies on the colour map: its square root, so that the many small weights of long texts stay apart.
func shade(weight float32) float64 { return math.Sqrt(float64(max(min(weight, 1), 0))) }
