package scene

import (
	"fmt"
	"slices"
)

// Text is the text that maps and curves speak of, or its next piece.
type Text struct {
	// Subject tells texts apart; Revision grows with every change of one.
	Subject, Revision int
	// From is the place of the first of Tokens: what stood there before is dropped.
	From int
	// Tokens are spelled as the tokenizer does, white space and all.
	Tokens []string
}

// Join puts a piece behind what is there and reports whether it fits: a piece of another
// text, or one with a gap before it, does not.
func (t *Text) Join(p *Text) bool {
	if p.From > 0 && (p.Subject != t.Subject || p.From > len(t.Tokens)) {
		return false
	}
	t.Subject, t.Revision = p.Subject, p.Revision
	t.Tokens = append(t.Tokens[:p.From:p.From], p.Tokens...)
	return true
}

// Maps is attention of all heads (Layer = Head = -1) or of one, over a rectangle of
// query × key tokens, pooled to Rows × Cols tiles. Cells are laid out by Tiles.
type Maps struct {
	// Method and T are what keys and queries were rotated with.
	Method string  `json:"method"`
	T      float64 `json:"t"`
	// Steady says that the method keeps one t on its weights: it is the same map at every T.
	Steady bool `json:"steady,omitempty"`
	// Subject and Revision are the text's.
	Subject  int `json:"subject,omitempty"`
	Revision int `json:"revision"`
	// Coarse says that a finer answer to the same question is on its way.
	Coarse bool `json:"coarse,omitempty"`
	// Need is the ID of the Need it answers, or 0.
	Need int `json:"need,omitempty"`
	// Layer and Head are the head shown, or -1, -1 for all Layers × Heads.
	Layer  int `json:"layer"`
	Head   int `json:"head"`
	Layers int `json:"layers"`
	Heads  int `json:"heads"`
	// The rectangle of tokens, half open, and its cells.
	QueryFrom int `json:"queryFrom"`
	QueryTo   int `json:"queryTo"`
	KeyFrom   int `json:"keyFrom"`
	KeyTo     int `json:"keyTo"`
	Rows      int `json:"rows"`
	Cols      int `json:"cols"`
	// Bins is the length of a head's profile over relative distance. 0: none.
	Bins int `json:"bins,omitempty"`
	// Max and Mean are weights 0 … 1 pooled both ways, (heads sent, Rows, Cols) row-major.
	// Mean leaves out the keys a query cannot see. A cell wholly in the future is -1.
	// Where each cell is one token, Mean may be empty: it equals Max.
	Max  []float32 `json:"-"`
	Mean []float32 `json:"-"`
	// Profile is the mean weight at each bin of distances, (heads sent, Bins); Distances the
	// first distance of each bin in tokens, rising, (Bins).
	Profile   []float32 `json:"-"`
	Distances []float32 `json:"-"`
	// Keys is the weight each key receives, averaged over the queries that see it, (heads sent,
	// Cols); Queries how far back each query looks on average, in tokens, (heads sent, Rows). Each may be empty.
	Keys    []float32 `json:"-"`
	Queries []float32 `json:"-"`
}

// Sent is the number of heads that m holds.
func (m *Maps) Sent() int {
	if m.Layer < 0 {
		return m.Layers * m.Heads
	}
	return 1
}

// Tile is the half-open run of tokens from … to that cell i of n covers: boundaries are rounded
// up, as the model pools.
func Tile(i, n, from, to int) (int, int) {
	size := to - from
	return from + (i*size+n-1)/n, from + ((i+1)*size+n-1)/n
}

// QueryTile and KeyTile are the tokens, half open, that a row and a column of cells cover.
func (m *Maps) QueryTile(row int) (from, to int) { return Tile(row, m.Rows, m.QueryFrom, m.QueryTo) }

// KeyTile is the same for a column.
func (m *Maps) KeyTile(col int) (from, to int) { return Tile(col, m.Cols, m.KeyFrom, m.KeyTo) }

// Check refuses tables whose sizes are not those that the numbers speak of.
func (m *Maps) Check() error {
	if m.Layers < 0 || m.Layers > 1024 || m.Heads < 0 || m.Heads > 1024 {
		return fmt.Errorf("%d layers × %d heads: want 0 … 1024 of each", m.Layers, m.Heads)
	}
	if (m.Layer < 0) != (m.Head < 0) {
		return fmt.Errorf("layer %d, head %d: want both or neither", m.Layer, m.Head)
	}
	if m.QueryFrom < 0 || m.QueryTo < m.QueryFrom || m.KeyFrom < 0 || m.KeyTo < m.KeyFrom {
		return fmt.Errorf("queries %d … %d, keys %d … %d: want rising, not negative", m.QueryFrom, m.QueryTo, m.KeyFrom, m.KeyTo)
	}
	n := m.Sent()
	if err := size("max", m.Max, n, m.Rows, m.Cols); err != nil {
		return err
	}
	for _, t := range []struct {
		name  string
		table []float32
		dims  []int
	}{
		{"mean", m.Mean, []int{n, m.Rows, m.Cols}}, {"profile", m.Profile, []int{n, m.Bins}},
		{"distances", m.Distances, []int{m.Bins}}, {"keys", m.Keys, []int{n, m.Cols}}, {"queries", m.Queries, []int{n, m.Rows}},
	} {
		if len(t.table) == 0 {
			continue
		}
		if err := size(t.name, t.table, t.dims...); err != nil {
			return err
		}
	}
	return nil
}

// MapsSummary is what the page needs of Maps, for its words and its table: a few numbers a
// head, however long the text is. The maps themselves go from the engine's worker to the picture.
type MapsSummary struct {
	// These are as in the maps that are summed up.
	Method    string  `json:"method"`
	T         float64 `json:"t"`
	Subject   int     `json:"subject,omitempty"`
	Revision  int     `json:"revision"`
	Coarse    bool    `json:"coarse,omitempty"`
	Layers    int     `json:"layers"`
	Heads     int     `json:"heads"`
	QueryFrom int     `json:"queryFrom"`
	QueryTo   int     `json:"queryTo"`
	// Largest is the largest weight of each head, Nearest and Farthest its mean weight in the
	// first and last bin of distances, Lookback how far back its queries look on average, in
	// tokens; each (Layers × Heads), or empty where it was not measured.
	Largest  []float32 `json:"-"`
	Nearest  []float32 `json:"-"`
	Farthest []float32 `json:"-"`
	Lookback []float32 `json:"-"`
}

// Summary sums maps of all heads up.
func (m *Maps) Summary() *MapsSummary {
	s := &MapsSummary{Method: m.Method, T: m.T, Subject: m.Subject, Revision: m.Revision, Coarse: m.Coarse,
		Layers: m.Layers, Heads: m.Heads, QueryFrom: m.QueryFrom, QueryTo: m.QueryTo}
	cells := m.Rows * m.Cols
	for k := range m.Sent() {
		if cells > 0 {
			s.Largest = append(s.Largest, max(0, slices.Max(m.Max[k*cells:(k+1)*cells])))
		}
		if len(m.Profile) > 0 && m.Bins > 0 {
			s.Nearest = append(s.Nearest, m.Profile[k*m.Bins])
			s.Farthest = append(s.Farthest, m.Profile[(k+1)*m.Bins-1])
		}
		if len(m.Queries) > 0 && m.Rows > 0 {
			var sum float64
			for _, v := range m.Queries[k*m.Rows : (k+1)*m.Rows] {
				sum += float64(v)
			}
			s.Lookback = append(s.Lookback, float32(sum/float64(m.Rows)))
		}
	}
	return s
}

// Check refuses tables whose sizes are not those that the numbers speak of.
func (s *MapsSummary) Check() error {
	for name, table := range map[string][]float32{"largest": s.Largest, "nearest": s.Nearest, "farthest": s.Farthest, "lookback": s.Lookback} {
		if len(table) == 0 {
			continue
		}
		if err := size(name, table, s.Layers, s.Heads); err != nil {
			return err
		}
	}
	return nil
}

// Loss is one method's loss by position, or its next piece.
type Loss struct {
	Method string `json:"method"`
	// T is the factor that the text was read at.
	T        float64 `json:"t"`
	Subject  int     `json:"subject,omitempty"`
	Revision int     `json:"revision"`
	// Steady says that the method keeps one t on its weights: it is the same loss at every T.
	Steady bool `json:"steady,omitempty"`
	// From is the position of the first number.
	From int `json:"from"`
	// NLL is the loss of each token in nats; NaN where there is none yet.
	NLL []float32 `json:"-"`
}

// Recall is one method's grid of the recall probe.
type Recall struct {
	Method string `json:"method"`
	// Lengths in tokens and Depths as shares 0 … 1 of the text, both rising.
	Lengths []int     `json:"lengths"`
	Depths  []float64 `json:"depths"`
	// T is what texts of each length are read at; it may be empty.
	T []float64 `json:"t,omitempty"`
	// Right is the share of right answers 0 … 1, (Lengths, Depths) row-major; NaN where not
	// yet asked. Asked is how many times each was asked, same shape; may be empty.
	Right []float32 `json:"-"`
	Asked []float32 `json:"-"`
}

// Check refuses grids whose sizes are not those that the numbers speak of.
func (r *Recall) Check() error {
	if len(r.T) > 0 && len(r.T) != len(r.Lengths) {
		return fmt.Errorf("%d values of t for %d lengths", len(r.T), len(r.Lengths))
	}
	if len(r.Asked) > 0 {
		if err := size("asked", r.Asked, len(r.Lengths), len(r.Depths)); err != nil {
			return err
		}
	}
	return size("right", r.Right, len(r.Lengths), len(r.Depths))
}

func size(name string, table []float32, dims ...int) error {
	want := 1
	for _, d := range dims {
		if d < 0 || d > 1<<24 || want > 1<<28/max(d, 1) {
			return fmt.Errorf("%s of shape %v: too large or negative", name, dims)
		}
		want *= d
	}
	if len(table) != want {
		return fmt.Errorf("%s has %d numbers: want %v = %d", name, len(table), dims, want)
	}
	return nil
}
