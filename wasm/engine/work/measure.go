package work

import (
	"context"
	"slices"
	"time"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/wasm/wire"
	"clexlab/wasm/wire/jobs"
)

const (
	// gridPixels is the finest map of one head among all heads; coarsePixels while dragging.
	gridPixels   = 96
	coarsePixels = 48
	// coarseTokens is how much of a long text is looked at anew while t is dragged:
	// its last queries, over all keys.
	coarseTokens = 64
	// dragTime is how long the whole text may take instead, so that maps keep up with the hand.
	dragTime = 40 * time.Millisecond
	// rowLimit is the largest rectangle of queries that is read row by row.
	rowLimit = 1024
)

// measure answers the picture's questions about a text: loss, then attention.
func (w *Worker) measure(ctx context.Context, id int, r *jobs.Measure) error {
	if len(r.Tokens) < 2 {
		return nil
	}
	if len(r.Tokens) > w.maxTokens() {
		r.Tokens = r.Tokens[:w.maxTokens()]
	}
	if r.Maps != "" {
		if err := w.maps(ctx, id, r); err != nil {
			return err
		}
	}
	for _, method := range r.Loss {
		if err := w.loss(ctx, id, method, r); err != nil {
			return err
		}
	}
	return nil
}

// loss tells the loss of each token under one method. The text is read for it unless the
// last reading under this method was of the same text in the same encoding: a method that
// does not follow t answers at once while t is dragged.
func (w *Worker) loss(ctx context.Context, id int, method string, r *jobs.Measure) error {
	ext, err := w.prepare(ctx, method, &r.Tune)
	if err != nil {
		return err
	}
	_, e, err := ext.Encoding(len(r.Tokens))
	if err != nil {
		return err
	}
	known := w.losses[method]
	if known == nil || !known.encoding.Equal(e) || !slices.Equal(known.tokens, r.Tokens) {
		s, err := w.read(ctx, ext, r, 0)
		if err != nil {
			return err
		}
		trace := &model.LossTrace{}
		if err := s.Prefill(ctx, r.Tokens, &model.Observer{Loss: trace, Progress: func(done, total int) { w.Yield() }}); err != nil {
			return err
		}
		// The extension lives for this request alone: nothing else changes its encoding.
		known = &losses{tokens: r.Tokens, encoding: e, trace: trace}
		w.losses[method] = known
	}
	t, err := w.asked(&r.Tune, len(r.Tokens))
	if err != nil {
		return err
	}
	if r.Auto {
		t = 0
	}
	w.Emit(jobs.Answer{ID: id, View: &wire.ViewLoss{Method: method, T: t, Revision: r.Revision, From: known.trace.First, Done: true,
		NLL: slices.Clone(known.trace.NLL)}})
	return nil
}

// losses are those of a text that was read in an encoding.
type losses struct {
	tokens   []int32
	encoding *clex.Encoding
	trace    *model.LossTrace
}

// prepare puts a method's weights in place and returns the rule by which it encodes.
func (w *Worker) prepare(ctx context.Context, method string, tune *jobs.Tune) (*model.Extension, error) {
	if err := w.use(ctx, method); err != nil {
		return nil, err
	}
	return w.extension(method, tune)
}

// read prepares the looking sequence to read the text from keep on under an extension
// that prepare returned.
func (w *Worker) read(ctx context.Context, ext *model.Extension, r *jobs.Measure, keep int) (model.Session, error) {
	s, rest, err := w.textOn(ctx, &w.look, r.Try, r.Tokens, len(r.Tokens))
	if err != nil {
		return nil, err
	}
	if keep > len(r.Tokens)-len(rest) {
		keep = 0
	}
	if err := s.Truncate(keep); err != nil {
		return nil, err
	}
	_, err = ext.Fit(ctx, s, len(r.Tokens))
	return s, err
}

// maps reads the text and tells attention: every head small, or one head fine.
func (w *Worker) maps(ctx context.Context, id int, r *jobs.Measure) error {
	keep, machine := 0, min(r.Try, 1)
	if r.Coarse && len(r.Tokens) > 4*coarseTokens && !w.look.paces[machine].within(len(r.Tokens), dragTime) {
		// Only the last queries are read anew while dragging; the keys before them
		// are turned to the new t and not computed again.
		keep = len(r.Tokens) - coarseTokens
	}
	begun := w.now()
	ext, err := w.prepare(ctx, r.Maps, &r.Tune)
	if err != nil {
		return err
	}
	s, err := w.read(ctx, ext, r, keep)
	if err != nil {
		return err
	}
	from := s.Len()
	if r.Coarse && keep > 0 && from == 0 {
		// Little of the text is known yet: reading it all is the fine answer's work.
		return nil
	}
	// The answer is one to the t asked for, also where the method keeps the one that its
	// weights were tuned at.
	t, err := w.asked(&r.Tune, len(r.Tokens))
	if err != nil {
		return err
	}
	answer := &wire.ViewMaps{Method: r.Maps, T: t, Revision: r.Revision, Coarse: r.Coarse, Layer: -1, Head: -1}
	o := &model.Observer{Progress: func(done, total int) { w.Yield() }}
	cfg := w.model.Config()
	answer.Layers, answer.Heads = cfg.Layers, cfg.Heads
	if r.Need != nil {
		answer.Need, answer.Layer, answer.Head = r.Need.ID, r.Need.Layer, r.Need.Head
	}
	if r.Need != nil && r.Need.Layer >= 0 && r.Need.QueryTo-r.Need.QueryFrom <= rowLimit && from <= r.Need.QueryFrom {
		return w.window(ctx, id, s, r, o, answer)
	}
	pixels := gridPixels
	if r.Coarse {
		pixels = coarsePixels
	}
	if r.Need != nil {
		pixels = min(512, max(r.Need.Rows, r.Need.Cols, gridPixels))
	}
	edges := distances(len(r.Tokens))
	for l := range cfg.Layers {
		for h := range cfg.Heads {
			if answer.Layer >= 0 && (l != answer.Layer || h != answer.Head) {
				continue
			}
			o.Maps = append(o.Maps, &model.AttentionMap{Layer: l, Head: h, MaxCells: pixels})
			o.Profiles = append(o.Profiles, &model.DistanceProfile{Layer: l, Head: h, Edges: edges})
		}
	}
	if err := s.Prefill(ctx, r.Tokens[from:], o); err != nil {
		return err
	}
	m := o.Maps[0]
	answer.QueryFrom, answer.QueryTo, answer.KeyTo = m.From, m.To, m.To
	answer.Rows, answer.Cols = m.Rows, m.Cols
	sides := newStrips(m)
	for _, m := range o.Maps {
		answer.Keys, answer.Queries = sides.keys(answer.Keys, m), sides.looks(answer.Queries, m)
		answer.Max = append(answer.Max, hideFuture(m, m.Max)...)
		answer.Mean = append(answer.Mean, hideFuture(m, m.Mean)...)
	}
	answer.Bins = len(edges)
	for _, e := range edges {
		answer.Distances = append(answer.Distances, float32(e))
	}
	for _, p := range o.Profiles {
		for b := range edges {
			v := float32(0)
			if b < len(p.Mass) && p.Pairs[b] > 0 {
				v = float32(p.Mass[b] * float64(p.Queries) / float64(p.Pairs[b]))
			}
			answer.Profile = append(answer.Profile, v)
		}
	}
	w.Emit(jobs.Answer{ID: id, View: answer})
	if from == 0 {
		w.look.paces[machine] = pace{len(r.Tokens), w.now().Sub(begun)}
	}
	return nil
}

// pace is how long a machine took from a new t to the maps of a whole text, all told.
type pace struct {
	tokens int
	took   time.Duration
}

// within reports whether a text of n tokens can be expected in a time; the zero pace promises nothing.
func (p pace) within(n int, limit time.Duration) bool {
	share := float64(n) / float64(max(1, p.tokens))
	if share > 1 {
		share *= share // attention grows with the square
	}
	return p.tokens > 0 && time.Duration(share*float64(p.took)) <= limit
}

// hideFuture marks the cells in which no query sees any key.
func hideFuture(m *model.AttentionMap, values []float32) []float32 {
	out := append([]float32(nil), values...)
	for row := range m.Rows {
		lastQuery := m.From + ((row+1)*(m.To-m.From)+m.Rows-1)/m.Rows - 1
		for col := range m.Cols {
			if firstKey := (col*m.To + m.Cols - 1) / m.Cols; firstKey > lastQuery {
				out[row*m.Cols+col] = -1
			}
		}
	}
	return out
}

// distances are the first distances of the bins of a profile, four to a doubling
// from 4 on: 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, …
func distances(n int) []int {
	edges := []int{0}
	for d, step := 1, 1; d < n; d += step {
		edges = append(edges, d)
		if d >= 8 && d&(d-1) == 0 {
			step = d / 4
		}
	}
	return edges
}

// window answers with one head over a rectangle of tokens, pooled from whole rows.
func (w *Worker) window(ctx context.Context, id int, s model.Session, r *jobs.Measure, o *model.Observer, answer *wire.ViewMaps) error {
	n := r.Need
	queryTo, keyTo := min(n.QueryTo, len(r.Tokens)), min(n.KeyTo, len(r.Tokens))
	queryFrom, keyFrom := max(0, n.QueryFrom), max(0, n.KeyFrom)
	if queryFrom >= queryTo || keyFrom >= keyTo || n.Rows <= 0 || n.Cols <= 0 {
		return nil
	}
	rows := &model.AttentionRows{Layer: n.Layer, Head: n.Head, From: queryFrom, To: queryTo}
	o.Rows = []*model.AttentionRows{rows}
	if err := s.Prefill(ctx, r.Tokens[s.Len():], o); err != nil {
		return err
	}
	answer.QueryFrom, answer.QueryTo, answer.KeyFrom, answer.KeyTo = queryFrom, queryTo, keyFrom, keyTo
	answer.Rows, answer.Cols = min(n.Rows, queryTo-queryFrom), min(n.Cols, keyTo-keyFrom)
	answer.Max, answer.Mean = poolRows(rows, keyFrom, keyTo, answer.Rows, answer.Cols)
	answer.Keys, answer.Queries = rowStrips(rows, keyFrom, keyTo, answer.Rows, answer.Cols)
	w.Emit(jobs.Answer{ID: id, View: answer})
	return nil
}

// poolRows reduces whole rows over keys [keyFrom, keyTo) to rows × cols tiles.
func poolRows(a *model.AttentionRows, keyFrom, keyTo, rows, cols int) (peak, mean []float32) {
	peak, mean = make([]float32, rows*cols), make([]float32, rows*cols)
	seen := make([]int, rows*cols)
	for i, weights := range a.Weights {
		row := i * rows / (a.To - a.From)
		for k := keyFrom; k < min(keyTo, len(weights)); k++ {
			at := row*cols + (k-keyFrom)*cols/(keyTo-keyFrom)
			peak[at] = max(peak[at], weights[k])
			mean[at] += weights[k]
			seen[at]++
		}
	}
	for i, n := range seen {
		if n == 0 {
			peak[i], mean[i] = -1, -1
			continue
		}
		mean[i] /= float32(n)
	}
	return peak, mean
}
