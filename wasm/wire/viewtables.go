package wire

import "fmt"

// ViewText (page → view) is the text the maps and curves speak of.
type ViewText struct {
	noTables
	// Revision tells texts apart: maps and losses name the one they were made from.
	Revision int `json:"revision"`
	// Tokens are the tokens as the tokenizer shows them, white space and all.
	Tokens []string `json:"tokens"`
	// Prompt is how many of them the person wrote.
	Prompt int `json:"prompt"`
}

func (*ViewText) viewKind() string { return "text" }

// ViewMaps (page → view) is attention: either every head (Layer = Head = -1) or
// one head, over a rectangle of query × key tokens, pooled to Rows × Cols tiles.
// Row r covers queries [QueryFrom + r·(QueryTo-QueryFrom)/Rows, … r+1 …), columns likewise.
type ViewMaps struct {
	// Method and T are what the keys and queries were rotated with.
	Method string  `json:"method"`
	T      float64 `json:"t"`
	// Revision is the text's.
	Revision int `json:"revision"`
	// Coarse says that a finer answer to the same question is on its way.
	Coarse bool `json:"coarse"`
	// Need is the ID of the ViewNeed it answers, or 0.
	Need int `json:"need"`
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
	// Bins is the length of a head's profile over relative distance; bin 0 is
	// distance 0, and Distances (below) gives each bin's first distance. 0: none.
	Bins int `json:"bins"`
	// Max and Mean are weights 0 … 1 pooled both ways, (heads sent, Rows, Cols) row-major.
	// Mean leaves out the keys a query cannot see. A cell wholly in the future is -1.
	// Where each cell is one token, Mean may be empty: it equals Max.
	Max  []float32 `json:"-"`
	Mean []float32 `json:"-"`
	// Profile is the mean weight at each bin of distances, (heads sent, Bins).
	Profile []float32 `json:"-"`
	// Distances is the first distance of each bin, in tokens, rising, (Bins).
	Distances []float32 `json:"-"`
	// Keys is the weight each key receives, averaged over the queries that see it, (heads sent,
	// Cols); Queries how far back each query looks on average, in tokens, (heads sent, Rows). Each may be empty.
	Keys    []float32 `json:"-"`
	Queries []float32 `json:"-"`
}

func (*ViewMaps) viewKind() string { return "maps" }
func (m *ViewMaps) floats() []*[]float32 {
	return []*[]float32{&m.Max, &m.Mean, &m.Profile, &m.Distances, &m.Keys, &m.Queries}
}
func (*ViewMaps) blob() *[]byte { return nil }

// Sent is the number of heads the message holds.
func (m *ViewMaps) Sent() int {
	if m.Layer < 0 {
		return m.Layers * m.Heads
	}
	return 1
}

func (m *ViewMaps) check() error {
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
	if err := tableSize("max", m.Max, n, m.Rows, m.Cols); err != nil {
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
		if err := tableSize(t.name, t.table, t.dims...); err != nil {
			return err
		}
	}
	return nil
}

// ViewLoss (page → view) is one method's loss by position; sent again as it grows.
type ViewLoss struct {
	Method string `json:"method"`
	// T is the factor it was measured at; 0 says t followed the length.
	T        float64 `json:"t"`
	Revision int     `json:"revision"`
	// From is the position of the first number.
	From int `json:"from"`
	// Done says that no more will come.
	Done bool `json:"done"`
	// NLL is the loss of each token in nats; NaN where there is none yet.
	NLL []float32 `json:"-"`
}

func (*ViewLoss) viewKind() string       { return "loss" }
func (m *ViewLoss) floats() []*[]float32 { return []*[]float32{&m.NLL} }
func (*ViewLoss) blob() *[]byte          { return nil }

// ViewRecall (page → view) is one method's recall grid; sent again as it fills.
type ViewRecall struct {
	Method string `json:"method"`
	// Lengths in tokens and Depths as shares 0 … 1 of the text, both rising.
	Lengths []int     `json:"lengths"`
	Depths  []float64 `json:"depths"`
	// Done says that no more will come.
	Done bool `json:"done"`
	// Right is the share of right answers 0 … 1, (Lengths, Depths) row-major; NaN where not yet asked.
	Right []float32 `json:"-"`
	// Asked is how many times each was asked, same shape; may be empty.
	Asked []float32 `json:"-"`
}

func (*ViewRecall) viewKind() string       { return "recall" }
func (m *ViewRecall) floats() []*[]float32 { return []*[]float32{&m.Right, &m.Asked} }
func (*ViewRecall) blob() *[]byte          { return nil }

func (m *ViewRecall) check() error {
	if len(m.Asked) > 0 {
		if err := tableSize("asked", m.Asked, len(m.Lengths), len(m.Depths)); err != nil {
			return err
		}
	}
	return tableSize("right", m.Right, len(m.Lengths), len(m.Depths))
}
