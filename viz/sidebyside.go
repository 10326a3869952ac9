package viz

import (
	"fmt"
	"math"

	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// sideBySide shows the attention of the two methods that the first look compares, each in a
// square under its name: every head, or the one chosen.
type sideBySide struct {
	world  *world
	view   *View
	rect   paint.Rect
	halves [2]half
	// only says that one head is shown because there is no room for all: this one.
	only        bool
	layer, head int
	at          paint.Point
	over        bool
}

// half is one of the two.
type half struct {
	method *method
	maps   *scene.Maps
	square paint.Rect
	// named is the width that the method's name needs.
	named float64
	tiles tiles
	// step is from head to head, layer to layer; 0 while one head is enlarged.
	across, down float64
}

func newSideBySide(w *world, v *View) panel { return &sideBySide{world: w, view: v} }

// compared are the methods of the two texts.
func (w *world) compared() []*method {
	var out []*method
	for _, name := range []string{w.state.Active, w.state.Beside} {
		if m := w.method(name); m != nil && (len(out) == 0 || out[0] != m) {
			out = append(out, m)
		}
	}
	return out
}

// narrowest is the width below which the two maps have no room for a grid of any use.
const narrowest = 240

// leastTile is the width of a tile below which nothing is seen in it.
const leastTile = 26

// farthest is the head whose queries look farthest back.
func farthest(m *scene.Maps) (layer, head int) {
	most := float32(-1)
	if m == nil || m.Rows == 0 || len(m.Queries) < m.Sent()*m.Rows {
		return 0, 0
	}
	for k := range m.Sent() {
		var sum float32
		for _, v := range m.Queries[k*m.Rows : (k+1)*m.Rows] {
			if v == v {
				sum += v
			}
		}
		if sum > most {
			most, layer, head = sum, k/m.Heads, k%m.Heads
		}
	}
	return layer, head
}

// between is the distance from tile to tile.
const between = 4

func (p *sideBySide) layout(l *paint.List, r paint.Rect) {
	w, th := p.world, p.world.theme
	p.rect = r
	body := w.headerSpace(l, r, "Attention", "") // what stands there takes one row
	name := th.FontSize + th.px(8)
	n := len(w.compared())
	for i := range p.halves {
		h := &p.halves[i]
		h.method, h.maps = nil, nil
		if i >= n {
			continue
		}
		h.method = w.compared()[i]
		h.maps = w.maps.all[h.method.Name]
		// Beside one another or one above the other, whichever makes the larger squares.
		cell := paint.Rect{X: body.X, Y: body.Y, W: (body.W - 2*gap) / float64(n), H: body.H}
		cell.X += float64(i) * (cell.W + 2*gap)
		if n > 1 && min(cell.W, cell.H-name) < min(body.W, body.H/2-name-gap/2) {
			cell = paint.Rect{X: body.X, Y: body.Y + float64(i)*(body.H+gap)/2, W: body.W, H: (body.H - gap) / 2}
		}
		side := math.Floor(max(min(cell.W, cell.H-name), 20))
		h.square = paint.Rect{X: cell.X, Y: cell.Y + name, W: side, H: side}
		h.named = l.Measure(h.method.Label, th.small()) + th.px(22)
		p.fill(l, h)
	}
}

// fill paints a half's texture.
func (p *sideBySide) fill(l *paint.List, h *half) {
	m, s := h.maps, &p.world.state
	if p.world.theme.Scale > 1 && p.cramped() {
		return // laid out anew with smaller words
	}
	if m == nil || m.Rows == 0 || m.Cols == 0 || m.Layers*m.Heads == 0 {
		h.maps = nil
		return
	}
	layer, head := s.Layer, s.Head
	if p.only = layer < 0 && h.square.W/float64(m.Heads) < leastTile; p.only {
		layer, head = farthest(p.halves[0].maps)
		p.layer, p.head = layer, head
	}
	if layer >= 0 && layer < m.Layers && head < m.Heads {
		h.across, h.down = 0, 0
		h.tiles.head(p.world, m, layer, head, min(max(int(h.square.H*l.Scale), 1), m.Rows), min(max(int(h.square.W*l.Scale), 1), m.Cols))
		return
	}
	h.across, h.down = (h.square.W+between)/float64(m.Heads), (h.square.H+between)/float64(m.Layers)
	h.tiles.heads(p.world, m, min(max(int((h.down-between)*l.Scale), 1), m.Rows), min(max(int((h.across-between)*l.Scale), 1), m.Cols))
}

func (p *sideBySide) drawBack(l *paint.List) {
	w, th := p.world, p.world.theme
	title := "Attention of every head"
	layer, head := w.state.Layer, w.state.Head
	if p.only {
		layer, head = p.layer, p.head
	}
	if layer >= 0 {
		title = fmt.Sprintf("Attention of layer %d, head %d", layer+1, head+1)
	}
	if l.Measure(title, th.title()) > p.rect.W {
		title = "Attention"
		if layer >= 0 {
			title = fmt.Sprintf("Layer %d, head %d", layer+1, head+1)
			if th.Scale > 1 && l.Measure(title, th.title()) > p.rect.W {
				title = fmt.Sprintf("L%d, H%d", layer+1, head+1)
			}
		}
	}
	w.header(l, p.rect, title, "")
	for i := range p.halves {
		h := &p.halves[i]
		if h.method == nil {
			continue
		}
		style := th.bold()
		words := h.method.Label
		if h.maps != nil && !w.steady(h.method.Name) {
			words += fmt.Sprintf(" at t = %g", math.Round(100*h.maps.T)/100)
		}
		y := h.square.Y - th.px(7)
		w.sample(l, paint.Point{X: h.square.X, Y: y - th.halfCap()}, th.px(16), false, h.method)
		if l.Measure(words, style) > h.square.W-th.px(22) {
			words = h.method.Label
		}
		if l.Measure(words, style) > h.square.W-th.px(22) {
			style = th.small()
		}
		l.Text(h.square.X+th.px(22), y, fit(l, words, style, h.square.W-th.px(12)), style, 0, th.Ink)
		if h.maps == nil {
			w.empty(l, h.square, "to come")
			continue
		}
		if h.across == 0 {
			l.Image(&h.tiles.texture, h.square, 0, 0, float64(h.tiles.texture.W), float64(h.tiles.texture.H), paint.RGB(255, 255, 255))
			continue
		}
		rows, cols := float64(h.tiles.texture.H/h.maps.Layers), float64(h.tiles.texture.W/h.maps.Heads)
		for layer := range h.maps.Layers {
			for head := range h.maps.Heads {
				l.Image(&h.tiles.texture, h.tile(layer, head), float64(head)*cols, float64(layer)*rows, cols, rows, paint.RGB(255, 255, 255))
			}
		}
	}
}

// cramped reports whether a square is small, or narrower than the name above it.
func (p *sideBySide) cramped() bool {
	for i := range p.halves {
		if h := &p.halves[i]; h.method != nil && h.square.W < max(leastPlot, h.named) {
			return true
		}
	}
	return false
}

// tile is where a head lies in the grid.
func (h *half) tile(layer, head int) paint.Rect {
	return paint.Rect{X: h.square.X + float64(head)*h.across, Y: h.square.Y + float64(layer)*h.down, W: h.across - between, H: h.down - between}
}

// find is the half and, in a grid, the head under a point.
func (p *sideBySide) find(at paint.Point) (h *half, layer, head int) {
	for i := range p.halves {
		if h := &p.halves[i]; h.maps != nil && h.square.Contains(at) {
			if h.across == 0 {
				return h, -1, -1
			}
			return h, min(int((at.Y-h.square.Y)/h.down), h.maps.Layers-1), min(int((at.X-h.square.X)/h.across), h.maps.Heads-1)
		}
	}
	return nil, -1, -1
}

func (p *sideBySide) drawFront(l *paint.List) {
	w, th := p.world, p.world.theme
	for i := range p.halves {
		if h := &p.halves[i]; h.maps != nil && w.stale(h.maps) {
			l.Fill(h.square, th.Background.Alpha(0.3))
		}
		p.drawMark(l, &p.halves[i])
	}
	h, layer, head := p.find(p.at)
	if !p.over || h == nil {
		return
	}
	lines := []cardLine{{text: "choose it for all heads"}}
	if p.only || p.rect.W < narrowest {
		lines = []cardLine{{text: "the next head"}}
	}
	if layer >= 0 {
		l.Frame(h.tile(layer, head).Inset(-2), 2, th.Accent)
		lines = []cardLine{{text: fmt.Sprintf("%s: layer %d, head %d", h.method.Label, layer+1, head+1)}, {text: "a row is a token that looks back"}, {text: "choose it to enlarge it in both"}}
	}
	w.card(l, p.at, p.rect, lines)
}

func (p *sideBySide) press(paint.Point) bool { return true }
func (p *sideBySide) drag(paint.Point)       {}

func (p *sideBySide) release(at paint.Point) {
	if h, layer, head := p.find(at); h != nil {
		if p.only || p.rect.W < narrowest && p.world.state.Layer >= 0 {
			// No grid to choose from: the next head.
			k := p.layer*h.maps.Heads + p.head
			if p.world.state.Layer >= 0 {
				k = p.world.state.Layer*h.maps.Heads + p.world.state.Head
			}
			k = (k + 1) % (h.maps.Layers * h.maps.Heads)
			layer, head = k/h.maps.Heads, k%h.maps.Heads
		}
		p.world.state.Layer, p.world.state.Head = layer, head
		p.view.selected()
	}
}

func (p *sideBySide) hover(at paint.Point) {
	h, layer, head := p.find(at)
	p.at, p.over = at, true
	if h == nil {
		return
	}
	r, name := h.square, ""
	if layer >= 0 {
		r, name = h.tile(layer, head), fmt.Sprintf(" of layer %d, head %d", layer+1, head+1)
	}
	query, key := whole(h.maps)
	token, seen := cellIn(at, r, query, key)
	p.world.pointAt(token, seen, fmt.Sprintf("Attention under %s%s: %s", h.method.Label, name, p.world.looking(token, seen)))
}

// drawMark shows in every map where the token is that is pointed at.
func (p *sideBySide) drawMark(l *paint.List, h *half) {
	if h.maps == nil {
		return
	}
	query, key := whole(h.maps)
	if h.across == 0 {
		p.world.markMap(l, h.square, query, key)
		return
	}
	for layer := range h.maps.Layers {
		for head := range h.maps.Heads {
			p.world.markMap(l, h.tile(layer, head), query, key)
		}
	}
}

func (p *sideBySide) leave()                         { p.over = false }
func (p *sideBySide) zoom(paint.Point, float64) bool { return false }
func (p *sideBySide) pan(float64, float64) bool      { return false }
func (p *sideBySide) reset()                         {}

func (p *sideBySide) table() [][]string {
	rows := [][]string{mapColumns}
	for _, m := range p.world.compared() {
		rows = append(rows, p.world.mapRows(p.world.maps.all[m.Name])...)
	}
	return rows
}
