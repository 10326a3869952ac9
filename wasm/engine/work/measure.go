package work

import (
	"context"
	"slices"
	"time"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
)

const (
	// gridCells is the finest map of one head among all heads; coarseCells while dragging.
	gridCells   = 96
	coarseCells = 48
	// coarseTokens is how much of a long text is looked at anew while t is dragged:
	// its last queries, over all keys.
	coarseTokens = 64
	// dragTime is how long the whole text may take instead, so that maps keep up with the hand.
	dragTime = 40 * time.Millisecond
	// rowLimit is the largest rectangle of queries that is read row by row.
	rowLimit = 1024
)

// measure answers the picture's questions about a text: attention, then loss.
func (w *Worker) measure(ctx context.Context, r *jobs.Measure, attempt int) error {
	tokens, err := w.tokensOf(r)
	if err != nil || len(tokens) < 2 {
		return err
	}
	for _, method := range r.Maps {
		if err := w.maps(ctx, r, method, tokens, attempt); err != nil {
			return err
		}
	}
	for _, method := range r.Loss {
		if err := w.loss(ctx, r, method, tokens, attempt); err != nil {
			return err
		}
	}
	return nil
}

// reportEvery is the least time between two words about how far a long reading has come.
const reportEvery = 100 * time.Millisecond

// loss tells the loss of each token under one method. The text is read for it unless the
// last reading under this method was of the same text in the same encoding: a method that
// does not follow t answers at once while t is dragged.
func (w *Worker) loss(ctx context.Context, r *jobs.Measure, method string, tokens []int32, attempt int) error {
	x, err := w.readerOf(ctx, method, r.FactorRule)
	if err != nil {
		return err
	}
	t, e, err := x.Encoding(len(tokens))
	if err != nil {
		return err
	}
	known := x.losses[method]
	if known == nil || !known.encoding.Equal(e) || !slices.Equal(known.tokens, tokens) {
		s, err := w.reading(ctx, x, tokens, 0, attempt)
		if err != nil {
			return err
		}
		trace := &model.LossTrace{}
		said := time.Now()
		if err := w.prefill(ctx, x.set, s, tokens, &model.Observer{Loss: trace, Progress: func(done, total int) {
			if now := time.Now(); now.Sub(said) >= reportEvery {
				said = now
				w.Emit(jobs.Answer{Reading: &jobs.Progress{Done: int64(done), Total: int64(total), Method: method}})
			}
			w.Yield()
		}}); err != nil {
			return err
		}
		// The extension lives for this request alone: nothing else changes its encoding.
		known = &losses{tokens: tokens, encoding: e, trace: trace}
		x.losses[method] = known
	}
	w.Emit(jobs.Answer{View: &scene.Loss{Method: method, T: t, Steady: x.steady, Subject: r.Subject, Revision: r.Revision, From: known.trace.First,
		NLL: slices.Clone(known.trace.NLL)}})
	return nil
}

// losses are those of a text that was read in an encoding.
type losses struct {
	tokens   []int32
	encoding *clex.Encoding
	trace    *model.LossTrace
}

// reading prepares the measuring sequence of a reader to read the text from keep on.
func (w *Worker) reading(ctx context.Context, x *reader, tokens []int32, keep, attempt int) (model.Session, error) {
	s, rest, err := w.textOn(ctx, x.set, &x.look, attempt, tokens, len(tokens))
	if err != nil {
		return nil, err
	}
	if keep > len(tokens)-len(rest) {
		keep = 0
	}
	if err := s.Truncate(keep); err != nil {
		return nil, err
	}
	_, err = x.Fit(ctx, s, len(tokens))
	return s, err
}

// maps reads the text and tells attention: every head small, or one head fine.
func (w *Worker) maps(ctx context.Context, r *jobs.Measure, method string, tokens []int32, attempt int) error {
	begun := w.now()
	x, err := w.readerOf(ctx, method, r.FactorRule)
	if err != nil {
		return err
	}
	keep, machine := 0, backendOf(attempt)
	if r.Coarse && len(tokens) > 4*coarseTokens && !x.look.latencies[machine].within(len(tokens), dragTime) {
		// Only the last queries are read anew while dragging; the keys before them
		// are turned to the new t and not computed again.
		keep = len(tokens) - coarseTokens
	}
	s, err := w.reading(ctx, x, tokens, keep, attempt)
	if err != nil {
		return err
	}
	from := s.Len()
	if r.Coarse && keep > 0 && from == 0 {
		// Little of the text is known yet: reading it all is the fine answer's work.
		return nil
	}
	answer := &scene.Maps{Method: method, T: w.asked(r.FactorRule, len(tokens)), Steady: x.steady, Subject: r.Subject, Revision: r.Revision,
		Coarse: r.Coarse, Layer: -1, Head: -1}
	if x.steady {
		if answer.T, err = x.Rule.T(len(tokens), x.window()); err != nil {
			return err
		}
	}
	o := &model.Observer{Progress: func(done, total int) { w.Yield() }}
	cfg := x.model.Config()
	answer.Layers, answer.Heads = cfg.Layers, cfg.Heads
	if r.Need != nil {
		answer.Need, answer.Layer, answer.Head = r.Need.ID, r.Need.Layer, r.Need.Head
	}
	if r.Need != nil && r.Need.Layer >= 0 && r.Need.QueryTo-r.Need.QueryFrom <= rowLimit && from <= r.Need.QueryFrom {
		return w.window(ctx, s, r.Need, tokens, o, answer)
	}
	cells := gridCells
	if r.Coarse {
		cells = coarseCells
	}
	if r.Need != nil {
		cells = min(512, max(r.Need.Rows, r.Need.Cols, gridCells))
	}
	edges := distances(len(tokens))
	for l := range cfg.Layers {
		for h := range cfg.Heads {
			if answer.Layer >= 0 && (l != answer.Layer || h != answer.Head) {
				continue
			}
			o.Maps = append(o.Maps, &model.AttentionMap{Layer: l, Head: h, MaxCells: cells})
			o.Profiles = append(o.Profiles, &model.DistanceProfile{Layer: l, Head: h, Edges: edges})
		}
	}
	if from == 0 && slices.Contains(r.Loss, method) {
		// One reading serves both.
		o.Loss = &model.LossTrace{}
	}
	if err := w.prefill(ctx, x.set, s, tokens[from:], o); err != nil {
		return err
	}
	if o.Loss != nil {
		_, e, err := x.Encoding(len(tokens))
		if err != nil {
			return err
		}
		x.losses[method] = &losses{tokens: tokens, encoding: e, trace: o.Loss}
	}
	fill(answer, o, edges)
	w.sendMaps(answer)
	if from == 0 {
		x.look.latencies[machine] = latency{len(tokens), w.now().Sub(begun)}
	}
	return nil
}

// fill puts what an observer has seen of all heads asked for into an answer.
func fill(answer *scene.Maps, o *model.Observer, edges []int) {
	m := o.Maps[0]
	answer.QueryFrom, answer.QueryTo, answer.KeyTo = m.From, m.To, m.To
	answer.Rows, answer.Cols = m.Rows, m.Cols
	sides := newStrips(m)
	for _, m := range o.Maps {
		answer.Keys, answer.Queries = sides.keys(answer.Keys, m), sides.lookback(answer.Queries, m)
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
}

// latency is how long a machine took from a new t to the maps of a whole text, all told.
type latency struct {
	tokens int
	took   time.Duration
}

// within reports whether a text of n tokens can be expected in a time; the zero latency promises nothing.
func (l latency) within(n int, limit time.Duration) bool {
	share := float64(n) / float64(max(1, l.tokens))
	if share > 1 {
		share *= share // attention grows with the square
	}
	return l.tokens > 0 && time.Duration(share*float64(l.took)) <= limit
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
func (w *Worker) window(ctx context.Context, s model.Session, n *scene.Need, tokens []int32, o *model.Observer, answer *scene.Maps) error {
	queryTo, keyTo := min(n.QueryTo, len(tokens)), min(n.KeyTo, len(tokens))
	queryFrom, keyFrom := max(0, n.QueryFrom), max(0, n.KeyFrom)
	if queryFrom >= queryTo || keyFrom >= keyTo || n.Rows <= 0 || n.Cols <= 0 {
		return nil
	}
	rows := &model.AttentionRows{Layer: n.Layer, Head: n.Head, From: queryFrom, To: queryTo}
	o.Rows = []*model.AttentionRows{rows}
	if err := s.Prefill(ctx, tokens[s.Len():], o); err != nil {
		return err
	}
	answer.QueryFrom, answer.QueryTo, answer.KeyFrom, answer.KeyTo = queryFrom, queryTo, keyFrom, keyTo
	answer.Rows, answer.Cols = min(n.Rows, queryTo-queryFrom), min(n.Cols, keyTo-keyFrom)
	answer.Max, answer.Mean = poolRows(rows, keyFrom, keyTo, answer.Rows, answer.Cols)
	answer.Keys, answer.Queries = rowStrips(rows, keyFrom, keyTo, answer.Rows, answer.Cols)
	w.sendMaps(answer)
	return nil
}

// sendMaps gives maps to the picture, and the page, which asked, what it says of them.
func (w *Worker) sendMaps(m *scene.Maps) {
	if w.Picture != nil {
		w.Picture(m)
	}
	// While t is dragged nobody hears the page's words; the fine maps at its end have theirs.
	if m.Need == 0 && !m.Coarse {
		w.Emit(jobs.Answer{View: m.Summary()})
	}
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
