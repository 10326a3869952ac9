package model

import (
	"fmt"
	"slices"

	"clexlab/model/kernel"
)

// AttentionMap is the attention of one head reduced to cells while it is
// computed: the full matrix is never held. Layers and heads count from 0.
type AttentionMap struct {
	Layer, Head int
	// MaxCells is the most rows and the most columns wanted, 0 for one per token.
	MaxCells int

	// From and To are the range of query positions; keys are 0 to To.
	From, To int
	// ReadFrom and ReadTo are those among them that were read: all but in a chunk of a text.
	ReadFrom, ReadTo int
	// Rows and Cols are the cells there are. Query q falls into row
	// (q-From)·Rows/(To-From), key k into column k·Cols/To, rounded down.
	Rows, Cols int
	// Mean and Max have Rows·Cols values, row by row: the mean and the largest
	// attention weight of a cell's visible pairs, those with key ≤ query. A
	// cell without any is 0.
	Mean, Max []float32
}

// begin makes room for queries from to to of which those from first on are read.
func (m *AttentionMap) begin(from, to, first int) {
	m.From, m.To, m.ReadFrom, m.ReadTo = from, to, first, first
	m.Rows, m.Cols = to-from, to
	if m.MaxCells > 0 {
		m.Rows, m.Cols = min(m.Rows, m.MaxCells), min(m.Cols, m.MaxCells)
	}
	m.Mean = zeroed(m.Mean, m.Rows*m.Cols)
	m.Max = zeroed(m.Max, m.Rows*m.Cols)
}

// firstKey is the first key of a column, firstQuery the first query of a row less From.
func (m *AttentionMap) firstKey(col int) int   { return (col*m.To + m.Cols - 1) / m.Cols }
func (m *AttentionMap) firstQuery(row int) int { return (row*(m.To-m.From) + m.Rows - 1) / m.Rows }

// add takes in the attention row of the query at a position.
func (m *AttentionMap) add(position int, row []float32) {
	at := (position - m.From) * m.Rows / (m.To - m.From) * m.Cols
	for col := range m.Cols {
		from, to := m.firstKey(col), min(m.firstKey(col+1), len(row))
		if from >= to {
			break
		}
		var sum, peak float32
		for _, w := range row[from:to] {
			sum += w
			if w > peak { // the built-in max is a call in WebAssembly
				peak = w
			}
		}
		m.Mean[at+col] += sum
		m.Max[at+col] = max(m.Max[at+col], peak)
	}
}

// end turns sums into means over the pairs of queries read, those before position to.
func (m *AttentionMap) end(to int) {
	m.ReadTo = to
	for row := range m.Rows {
		for col := range m.Cols {
			if pairs := m.pairs(row, col); pairs > 0 {
				m.Mean[row*m.Cols+col] /= float32(pairs)
			}
		}
	}
}

// pairs is the number of a cell's visible pairs whose query was read.
func (m *AttentionMap) pairs(row, col int) (pairs int) {
	from := m.firstKey(col)
	for q := max(m.firstQuery(row), m.ReadFrom-m.From); q < m.firstQuery(row+1) && m.From+q < m.ReadTo; q++ {
		pairs += max(0, min(m.firstKey(col+1), m.From+q+1)-from)
	}
	return pairs
}

// AttentionRows is the whole attention of one head for the queries at positions
// From to To, which must be among those read.
type AttentionRows struct {
	Layer, Head int
	From, To    int
	// Weights[i] has one weight for each of the From+i+1 keys that query From+i
	// sees; they sum to 1. It is empty for queries not read.
	Weights [][]float32
}

func (r *AttentionRows) begin() {
	for len(r.Weights) < r.To-r.From {
		r.Weights = append(r.Weights, nil)
	}
	r.Weights = r.Weights[:r.To-r.From]
	for i := range r.Weights {
		r.Weights[i] = r.Weights[i][:0]
	}
}

func (r *AttentionRows) add(position int, row []float32) {
	if position >= r.From && position < r.To {
		r.Weights[position-r.From] = append(r.Weights[position-r.From][:0], row...)
	}
}

// DistanceProfile is how one head's attention is spread over relative
// distances, query position less key position.
type DistanceProfile struct {
	Layer, Head int
	// Edges start the bins, ascending from 0: bin b holds distances Edges[b] to
	// Edges[b+1], the last one all that follow.
	Edges []int
	// Mass is the attention that falls into each bin, the mean over queries; it sums to 1.
	Mass []float64
	// Pairs counts the visible pairs of each bin, so Mass·Queries/Pairs is the mean weight of a pair.
	Pairs []int64
	// Queries is the number of queries read.
	Queries int
}

func (p *DistanceProfile) begin() error {
	if len(p.Edges) == 0 || p.Edges[0] != 0 || !slices.IsSorted(p.Edges) || len(slices.Compact(slices.Clone(p.Edges))) != len(p.Edges) {
		return fmt.Errorf("model: the edges of a distance profile are %v, want ascending from 0", p.Edges)
	}
	p.Mass = zeroed(p.Mass, len(p.Edges))
	p.Pairs = zeroed(p.Pairs, len(p.Edges))
	p.Queries = 0
	return nil
}

func (p *DistanceProfile) add(position int, row []float32) {
	for b, near := range p.Edges {
		to := position - near + 1
		if to <= 0 {
			break
		}
		from := 0
		if b+1 < len(p.Edges) {
			from = max(0, position-p.Edges[b+1]+1)
		}
		var sum float64
		for _, w := range row[from:to] {
			sum += float64(w)
		}
		p.Mass[b] += sum
		p.Pairs[b] += int64(to - from)
	}
	p.Queries++
}

func (p *DistanceProfile) end() {
	for b := range p.Mass {
		p.Mass[b] /= float64(max(1, p.Queries))
	}
}

// attention gives everyone who asked for a head of layer l its rows.
func (o *Observer) attention(s *Sequence, l, start, n int) {
	if o == nil || len(o.Maps)+len(o.Rows)+len(o.Profiles) == 0 {
		return
	}
	kernel.For(s.m.cfg.Heads, func(h int) {
		if !o.wants(l, h, start, start+n) {
			return
		}
		if s.scratch.row[h] == nil {
			s.scratch.row[h] = make([]float32, s.capacity)
		}
		for i := range n {
			row := s.scratch.row[h][:start+i+1]
			s.weights(row, l, h, i, start)
			o.take(l, h, start+i, row)
		}
	})
}

// take gives an attention row to everyone who asked for it. Heads arrive on
// different goroutines; each part belongs to one head.
func (o *Observer) take(l, h, position int, row []float32) {
	for _, m := range o.Maps {
		if m.Layer == l && m.Head == h {
			m.add(position, row)
		}
	}
	for _, r := range o.Rows {
		if r.Layer == l && r.Head == h {
			r.add(position, row)
		}
	}
	for _, p := range o.Profiles {
		if p.Layer == l && p.Head == h {
			p.add(position, row)
		}
	}
}

// wants reports whether anyone asks for head h of layer l at positions from to to.
func (o *Observer) wants(l, h, from, to int) bool {
	for _, m := range o.Maps {
		if m.Layer == l && m.Head == h {
			return true
		}
	}
	for _, p := range o.Profiles {
		if p.Layer == l && p.Head == h {
			return true
		}
	}
	for _, r := range o.Rows {
		if r.Layer == l && r.Head == h && r.From < to && r.To > from {
			return true
		}
	}
	return false
}

func zeroed[T float32 | float64 | int64](v []T, n int) []T {
	if cap(v) < n {
		return make([]T, n)
	}
	v = v[:n]
	clear(v)
	return v
}
