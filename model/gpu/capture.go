package gpu

import (
	"context"
	"math"
	"slices"

	"clexlab/model"
)

// captureBuffers is the memory for attention that is looked at, made when first asked for.
type captureBuffers struct {
	edges, peaks, sums, mass, cells, profile Buffer
	all                                      []Buffer
	attentionMap                             []Group // by layer
	pool, distanceHistogram                  Group
	// columns is how many columns of maps a query has room for, over all heads; most is how many cells there are.
	columns, most int
}

const (
	// mostBins bounds a distance profile, gridPixels the maps of every head at once, headPixels that of one.
	mostBins  = 64
	gridCells = 96
	headCells = 512
)

// capture is what one read shows. A nil capture shows nothing.
type capture struct {
	s        *Sequence
	o        *model.Observer
	from, to int
	loss     bool
	// head and heads are the range of heads looked at, in the layers marked.
	head, heads int
	layers      []bool
	// rowsOf is set when whole rows of one head are wanted instead of maps.
	rowsOf     *model.AttentionRows
	mapRows    int
	cols, bins int
	edges      []int
	// row is the first query whose rows have not come.
	row int
}

// newCapture checks what an Observer asks for and makes room for it. Some requests
// are the CPU's alone; an *Error of kind Unfit names them.
func (s *Sequence) newCapture(ctx context.Context, o *model.Observer, from, to int) (*capture, error) {
	if o == nil {
		return nil, nil
	}
	c := &s.m.plan.cfg
	w := &capture{s: s, o: o, from: from, to: to, loss: o.Loss != nil, layers: make([]bool, c.Layers), head: c.Heads}
	if o.Norms != nil {
		return nil, unfit("the size of the residual stream is not watched here")
	}
	last := 0
	see := func(layer, head int) {
		if layer >= 0 && layer < c.Layers && head >= 0 && head < c.Heads {
			w.layers[layer], w.head, last = true, min(w.head, head), max(last, head)
		}
	}
	for _, m := range o.Maps {
		if m.MaxCells != o.Maps[0].MaxCells {
			return nil, unfit("maps of %d and of %d cells in one read", m.MaxCells, o.Maps[0].MaxCells)
		}
		see(m.Layer, m.Head)
	}
	for _, p := range o.Profiles {
		if !slices.Equal(p.Edges, o.Profiles[0].Edges) || len(p.Edges) > mostBins {
			return nil, unfit("distance profiles that differ in their bins, or have more than %d", mostBins)
		}
		see(p.Layer, p.Head)
		w.edges, w.bins = p.Edges, len(p.Edges)
	}
	if len(o.Rows) > 1 || len(o.Rows) == 1 && len(o.Maps)+len(o.Profiles) > 0 {
		return nil, unfit("whole rows of attention beside anything else")
	}
	if len(o.Maps) > 0 {
		w.mapRows, w.cols = to-from, to
		if p := o.Maps[0].MaxCells; p > 0 {
			w.mapRows, w.cols = min(w.mapRows, p), min(w.cols, p)
		}
	}
	if len(o.Rows) == 1 {
		w.rowsOf, w.cols = o.Rows[0], to
		see(w.rowsOf.Layer, w.rowsOf.Head)
	}
	if w.heads = last - w.head + 1; w.heads <= 0 || len(o.Maps)+len(o.Rows)+len(o.Profiles) == 0 {
		w.heads = 0
		return w, nil
	}
	// The kernels multiply cells with tokens in 32 bits.
	if max(w.cols*(to+1), w.mapRows*(to-from+1)) > math.MaxUint32 {
		return nil, unfit("%d×%d cells of %d tokens", w.mapRows, w.cols, to)
	}
	if err := s.ensureCapture(ctx); err != nil {
		return nil, err
	}
	if k := s.captured; w.heads*w.cols > k.columns || c.Layers*c.Heads*w.mapRows*w.cols > k.most && w.heads > 1 || w.mapRows*w.cols > k.most {
		return nil, unfit("maps of %d heads with %d×%d cells", w.heads, w.mapRows, w.cols)
	}
	return w, nil
}

// ensureCapture makes the memory for attention that is looked at.
func (s *Sequence) ensureCapture(ctx context.Context) error {
	if s.captured != nil {
		return nil
	}
	c := &s.m.plan.cfg
	k := &captureBuffers{
		columns: max(c.Heads*min(gridCells, s.capacity), s.capacity),
		most:    max(c.Layers*c.Heads*gridCells*gridCells, headCells*headCells),
	}
	// What would bind too much is refused when it is asked for.
	k.columns = min(k.columns, s.m.driver.Adapter().Limits.BindingBytes/(4*s.block))
	var err error
	k.all, err = s.m.driver.Alloc(ctx, 4*mostBins, 4*s.block*k.columns, 4*s.block*k.columns, 4*s.block*c.Heads*mostBins,
		8*k.most, 4*c.Layers*c.Heads*mostBins)
	if err != nil {
		return err
	}
	k.edges, k.peaks, k.sums, k.mass, k.cells, k.profile = k.all[0], k.all[1], k.all[2], k.all[3], k.all[4], k.all[5]
	for l := range s.m.layers {
		k.attentionMap = append(k.attentionMap, s.m.driver.Bind(&s.m.attentionMap.Shader, s.buf.near, s.buf.far, s.buf.keys[l], s.buf.lse, k.edges, k.peaks, k.sums, k.mass))
	}
	k.pool = s.m.driver.Bind(&s.m.pool.Shader, k.peaks, k.sums, k.cells)
	k.distanceHistogram = s.m.driver.Bind(&s.m.distanceHistogram.Shader, k.mass, k.profile)
	s.captured = k
	return nil
}

// wants reports whether attention of a layer is looked at.
func (w *capture) wants(layer int) bool { return w != nil && w.heads > 0 && w.layers[layer] }

// slot is the place of a layer among those looked at.
func (w *capture) slot(layer int) (n int) {
	for _, on := range w.layers[:layer] {
		if on {
			n++
		}
	}
	return n
}

// clear records the beginning of a read.
func (w *capture) clear(c *Commands) {
	if w == nil || w.heads == 0 {
		return
	}
	k := w.s.captured
	if n := w.slot(len(w.layers)) * w.heads; w.mapRows > 0 {
		c.Clear(k.cells, 0, 8*n*w.mapRows*w.cols)
	}
	if w.bins > 0 {
		c.Clear(k.profile, 0, 4*w.slot(len(w.layers))*w.heads*w.bins)
		words := make([]uint32, w.bins)
		for i, e := range w.edges {
			words[i] = uint32(e)
		}
		c.Write(k.edges, 0, words)
	}
	w.row = w.from
}

// observe records the second look at a block's attention in layer l.
func (s *Sequence) observe(w *capture, l int, params params) {
	k, m, c := s.captured, s.m, &s.c
	params.head, params.queryFrom, params.keyTo = w.head, w.from, w.to
	params.rows, params.cols, params.bins = w.mapRows, w.cols, w.bins
	slot := w.slot(l) * w.heads
	params.cell, params.bin = slot*w.mapRows*w.cols, slot*w.bins
	c.set(s.groups.uniforms, &params)
	c.Run(m.attentionMap.pipeline, k.attentionMap[l], groups(params.n, m.plan.mapQueries), w.heads, 1)
	if w.mapRows > 0 {
		queries, begin := w.to-w.from, params.start-w.from
		rows := (begin+params.n-1)*w.mapRows/queries - begin*w.mapRows/queries + 1
		c.Run(m.pool.pipeline, k.pool, groups(w.cols, threads), rows, w.heads)
	}
	if w.bins > 0 {
		c.Run(m.distanceHistogram.pipeline, k.distanceHistogram, groups(w.bins, threads), w.heads, 1)
	}
	if r := w.rowsOf; r != nil {
		if from, to := max(params.start, r.From), min(params.start+params.n, r.To); from < to {
			c.ReadBack(k.sums, 4*(from-params.start)*w.cols, 4*(to-from)*w.cols)
		}
	}
	// What follows in the block has its own uniform again.
	params.head, params.cell = 0, 0
	c.set(s.groups.uniforms, &params)
}

// rows takes the whole rows of attention that a block read back and returns the rest of the data.
func (w *capture) rows(data []byte) []byte {
	if w == nil || w.rowsOf == nil {
		return data
	}
	r := w.rowsOf
	end := min(w.row+w.s.block, w.to)
	for q := max(w.row, r.From); q < min(end, r.To); q++ {
		i := q - r.From
		r.Weights[i] = slices.Grow(r.Weights[i][:0], q+1)[:q+1]
		readFloats(r.Weights[i], data)
		data = data[4*w.cols:]
	}
	w.row = end
	return data
}

// readBack records the reading of what was found.
func (w *capture) readBack(c *Commands) {
	if w == nil {
		return
	}
	if w.loss {
		c.ReadBack(w.s.buf.nats, 4*w.from, 4*(w.to-w.from))
	}
	if w.heads == 0 {
		return
	}
	n := w.slot(len(w.layers)) * w.heads
	if w.mapRows > 0 {
		c.ReadBack(w.s.captured.cells, 0, 8*n*w.mapRows*w.cols)
	}
	if w.bins > 0 {
		c.ReadBack(w.s.captured.profile, 0, 4*n*w.bins)
	}
}

// results hands what was read to the Observer and returns the rest of the data.
func (w *capture) results(data []byte) []byte {
	if w == nil {
		return data
	}
	if w.loss {
		l := w.o.Loss
		n := max(0, w.to-l.First) // LossTrace.From may lie past all that was read
		l.NLL = slices.Grow(l.NLL[:0], n)[:n]
		readFloats(l.NLL, data[4*(w.to-w.from-n):])
		data = data[4*(w.to-w.from):]
	}
	if w.heads == 0 {
		return data
	}
	n := w.slot(len(w.layers)) * w.heads
	if w.mapRows > 0 {
		cells := w.mapRows * w.cols
		pair := make([]float32, 2*cells)
		for _, m := range w.o.Maps {
			at := w.slot(m.Layer)*w.heads + m.Head - w.head
			readFloats(pair, data[8*cells*at:])
			for i := range cells {
				m.Max[i], m.Mean[i] = pair[2*i], pair[2*i+1]
			}
		}
		data = data[8*n*cells:]
	}
	if w.bins > 0 {
		sums := make([]float32, w.bins)
		for _, p := range w.o.Profiles {
			readFloats(sums, data[4*w.bins*(w.slot(p.Layer)*w.heads+p.Head-w.head):])
			p.Queries = w.to - w.from
			for b := range sums {
				p.Mass[b] = float64(sums[b])
				p.Pairs[b] = w.pairs(b)
			}
		}
		data = data[4*n*w.bins:]
	}
	return data
}

// pairs counts the visible pairs of a bin.
func (w *capture) pairs(b int) (n int64) {
	for q := w.from; q < w.to; q++ {
		far := q + 1
		if b+1 < w.bins {
			far = min(far, w.edges[b+1])
		}
		n += int64(max(0, far-w.edges[b]))
	}
	return n
}
