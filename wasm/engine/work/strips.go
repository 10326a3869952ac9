package work

import "clexlab/model"

// strips sums pooled maps up along their sides. All maps it is given have one geometry.
type strips struct {
	rows, cols int
	// pairs is the number of visible pairs in each tile, meanDistance the mean distance
	// in tokens between query and key over them, both (rows, cols).
	pairs, meanDistance []float64
	// seen is the pairs of each column, queries the queries of each row.
	seen, queries []float64
}

// newStrips counts the pairs of queries [m.From, m.To) and keys [0, m.To), as model.AttentionMap pools them.
func newStrips(m *model.AttentionMap) *strips {
	s := &strips{rows: m.Rows, cols: m.Cols, pairs: make([]float64, m.Rows*m.Cols), meanDistance: make([]float64, m.Rows*m.Cols),
		seen: make([]float64, m.Cols), queries: make([]float64, m.Rows)}
	for i := range m.To - m.From {
		q, row := m.From+i, i*m.Rows/(m.To-m.From)
		s.queries[row]++
		for col := range m.Cols {
			from, to := (col*m.To+m.Cols-1)/m.Cols, min(((col+1)*m.To+m.Cols-1)/m.Cols, q+1)
			if from >= to {
				break
			}
			n, at := float64(to-from), row*m.Cols+col
			s.pairs[at] += n
			s.seen[col] += n
			s.meanDistance[at] += n * (float64(q) - float64(from+to-1)/2)
		}
	}
	for i, n := range s.pairs {
		if n > 0 {
			s.meanDistance[i] /= n
		}
	}
	return s
}

// keys appends the mean weight that the keys of each column receive from the
// queries that see them.
func (s *strips) keys(dst []float32, m *model.AttentionMap) []float32 {
	for col := range s.cols {
		var sum float64
		for row := range s.rows {
			sum += float64(m.Mean[row*s.cols+col]) * s.pairs[row*s.cols+col]
		}
		dst = append(dst, float32(sum/max(1, s.seen[col])))
	}
	return dst
}

// lookback appends how far back the queries of each row look on average, in tokens:
// the distances weighed by attention, taken at the middle of a tile.
func (s *strips) lookback(dst []float32, m *model.AttentionMap) []float32 {
	for row := range s.rows {
		var sum float64
		for col := range s.cols {
			at := row*s.cols + col
			sum += float64(m.Mean[at]) * s.pairs[at] * s.meanDistance[at]
		}
		dst = append(dst, float32(sum/max(1, s.queries[row])))
	}
	return dst
}

// rowStrips is the same from whole rows: what keys [keyFrom, keyTo) receive from
// these queries, and how far back each of them looks.
func rowStrips(a *model.AttentionRows, keyFrom, keyTo, rows, cols int) (keys, lookback []float32) {
	keys, lookback = make([]float32, cols), make([]float32, rows)
	seen, queries := make([]float32, cols), make([]float32, rows)
	for i, weights := range a.Weights {
		row, q := i*rows/(a.To-a.From), a.From+i
		queries[row]++
		for k, w := range weights {
			lookback[row] += w * float32(q-k)
			if k >= keyFrom && k < keyTo {
				col := (k - keyFrom) * cols / (keyTo - keyFrom)
				keys[col] += w
				seen[col]++
			}
		}
	}
	for col := range keys {
		keys[col] /= max(1, seen[col])
	}
	for row := range lookback {
		lookback[row] /= max(1, queries[row])
	}
	return keys, lookback
}
