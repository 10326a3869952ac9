package viz

import (
	"fmt"
	"math"

	"clexlab/viz/paint"
	"clexlab/viz/scale"
	"clexlab/viz/scene"
)

// layoutMatrix lays out one head enlarged: strips of queries at its left and keys above it, the
// profile over distance beneath.
func (p *attention) layoutMatrix(body paint.Rect) {
	th := p.world.theme
	side := 14.0
	// Two rows of words above the profile, one below it, and a curve that can be read between them.
	profile := max(4*th.FontSize+th.px(28)+40, body.H*0.24+th.FontSize+th.px(6))
	left := th.px(44)
	tall := body.H - profile - side - 4
	wide := body.W - left - side - 4
	tall = min(tall, 1.2*wide)
	p.body = paint.Rect{X: body.X + left + side + 4, Y: body.Y + side + 4, W: max(wide, 20), H: max(tall, 20)}
	all := p.all()
	m := all
	if s := p.sources(); len(s) > 0 {
		m = s[len(s)-1]
	}
	if th.Scale > 1 && p.cramped() {
		return
	}
	p.shown = m
	if m == nil || m.Rows == 0 || m.Cols == 0 {
		return
	}
	whole := m
	if all != nil {
		whole = all
	}
	if p.query.High != float64(whole.QueryTo) || p.key.High != float64(whole.KeyTo) {
		p.query = scale.NewWindow(float64(whole.QueryFrom), float64(whole.QueryTo), 8)
		p.key = scale.NewWindow(float64(whole.KeyFrom), float64(whole.KeyTo), 8)
	}
	p.fillMatrix()
	p.need()
}

// sources lists the maps that hold the head, the widest first: finer ones are drawn over it.
func (p *attention) sources() []*scene.Maps {
	var out []*scene.Maps
	s := &p.world.state
	all := p.all()
	for _, m := range []*scene.Maps{all, p.one()} {
		// A finer map of another t or text must not cover a newer one.
		if all != nil && m != nil && (m.T != all.T || m.Revision != all.Revision || m.Method != all.Method) {
			continue
		}
		if slot(m, s.Layer, s.Head) >= 0 && m.Rows > 0 && m.Cols > 0 {
			out = append(out, m)
		}
	}
	return out
}

// fillMatrix paints the tokens shown at one texel per device pixel or per token, whichever is coarser.
func (p *attention) fillMatrix() {
	t := &p.texture
	p.painted = painted{} // the texture is no grid any more
	density := 1.0
	if p.view.list != nil {
		density = p.view.list.Scale
	}
	width, height := min(int(p.body.W*density), 1024), min(int(p.body.H*density), 1024)
	t.W, t.H = width, height
	t.Pix = resize(t.Pix, 4*width*height)
	p.scratch = resize(p.scratch, width)
	row := p.scratch[:width]
	sources := p.sources()
	s := &p.world.state
	columns := make([][][2]int, len(sources))
	for i, m := range sources {
		ks := float64(m.Cols) / float64(m.KeyTo-m.KeyFrom)
		for x := range width {
			k0 := p.key.From + (p.key.To-p.key.From)*float64(x)/float64(width)
			k1 := p.key.From + (p.key.To-p.key.From)*float64(x+1)/float64(width)
			c0, c1 := span((k0-float64(m.KeyFrom))*ks, (k1-float64(m.KeyFrom))*ks)
			columns[i] = append(columns[i], [2]int{c0, min(c1, m.Cols)})
		}
	}
	for y := range height {
		for x := range row {
			row[x] = -1
		}
		q0 := p.query.From + (p.query.To-p.query.From)*float64(y)/float64(height)
		q1 := p.query.From + (p.query.To-p.query.From)*float64(y+1)/float64(height)
		for i, m := range sources {
			cells := cells(m, s.Layer, s.Head, s.Mean)
			qs := float64(m.Rows) / float64(m.QueryTo-m.QueryFrom)
			r0, r1 := span((q0-float64(m.QueryFrom))*qs, (q1-float64(m.QueryFrom))*qs)
			if r0 < 0 || r0 >= m.Rows {
				continue
			}
			r1 = min(r1, m.Rows)
			for x, c := range columns[i] {
				if c[0] >= 0 && c[0] < m.Cols {
					row[x] = tile(cells, m.Cols, r0, r1, c[0], c[1], s.Mean)
				}
			}
		}
		p.world.shadeRow(t.Pix[4*y*width:], row)
	}
	t.Version++
}

// span is the half-open run of whole cells that from … to touches.
func span(from, to float64) (int, int) {
	a := int(math.Floor(from + 1e-9))
	return a, max(int(math.Ceil(to-1e-9)), a+1)
}

func tile(cells []float32, cols, r0, r1, c0, c1 int, mean bool) float32 {
	best, sum, n := float32(-1), float32(0), 0
	for r := r0; r < r1; r++ {
		for _, v := range cells[r*cols+c0 : r*cols+c1] {
			if v >= 0 {
				sum, n = sum+v, n+1
				if v > best {
					best = v
				}
			}
		}
	}
	if mean && n > 0 {
		return sum / float32(n)
	}
	return best
}

// question is what was asked of the page last, so that it is asked once.
type question struct {
	need     scene.Need
	method   string
	t        float64
	revision int
}

// need asks for the tokens shown where what is there has fewer cells than there is room for.
func (p *attention) need() {
	s := &p.world.state
	q0, q1 := int(p.query.From), int(math.Ceil(p.query.To))
	k0, k1 := int(p.key.From), int(math.Ceil(p.key.To))
	room := int(p.body.W)
	want := scene.Need{Method: s.Active, Layer: s.Layer, Head: s.Head, QueryFrom: q0, QueryTo: q1, KeyFrom: k0, KeyTo: k1, Rows: min(q1-q0, room), Cols: min(k1-k0, room)}
	for _, m := range p.sources() {
		covers := m.QueryFrom <= q0 && m.QueryTo >= q1 && m.KeyFrom <= k0 && m.KeyTo >= k1
		rows := float64(m.Rows) / float64(m.QueryTo-m.QueryFrom) * float64(q1-q0)
		if covers && rows >= 0.7*float64(want.Rows) && !p.world.stale(m) {
			return
		}
	}
	ask := question{want, s.Active, s.T, p.world.text.Revision}
	if ask == p.asked || p.view.saving {
		return
	}
	p.asked = ask
	p.needs++
	want.ID = p.needs
	p.world.emit(&want)
}

func (p *attention) drawMatrix(l *paint.List) {
	w, th := p.world, p.world.theme
	if p.shown == nil || cells(p.shown, w.state.Layer, w.state.Head, false) == nil {
		w.empty(l, p.body, "This head’s map appears when the model has read the text")
		return
	}
	l.Image(&p.texture, p.body, 0, 0, float64(p.texture.W), float64(p.texture.H), paint.RGB(255, 255, 255))
	m := p.shown
	k := slot(m, w.state.Layer, w.state.Head)
	p.drawStrip(l, strip(m.Keys, k, m.Cols), true)
	p.drawStrip(l, strip(m.Queries, k, m.Rows), false)
	axis := scale.Axis{From: p.query.From, To: p.query.To, Low: p.body.Y, High: p.body.Bottom()}
	for _, v := range axis.Ticks(nil, th.px(40)) {
		l.Write(p.body.X-16-th.px(6), axis.Pixel(v)+th.halfCap(), l.Label("").Num(v, 0), th.small(), 1, th.Muted)
	}
	p.drawKeyAxis(l)
	p.drawProfile(l, m, k)
}

// drawKeyAxis numbers the keys beneath the matrix.
func (p *attention) drawKeyAxis(l *paint.List) {
	th := p.world.theme
	axis := scale.Axis{From: p.key.From, To: p.key.To, Low: p.body.X, High: p.body.Right()}
	y := p.body.Bottom()
	name := "keys"
	free := p.body.Right() - l.Measure(name, th.small()) - th.px(8)
	for _, v := range axis.Ticks(nil, th.px(76)) {
		x := axis.Pixel(v)
		b := l.Label("").Num(v, 0)
		l.Hairline(paint.Point{X: x, Y: y}, paint.Point{X: x, Y: y + 4}, th.Muted)
		if x+l.Width(b, th.small())/2 < free {
			l.Write(x, y+th.FontSize+th.px(5), b, th.small(), 0.5, th.Muted)
		}
	}
	l.Text(p.body.Right(), y+th.FontSize+th.px(5), name, th.small(), 1, th.Muted)
}

// drawStrip draws what each key receives above the matrix, or how far back each query looks at its left.
func (p *attention) drawStrip(l *paint.List, values []float32, keys bool) {
	if len(values) == 0 {
		return
	}
	top := float32(0)
	for _, v := range values {
		if v == v {
			top = max(top, v)
		}
	}
	m := p.shown
	for i, v := range values {
		if !(v >= 0) || top == 0 {
			continue
		}
		c := at(p.world.heat(), float64(v/top))
		if keys {
			a, b := m.KeyTile(i)
			axis := scale.Axis{From: p.key.From, To: p.key.To, Low: p.body.X, High: p.body.Right()}
			x0, x1 := max(axis.Pixel(float64(a)), p.body.X), min(axis.Pixel(float64(b)), p.body.Right())
			l.Fill(paint.Rect{X: x0, Y: p.body.Y - 16, W: x1 - x0, H: 12}, c)
			continue
		}
		a, b := m.QueryTile(i)
		axis := scale.Axis{From: p.query.From, To: p.query.To, Low: p.body.Y, High: p.body.Bottom()}
		y0, y1 := max(axis.Pixel(float64(a)), p.body.Y), min(axis.Pixel(float64(b)), p.body.Bottom())
		l.Fill(paint.Rect{X: p.body.X - 16, Y: y0, W: 12, H: y1 - y0}, c)
	}
}

// drawProfile draws the mean weight by relative distance beneath the matrix, on logarithmic axes.
func (p *attention) drawProfile(l *paint.List, m *scene.Maps, k int) {
	w, th := p.world, p.world.theme
	whole := m
	if all := p.all(); all != nil && len(all.Profile) > 0 {
		whole, k = all, slot(all, w.state.Layer, w.state.Head)
	}
	values := strip(whole.Profile, k, whole.Bins)
	top := p.body.Bottom() + 3*th.FontSize + th.px(20)
	r := paint.Rect{X: p.body.X, Y: top, W: p.body.W, H: p.rect.Bottom() - top - th.FontSize - th.px(8)}
	if len(values) < 2 || r.H < 24 || len(whole.Distances) != whole.Bins {
		return
	}
	title := "mean weight of a pair by the distance between query and key, in tokens"
	if l.Measure(title, th.small()) > r.W {
		title = "mean weight by distance, in tokens"
	}
	if th.Scale > 1 && l.Measure(title, th.small()) > r.W {
		title = "mean weight by distance"
	}
	l.Text(p.body.X, top-th.px(8), title, th.small(), 0, th.Muted)
	x := scale.Axis{From: 1, To: max(float64(whole.Distances[whole.Bins-1]), 2) + 1, Low: r.X, High: r.Right(), Log: true}
	low, high := 1.0, 1e-6
	for _, v := range values {
		if v > 0 {
			low, high = min(low, float64(v)), max(high, float64(v))
		}
	}
	y := scale.Axis{From: max(low, 1e-6) / 1.5, To: high * 1.5, Low: r.Bottom(), High: r.Y, Log: true}
	for _, v := range x.Ticks(nil, th.px(60)) {
		l.Hairline(paint.Point{X: x.Pixel(v), Y: r.Y}, paint.Point{X: x.Pixel(v), Y: r.Bottom()}, th.Grid)
		l.Write(x.Pixel(v), r.Bottom()+th.FontSize+th.px(3), l.Label("").Num(v, 0), th.small(), 0.5, th.Muted)
	}
	for _, v := range y.Ticks(nil, th.px(34)) {
		l.Hairline(paint.Point{X: r.X, Y: y.Pixel(v)}, paint.Point{X: r.Right(), Y: y.Pixel(v)}, th.Grid)
		l.Write(r.X-th.px(6), y.Pixel(v)+th.halfCap(), l.Label("").Tick(v), th.small(), 1, th.Muted)
	}
	var points []paint.Point
	for i, v := range values {
		// Distance 0, a token's look at itself, has no place on a logarithmic axis.
		if v > 0 && whole.Distances[i] >= 1 {
			points = append(points, paint.Point{X: x.Pixel(float64(whole.Distances[i])), Y: y.Pixel(float64(v))})
		}
	}
	l.Line(points, 2, th.Accent)
	window := float64(w.model.Rotary.Window)
	if x.Holds(window) {
		l.Dashed([]paint.Point{{X: x.Pixel(window), Y: r.Y}, {X: x.Pixel(window), Y: r.Bottom()}}, 1, []float64{3, 3}, th.Ink)
	}
}

// cell is the map and cell under the pointer, the finest one; nil outside.
func (p *attention) cell() (m *scene.Maps, row, col int) {
	if !p.over || !p.body.Contains(p.at) {
		return nil, 0, 0
	}
	q := p.query.From + (p.query.To-p.query.From)*(p.at.Y-p.body.Y)/p.body.H
	k := p.key.From + (p.key.To-p.key.From)*(p.at.X-p.body.X)/p.body.W
	for _, s := range p.sources() {
		// Whole tokens, pooled as the model pools them.
		r := int(math.Floor(float64((int(q)-s.QueryFrom)*s.Rows) / float64(s.QueryTo-s.QueryFrom)))
		c := int(math.Floor(float64((int(k)-s.KeyFrom)*s.Cols) / float64(s.KeyTo-s.KeyFrom)))
		if r >= 0 && r < s.Rows && c >= 0 && c < s.Cols {
			m, row, col = s, r, c
		}
	}
	return m, row, col
}

// read tells the page which tokens and weight the pointer is on.
func (p *attention) read() {
	m, row, col := p.cell()
	if m == nil {
		return
	}
	w := p.world
	s := &w.state
	weight := cells(m, s.Layer, s.Head, s.Mean)[row*m.Cols+col]
	q0, q1 := m.QueryTile(row)
	k0, k1 := m.KeyTile(col)
	token, key := cellIn(p.at, p.body, p.query, p.key)
	w.pointAt(token, key, fmt.Sprintf("%s looks at %s with weight %s", p.tokens(q0, q1), p.tokens(k0, k1), scale.Sig(float64(max(weight, 0)))))
}

func (p *attention) drawMatrixFront(l *paint.List) {
	m, row, col := p.cell()
	if m == nil {
		p.world.markMap(l, p.body, p.query, p.key)
		return
	}
	w, th := p.world, p.world.theme
	q0, q1 := m.QueryTile(row)
	k0, k1 := m.KeyTile(col)
	weight := cells(m, w.state.Layer, w.state.Head, w.state.Mean)[row*m.Cols+col]
	l.Hairline(paint.Point{X: p.body.X, Y: p.at.Y}, paint.Point{X: p.body.Right(), Y: p.at.Y}, th.Accent.Alpha(0.8))
	l.Hairline(paint.Point{X: p.at.X, Y: p.body.Y}, paint.Point{X: p.at.X, Y: p.body.Bottom()}, th.Accent.Alpha(0.8))
	first := "weight " + scale.Sig(float64(weight))
	if weight < 0 {
		first = "in the future: not seen"
	}
	lines := []cardLine{{text: first}, {text: "query " + p.tokens(q0, q1)}, {text: "key " + p.tokens(k0, k1)}}
	if q1-q0 > 1 || k1-k0 > 1 {
		kind := "max of "
		if w.state.Mean {
			kind = "mean of "
		}
		lines = append(lines, cardLine{text: fmt.Sprintf("%s%d × %d tokens", kind, q1-q0, k1-k0)})
	}
	w.card(l, p.at, p.rect, lines)
}

func (p *attention) tokens(from, to int) string {
	if to-from == 1 {
		return p.world.token(from)
	}
	return p.world.token(from) + " … " + p.world.token(to-1)
}

func (p *attention) zoom(at paint.Point, factor float64) bool {
	if !p.enlarged() || p.shown == nil || p.query.Whole() && factor >= 1 {
		return false
	}
	p.query = p.query.Zoom(factor, p.query.From+(p.query.To-p.query.From)*(at.Y-p.body.Y)/p.body.H)
	p.key = p.key.Zoom(factor, p.key.From+(p.key.To-p.key.From)*(at.X-p.body.X)/p.body.W)
	p.view.layout()
	return true
}

func (p *attention) pan(dx, dy float64) bool {
	if !p.enlarged() || p.shown == nil || p.query.Whole() {
		return false
	}
	p.query = p.query.Pan(-dy / p.body.H * (p.query.To - p.query.From))
	p.key = p.key.Pan(-dx / p.body.W * (p.key.To - p.key.From))
	p.view.layout()
	return true
}
