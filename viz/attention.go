package viz

import (
	"fmt"
	"math"

	"clexlab/viz/paint"
	"clexlab/viz/scale"
	"clexlab/viz/scene"
)

// attention is the scene of all heads as a grid, or of one head enlarged with strips and profile.
type attention struct {
	world  *world
	view   *View
	rect   paint.Rect
	body   paint.Rect // of grid or matrix
	chips  [2]paint.Rect
	back   paint.Rect // the way back to the grid
	unzoom showAll

	tiles
	tile, tall float64 // width and height of a tile of the grid
	corner     paint.Point
	step, row  float64 // from tile to tile, across and down
	left       float64 // of a block of layers, for their names
	high       int     // how many layers a block has

	query, key scale.Window // tokens shown, enlarged
	shown      *scene.Maps
	asked      question
	needs      int
	hoverLayer int
	hoverHead  int
	at         paint.Point
	over       bool
	from       paint.Point
	pressed    bool
	panned     bool
}

func newAttention(w *world, v *View) panel {
	return &attention{world: w, view: v, hoverLayer: -1, hoverHead: -1}
}

// all is the active method's map of all heads, one its last one of a single head.
func (p *attention) all() *scene.Maps { return p.world.maps.all[p.world.state.Active] }
func (p *attention) one() *scene.Maps { return p.world.maps.one[p.world.state.Active] }

func (p *attention) size() (layers, heads int) {
	if m := p.all(); m != nil {
		return m.Layers, m.Heads
	}
	return p.world.model.Layers, p.world.model.Heads
}

func (p *attention) enlarged() bool {
	layers, heads := p.size()
	s := &p.world.state
	return s.Layer >= 0 && s.Head >= 0 && s.Layer < layers && s.Head < heads
}

func (p *attention) layout(l *paint.List, r paint.Rect) {
	w, th := p.world, p.world.theme
	p.rect = r
	title, note := p.words(l)
	body := w.headerSpace(l, r, title, note)
	row := max(th.FontSize+th.px(12), leastTarget)
	x := r.X
	for i, name := range []string{"max", "mean"} {
		width := l.Measure(name, th.label()) + th.px(20)
		p.chips[i] = paint.Rect{X: x, Y: body.Y, W: width, H: row}
		x += width
	}
	width := l.Measure("‹ all heads", th.label()) + th.px(20)
	p.back = paint.Rect{X: x + th.px(12), Y: body.Y, W: width, H: row}
	body.Y += row + th.px(12)
	body.H -= row + th.px(12)
	p.shown = nil
	if p.enlarged() {
		p.layoutMatrix(body)
		return
	}
	p.layoutGrid(l, body)
}

// layoutGrid makes the tiles as large as fit and fills their texture.
// The grid: at most so many blocks of layers, and what lies between maps, of many layers less.
const (
	mostBlocks  = 4
	manyLayers  = 10
	betweenMaps = 6.0
	betweenMany = 3.0
)

func (p *attention) layoutGrid(l *paint.List, body paint.Rect) {
	w, th := p.world, p.world.theme
	p.body = body
	layers, heads := p.size()
	m := p.all()
	if layers == 0 || heads == 0 {
		return
	}
	left, top := l.Measure("L88", th.small())+th.px(8), th.FontSize+th.px(6)
	p.step, p.row, p.left = 0, 0, left
	// A deep model's layers stand in several blocks beside each other where that makes its maps larger.
	for blocks := 1; blocks <= mostBlocks; blocks++ {
		high := (layers + blocks - 1) / blocks
		between := betweenMaps
		if high > manyLayers {
			between = betweenMany
		}
		step := math.Floor((body.W - float64(blocks)*left + between) / float64(blocks*heads))
		row := math.Floor((body.H - top + between) / float64(high))
		step, row = max(min(step, 1.7*row), 8), max(min(row, 1.3*step), 8)
		if step*row > p.step*p.row {
			p.step, p.row, p.high = step, row, high
			p.tile, p.tall = step-between, row-between
		}
	}
	p.corner = paint.Point{X: body.X + left, Y: body.Y + top}
	if m == nil || m.Rows == 0 || m.Cols == 0 || th.Scale > 1 && p.cramped() {
		return
	}
	p.shown = m
	n := min(max(int(p.tall*l.Scale), 1), m.Rows)
	k := min(max(int(p.tile*l.Scale), 1), m.Cols)
	p.heads(w, m, n, k)
}

// words are the panel's title and the line beneath it.
func (p *attention) words(l *paint.List) (title, note string) {
	w, th := p.world, p.world.theme
	if !p.enlarged() {
		note = "layers down, heads across; bright is where a token looks"
		if !th.Dark {
			note = "layers down, heads across; dark is where a token looks"
		}
		return "Attention of every head under " + p.owner(), note
	}
	note = "a row is a token that looks back along the keys; above: what each key receives; at the left: how far back each row looks"
	if l.Measure(note, th.small()) > p.rect.W {
		note = "rows look back along the keys; above: received; left: reach"
	}
	return fmt.Sprintf("Attention under %s of layer %d, head %d", p.owner(), w.state.Layer+1, w.state.Head+1), note
}

// cramped reports whether the enlarged map, or the grid of maps, is small.
func (p *attention) cramped() bool {
	if p.enlarged() {
		return p.body.W < leastPlot || p.body.H < leastPlot || p.back.Right() > p.rect.Right()
	}
	return p.body.W < leastPlot || p.body.H < leastPlot+p.world.theme.FontSize || p.chips[1].Right() > p.rect.Right()
}

func (p *attention) drawBack(l *paint.List) {
	w, th := p.world, p.world.theme
	title, note := p.words(l)
	w.header(l, p.rect, title, note)
	p.drawChips(l)
	if p.enlarged() {
		p.drawMatrix(l)
		return
	}
	layers, heads := p.size()
	if layers == 0 || p.shown == nil {
		w.empty(l, p.body, "The maps appear when the model has read the text")
		return
	}
	rows, cols := float64(p.texture.H/layers), float64(p.texture.W/heads)
	wide := l.Measure("H88", th.small()) + th.px(4)
	for layer := range layers {
		first := p.tileOf(layer, 0)
		if p.row >= th.FontSize || layer%p.high%2 == 0 {
			l.Write(first.X-th.px(8), first.Y+p.tall/2+th.halfCap(), l.Label("L").Num(float64(layer+1), 0), th.small(), 1, th.Muted)
		}
		for head := range heads {
			tile := p.tileOf(layer, head)
			if layer%p.high == 0 && (p.step >= wide || head%2 == 0) {
				l.Write(tile.X+p.tile/2, p.corner.Y-th.px(6), l.Label("H").Num(float64(head+1), 0), th.small(), 0.5, th.Muted)
			}
			l.Image(&p.texture, tile, float64(head)*cols, float64(layer)*rows, cols, rows, paint.RGB(255, 255, 255))
		}
	}
}

// owner names the method whose maps these are.
func (p *attention) owner() string {
	if m := p.world.active(); m != nil {
		return m.Label
	}
	return "no method"
}

func (p *attention) drawChips(l *paint.List) {
	th := p.world.theme
	l.Round(paint.Rect{X: p.chips[0].X, Y: p.chips[0].Y, W: p.chips[1].Right() - p.chips[0].X, H: p.chips[0].H}, 6, th.Grid)
	for i, name := range []string{"max", "mean"} {
		r, c := p.chips[i], th.Muted
		if (i == 1) == p.world.state.Mean {
			l.Round(r.Inset(2), 5, th.raised().Mix(th.Ink, 0.06))
			c = th.Ink
		}
		l.Text(r.X+r.W/2, r.Y+r.H/2+th.halfCap(), name, th.label(), 0.5, c)
	}
	if p.enlarged() {
		l.Round(p.back, 6, th.Grid)
		l.Text(p.back.X+p.back.W/2, p.back.Y+p.back.H/2+th.halfCap(), "‹ all heads", th.label(), 0.5, th.Ink)
	}
	p.drawScale(l)
}

// drawScale draws the colours with the weights they stand for, at the right end of the row of chips.
func (p *attention) drawScale(l *paint.List) {
	th := p.world.theme
	from := p.chips[1].Right() + th.px(20)
	if p.enlarged() {
		from = p.back.Right() + th.px(20)
	}
	width := min(p.rect.Right()-from-th.px(16), th.px(130))
	if width < th.px(70) {
		return
	}
	x, y := p.rect.Right()-width-th.px(8), p.chips[0].Y+1
	const parts = 32
	for i := range parts {
		v := (float64(i) + 0.5) / parts
		l.Fill(paint.Rect{X: x + width*float64(i)/parts, Y: y, W: width/parts + 0.5, H: 7}, at(p.world.heat(), v))
	}
	for _, v := range []float64{0, 0.1, 0.4, 1} {
		l.Write(x+width*math.Sqrt(v), y+th.px(10)+th.FontSize, l.Label("").Tick(v), th.small(), 0.5, th.Muted)
	}
}

// drawFront veils maps that do not belong to the t and text on screen, and marks the tile under the pointer.
func (p *attention) drawFront(l *paint.List) {
	w, th := p.world, p.world.theme
	m := p.shown
	defer func() { p.unzoom.draw(l, &th, p.body, m != nil && p.enlarged() && !p.query.Whole()) }()
	if m == nil {
		return
	}
	right, y := p.rect.Right(), p.rect.Y+th.FontSize+th.px(4)
	if th.Scale > 1 { // the title may take the whole row
		right, y = p.body.Right()-th.px(4), p.body.Bottom()-th.px(10)
	}
	switch {
	case w.stale(m):
		l.Fill(paint.Rect{X: p.body.X, Y: p.body.Y, W: p.body.W, H: p.body.H}, th.Background.Alpha(0.3))
		w.badge(l, right, y, l.Label("computed at t = ").Num(m.T, 2), th.Grid.Mix(th.Muted, 0.3), th.Ink)
	case m.Coarse:
		w.badge(l, right, y, l.Label("coarse, finer is coming"), th.Grid, th.Ink)
	}
	if p.enlarged() {
		p.drawMatrixFront(l)
		return
	}
	query, key := whole(m)
	for layer := range m.Layers {
		for head := range m.Heads {
			w.markMap(l, p.tileOf(layer, head), query, key)
		}
	}
	if p.hoverLayer >= 0 {
		r := p.tileOf(p.hoverLayer, p.hoverHead)
		l.Frame(r.Inset(-2), 2, th.Accent)
		w.card(l, p.at, p.rect, []cardLine{{text: fmt.Sprintf("layer %d, head %d", p.hoverLayer+1, p.hoverHead+1)}, {text: "choose it to enlarge it"}})
	}
}

// block is how far one block of layers lies from the next.
func (p *attention) block() float64 {
	_, heads := p.size()
	return float64(heads)*p.step + p.left
}

// tileOf is where a head lies in the grid.
func (p *attention) tileOf(layer, head int) paint.Rect {
	block, in := layer/max(1, p.high), layer%max(1, p.high)
	return paint.Rect{X: p.corner.X + float64(block)*p.block() + float64(head)*p.step, Y: p.corner.Y + float64(in)*p.row, W: p.tile, H: p.tall}
}

func (p *attention) press(at paint.Point) bool {
	s := &p.world.state
	for i, r := range p.chips {
		if r.Contains(at) {
			s.Mean = i == 1
			p.view.selected()
			return false
		}
	}
	if p.enlarged() && p.back.Contains(at) {
		p.view.escape()
		return false
	}
	if p.unzoom.rect.Contains(at) {
		p.reset()
		return false
	}
	p.from, p.pressed, p.panned = at, true, false
	return p.body.Contains(at)
}

func (p *attention) drag(at paint.Point) {
	if !p.enlarged() {
		return
	}
	if p.panned || math.Hypot(at.X-p.from.X, at.Y-p.from.Y) > 4 {
		p.panned = true
		p.pan(at.X-p.from.X, at.Y-p.from.Y)
		p.from = at
	}
}

func (p *attention) release(at paint.Point) {
	p.pressed = false
	if p.enlarged() || p.hoverLayer < 0 {
		return
	}
	if layer, head := p.tileAt(at); layer == p.hoverLayer && head == p.hoverHead {
		s := &p.world.state
		s.Layer, s.Head = layer, head
		p.hoverLayer, p.hoverHead = -1, -1
		p.query, p.key = scale.Window{}, scale.Window{}
		p.view.selected()
	}
}

func (p *attention) tileAt(at paint.Point) (layer, head int) {
	layers, heads := p.size()
	if p.step <= 0 || p.enlarged() || at.X < p.corner.X || at.Y < p.corner.Y {
		return -1, -1
	}
	block := int((at.X - p.corner.X) / p.block())
	in, head := int((at.Y-p.corner.Y)/p.row), int((at.X-p.corner.X-float64(block)*p.block())/p.step)
	layer = block*p.high + in
	if in >= p.high || layer >= layers || head >= heads {
		return -1, -1
	}
	return layer, head
}

func (p *attention) hover(at paint.Point) {
	p.at, p.over = at, true
	layer, head := p.tileAt(at)
	if p.enlarged() {
		p.read()
		return
	}
	p.hoverLayer, p.hoverHead = layer, head
	if layer >= 0 && p.shown != nil {
		query, key := whole(p.shown)
		token, seen := cellIn(at, p.tileOf(layer, head), query, key)
		p.world.pointAt(token, seen, fmt.Sprintf("Attention of layer %d, head %d: %s", layer+1, head+1, p.world.looking(token, seen)))
	}
}

func (p *attention) leave() { p.over, p.hoverLayer, p.hoverHead = false, -1, -1 }

func (p *attention) reset() {
	p.query, p.key = scale.Window{}, scale.Window{}
	p.view.layout()
}

func (p *attention) table() [][]string {
	w := p.world
	m := p.all()
	if p.enlarged() && slot(p.one(), w.state.Layer, w.state.Head) >= 0 {
		m = p.one()
	}
	return append([][]string{mapColumns}, w.mapRows(m)...)
}

// mapColumns name what mapRows writes.
var mapColumns = []string{"method", "t", "layer", "head", "query_from", "query_to", "key_from", "key_to", "weight_max", "weight_mean"}

// mapRows are the weights of a map, of the head that is enlarged or of all. They name tokens from 1, the last of a tile included.
func (w *world) mapRows(m *scene.Maps) (rows [][]string) {
	if m == nil {
		return nil
	}
	enlarged := slot(m, w.state.Layer, w.state.Head) >= 0 && w.state.Layer >= 0
	for layer := range m.Layers {
		for head := range m.Heads {
			if enlarged && (layer != w.state.Layer || head != w.state.Head) {
				continue
			}
			most, mean := cells(m, layer, head, false), cells(m, layer, head, true)
			for i, v := range most {
				if v < 0 {
					continue
				}
				q0, q1 := m.QueryTile(i / m.Cols)
				k0, k1 := m.KeyTile(i % m.Cols)
				rows = append(rows, []string{m.Method, number(m.T), fmt.Sprint(layer + 1), fmt.Sprint(head + 1), fmt.Sprint(q0 + 1), fmt.Sprint(q1),
					fmt.Sprint(k0 + 1), fmt.Sprint(k1), number(float64(v)), number(float64(mean[i]))})
			}
		}
	}
	return rows
}
