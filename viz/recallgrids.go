package viz

import (
	"fmt"
	"math"

	"clexlab/viz/paint"
	"clexlab/viz/scale"
	"clexlab/viz/scene"
)

// recallGrids is the scene of recall: one grid of text length × depth of the fact for each method.
type recallGrids struct {
	world *world
	rect  paint.Rect
	body  paint.Rect
	at    paint.Point
	over  bool
}

func newRecallGrids(w *world, _ *View) panel { return &recallGrids{world: w} }

func (p *recallGrids) layout(l *paint.List, r paint.Rect) {
	p.rect = r
	p.body = p.world.headerSpace(l, r, recallTitle, recallNote)
}

// The words at the top.
const (
	recallTitle = "Recall by length and depth"
	recallNote  = "share of hidden facts found again; length of the text across, depth of the fact down"
)

// cramped reports whether a grid has cells of a few pixels.
func (p *recallGrids) cramped() bool {
	small := false
	p.grids(func(_ *scene.Recall, _ *method, r paint.Rect) {
		small = small || r.W < leastPlot || r.H < 0.75*leastPlot
	})
	return small
}

// grids calls draw for every grid shown, with the rectangle of its cells.
func (p *recallGrids) grids(draw func(g *scene.Recall, m *method, r paint.Rect)) int {
	w, th := p.world, p.world.theme
	n := 0
	for i := range w.recall {
		if w.method(w.recall[i].Method) != nil {
			n++
		}
	}
	if n == 0 {
		return 0
	}
	cols, least := 1, th.px(300)
	if p.body.H/float64(n) < th.px(140) {
		least = th.px(160) // low grids side by side keep rows that can be read
	}
	for cols < n && p.body.W/float64(cols+1) > least {
		cols++
	}
	rows := (n + cols - 1) / cols
	width, height := p.body.W/float64(cols), p.body.H/float64(rows)
	k := 0
	for i := range w.recall {
		g := &w.recall[i]
		m := w.method(g.Method)
		if m == nil {
			continue
		}
		x, y := p.body.X+float64(k%cols)*width, p.body.Y+float64(k/cols)*height
		draw(g, m, paint.Rect{X: x + th.px(46), Y: y + 2*th.FontSize, W: max(width-th.px(62), 10), H: max(height-4*th.FontSize-th.px(20), 10)})
		k++
	}
	return n
}

func (p *recallGrids) drawBack(l *paint.List) {
	w, th := p.world, p.world.theme
	w.header(l, p.rect, recallTitle, recallNote)
	n := p.grids(func(g *scene.Recall, m *method, r paint.Rect) {
		w.sample(l, paint.Point{X: r.X, Y: r.Y - th.FontSize - th.px(4)}, th.px(22), false, m)
		l.Text(r.X+th.px(28), r.Y-th.FontSize, m.Label, th.bold(), 0, th.Ink)
		cw, ch := r.W/float64(len(g.Lengths)), r.H/float64(len(g.Depths))
		for i := range g.Lengths {
			p.lengthLabel(l, r, g, i)
			for k := range g.Depths {
				cell := paint.Rect{X: r.X + float64(i)*cw, Y: r.Y + float64(k)*ch, W: cw, H: ch}.Inset(1)
				p.drawCell(l, cell, float64(g.Right[i*len(g.Depths)+k]))
			}
		}
		for k, d := range g.Depths {
			if ch > th.FontSize+th.px(2) || k%int(math.Ceil((th.FontSize+th.px(2))/ch)) == 0 {
				l.Write(r.X-th.px(6), r.Y+(float64(k)+0.5)*ch+th.halfCap(), l.Label("").Num(100*d, 0).Str(" %"), th.small(), 1, th.Muted)
			}
		}
		window := float64(w.model.Rotary.Window)
		for i := 1; i < len(g.Lengths); i++ {
			if float64(g.Lengths[i-1]) <= window && float64(g.Lengths[i]) > window {
				x := r.X + float64(i)*cw
				l.Dashed([]paint.Point{{X: x, Y: r.Y - 4}, {X: x, Y: r.Bottom() + 4}}, 1.5, []float64{3, 3}, th.Accent)
			}
		}
	})
	if n == 0 {
		w.empty(l, p.body, "The grids fill in when the recall probe runs")
	}
}

// lengthLabel names length i of a grid beneath its cells in r, where there is room.
func (p *recallGrids) lengthLabel(l *paint.List, r paint.Rect, g *scene.Recall, i int) {
	th, cw := p.world.theme, r.W/float64(len(g.Lengths))
	b := l.Label("").Num(float64(g.Lengths[i]), 0)
	// The same for all, which are named by the room that the longest needs.
	widest := l.Measure(scale.Number(float64(g.Lengths[len(g.Lengths)-1]), 0), th.small())
	if every := int(math.Ceil((widest + th.px(8)) / cw)); every > 1 && i%every != 0 {
		return
	}
	l.Write(r.X+(float64(i)+0.5)*cw, r.Bottom()+th.FontSize+th.px(6), b, th.small(), 0.5, th.Muted)
}

func (p *recallGrids) drawCell(l *paint.List, r paint.Rect, share float64) {
	th := p.world.theme
	if math.IsNaN(share) {
		l.Frame(r, 1, th.Grid)
		return
	}
	c := at(p.world.heat(), share)
	l.Fill(r, c)
	b := l.Label("").Num(100*share, 0)
	if l.Width(b, th.small())+th.px(4) > r.W || th.FontSize+th.px(4) > r.H {
		return
	}
	ink := paint.RGB(255, 255, 255)
	if 0.3*c.R+0.59*c.G+0.11*c.B > 0.5 {
		ink = paint.RGB(0x10, 0x10, 0x10)
	}
	l.Write(r.X+r.W/2, r.Y+r.H/2+th.halfCap(), b, th.small(), 0.5, ink)
}

// find is the grid and cell under the pointer.
func (p *recallGrids) find() (grid *scene.Recall, of *method, length, depth int) {
	p.grids(func(g *scene.Recall, m *method, r paint.Rect) {
		if r.Contains(p.at) {
			grid, of = g, m
			length = int((p.at.X - r.X) / r.W * float64(len(g.Lengths)))
			depth = int((p.at.Y - r.Y) / r.H * float64(len(g.Depths)))
		}
	})
	return grid, of, length, depth
}

func (p *recallGrids) drawFront(l *paint.List) {
	if !p.over {
		return
	}
	g, m, i, k := p.find()
	if g == nil {
		return
	}
	lines := []cardLine{{text: m.Label, mark: true, color: m.Color}, {text: fmt.Sprintf("%s tokens, fact at %.0f %%", scale.Number(float64(g.Lengths[i]), 0), 100*g.Depths[k])}}
	right := float64(g.Right[i*len(g.Depths)+k])
	text := "not asked yet"
	if !math.IsNaN(right) {
		text = fmt.Sprintf("%.0f %% right", 100*right)
		if len(g.Asked) > 0 {
			text += fmt.Sprintf(" of %.0f", g.Asked[i*len(g.Depths)+k])
		}
	}
	p.world.card(l, p.at, p.rect, append(lines, cardLine{text: text}))
}

func (p *recallGrids) hover(at paint.Point) {
	p.at, p.over = at, true
	if g, m, i, k := p.find(); g != nil {
		p.world.emit(scene.Say(fmt.Sprintf("%s, %d tokens, fact at %.0f %%: %.0f %% right", m.Label, g.Lengths[i], 100*g.Depths[k], 100*g.Right[i*len(g.Depths)+k])))
	}
}

func (p *recallGrids) leave()                         { p.over = false }
func (p *recallGrids) press(paint.Point) bool         { return false }
func (p *recallGrids) drag(paint.Point)               {}
func (p *recallGrids) release(paint.Point)            {}
func (p *recallGrids) zoom(paint.Point, float64) bool { return false }
func (p *recallGrids) pan(float64, float64) bool      { return false }
func (p *recallGrids) reset()                         {}

func (p *recallGrids) table() [][]string {
	rows := [][]string{{"method", "t", "length_tokens", "depth", "right", "asked", "share_right"}}
	for i := range p.world.recall {
		g := &p.world.recall[i]
		for a, length := range g.Lengths {
			t := ""
			if len(g.T) > a {
				t = number(g.T[a])
			}
			for b, depth := range g.Depths {
				right, asked, share := "", "", ""
				k := a*len(g.Depths) + b
				if len(g.Asked) > k {
					asked = number(float64(g.Asked[k]))
				}
				if s := float64(g.Right[k]); !math.IsNaN(s) {
					share = number(s)
					if len(g.Asked) > k {
						right = number(math.Round(s * float64(g.Asked[k])))
					}
				}
				rows = append(rows, []string{g.Method, t, fmt.Sprint(length), number(depth), right, asked, share})
			}
		}
	}
	return rows
}
