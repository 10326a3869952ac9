package viz

import (
	"fmt"
	"math"

	"clexlab/clex"
	"clexlab/viz/curves"
	"clexlab/viz/paint"
	"clexlab/viz/scale"
	"clexlab/viz/scene"
)

// spectrum is the scene of one t: how far each method slows each pair, and the phases of a chosen pair as dials.
type spectrum struct {
	world    *world
	view     *View
	rect     paint.Rect
	plot     paint.Rect
	dials    paint.Rect
	ruler    paint.Rect // of the position
	low      bool       // there is little height: the dials stand beside the plot
	brief    bool       // there is little room for words: the dials have their names alone
	x, y     scale.Axis
	radius   float64 // of a dial
	position float64 // share 0 … 1 of L·t
	grab     bool
	at       paint.Point
	over     bool
	points   []paint.Point
}

func newSpectrum(w *world, v *View) panel {
	return &spectrum{world: w, view: v, position: 1}
}

func (p *spectrum) layout(l *paint.List, r paint.Rect) {
	w, th := p.world, p.world.theme
	p.rect = r
	p.low = r.H < th.px(400) && r.W > 1.1*r.H
	p.brief = p.low || th.Scale > 1 && r.W < th.px(300)
	body := paint.Rect{}
	switch {
	case p.low:
		// The dials name the methods.
		body = w.headerSpace(l, r, spectrumTitle, "")
	case th.Scale > 1:
		// So they do here, where words take much room.
		body = w.headerSpace(l, r, spectrumTitle, spectrumNote)
	default:
		body = w.legendSpace(l, w.headerSpace(l, r, spectrumTitle, spectrumNote))
	}
	// The dials come first where room is scarce: they need their names beneath.
	lower := 5*th.FontSize + th.px(82) + 30
	upper := math.Floor(min(body.H*0.52, max(body.H-lower, body.H*0.3)))
	least := 0.75*leastPlot + 2*th.FontSize + th.px(22)
	if th.Scale > 1 {
		upper = max(upper, least)
	}
	if !p.low && p.brief {
		upper = math.Floor(body.H * 0.5)
	}
	for p.place(l, body, upper); !p.low && p.brief && p.radius < goodDial && upper > least; p.place(l, body, upper) {
		upper = max(upper-10, least)
	}
	pairs := max(w.model.Rotary.Pairs(), 2)
	p.x = scale.Axis{From: -0.5, To: float64(pairs) - 0.5, Low: p.plot.X, High: p.plot.Right()}
	deepest := w.model.MaxT()
	for name, c := range w.curves {
		first, last := c.Row(0), c.Row(len(c.T)-1)
		if name == "" {
			continue
		}
		for i := range first {
			deepest = max(deepest, first[i]/last[i])
		}
	}
	// Beyond four times t a pair hardly turns: how much less is not to be seen.
	deepest = min(deepest, 4*w.model.MaxT())
	p.y = scale.Axis{From: 0.8, To: deepest * 1.25, Low: p.plot.Y, High: p.plot.Bottom(), Log: true}
}

// cramped reports whether the dials, whose names are needed, or the curves have too little room.
func (p *spectrum) cramped() bool {
	return p.plot.W < leastPlot || p.plot.H < 0.75*leastPlot-1 || p.radius < leastDial
}

// place divides body: the plot has the height upper, its words included, and the dials the rest, or they stand beside one another.
func (p *spectrum) place(l *paint.List, body paint.Rect, upper float64) {
	th, r := p.world.theme, p.rect
	left := l.Measure("÷ 16", th.small()) + th.px(12)
	p.plot = paint.Rect{X: r.X + left, Y: body.Y + 4, W: max(r.W-left-8, 10), H: max(upper-2*th.FontSize-th.px(22), 10)}
	bottom := paint.Rect{X: r.X, Y: body.Y + upper + 8, W: r.W, H: body.H - upper - 8}
	if p.low {
		half := math.Floor(r.W * 0.52)
		p.plot.W, p.plot.H = max(half-left-16, 10), max(body.H-2*th.FontSize-th.px(16), 10)
		bottom = paint.Rect{X: r.X + half, Y: body.Y, W: r.W - half, H: body.H}
	}
	p.ruler = paint.Rect{X: bottom.X + 8, Y: bottom.Bottom() - th.FontSize - th.px(22), W: bottom.W - 16, H: 14}
	p.dials = paint.Rect{X: bottom.X, Y: bottom.Y + th.FontSize + th.px(12), W: bottom.W, H: max(p.ruler.Y-bottom.Y-th.FontSize-th.px(24), 10)}
	if p.low {
		p.dials.H += 10
	}
	_, p.radius, _ = p.fitDials(l)
}

// leastDial is the radius that words which are larger than usual leave of a dial at least, goodDial the one up to which the plot makes
// room for it, in CSS pixels.
const (
	leastDial = 14
	goodDial  = 22
)

// The words at the top.
const (
	spectrumTitle = "Spectrum at t: how much slower each pair turns"
	spectrumNote  = "θ(1) ÷ θ(t) by pair, fast pairs at the left; click a pair to see its phases"
)

func (p *spectrum) drawBack(l *paint.List) {
	w, th := p.world, p.world.theme
	if p.low {
		w.header(l, p.rect, spectrumTitle, "")
	} else {
		body := w.header(l, p.rect, spectrumTitle, spectrumNote)
		if th.Scale == 1 {
			w.fieldLegend(l, body, false)
		}
	}
	if len(w.curves) == 0 {
		w.empty(l, p.plot, "Waiting for the model’s rotary geometry")
		return
	}
	last := math.Inf(-1)
	for _, v := range scale.Doublings(nil, 1, p.y.To) {
		y := p.y.Pixel(v)
		l.Hairline(paint.Point{X: p.plot.X, Y: y}, paint.Point{X: p.plot.Right(), Y: y}, th.Grid)
		if y-last < th.FontSize {
			continue
		}
		last = y
		l.Write(p.plot.X-th.px(8), y+th.halfCap(), l.Label("÷ ").Num(v, 0), th.small(), 1, th.Muted)
	}
	pairs := w.model.Rotary.Pairs()
	stride := 1
	for p.plot.W/float64(pairs)*float64(stride) < th.px(26) {
		stride *= 2
	}
	for i := 0; i < pairs; i += stride {
		l.Write(p.x.Pixel(float64(i)), p.plot.Bottom()+th.FontSize+th.px(6), l.Label("").Num(float64(i), 0), th.small(), 0.5, th.Muted)
	}
	l.Text(p.plot.X+p.plot.W/2, p.plot.Bottom()+2*th.FontSize+th.px(10), "rotary pair", th.small(), 0.5, th.Muted)
}

// theta is a method's θ of a pair at the t of the state: the live solve's for the active one.
func (p *spectrum) theta(name string, pair int) (float64, bool) {
	w := p.world
	if name == w.state.Active && w.live != nil && len(w.live.Curve.T) > 0 {
		return w.live.Theta()[pair], true
	}
	if c := w.curves[name]; c != nil {
		return c.At(pair, w.state.T), true
	}
	return 0, false
}

func (p *spectrum) pair() int {
	pairs, chosen := p.world.model.Rotary.Pairs(), p.world.state.Pair
	if chosen < 0 {
		chosen = pairs / 2
	}
	return min(max(chosen, 0), max(pairs-1, 0))
}

func (p *spectrum) drawFront(l *paint.List) {
	w, th := p.world, p.world.theme
	if len(w.curves) == 0 {
		return
	}
	plain := w.curves[w.state.Active]
	if plain == nil {
		return
	}
	pair := p.pair()
	wide := p.plot.W / float64(plain.Pairs)
	l.Fill(paint.Rect{X: p.x.Pixel(float64(pair)) - wide/2, Y: p.plot.Y, W: wide, H: p.plot.H}, th.Accent.Alpha(0.14))
	y := p.y.Pixel(w.state.T)
	l.Dashed([]paint.Point{{X: p.plot.X, Y: y}, {X: p.plot.Right(), Y: y}}, 1, []float64{3, 4}, th.Accent)
	l.Write(p.plot.X+th.px(6), y-th.px(5), l.Label("÷ t = ").Num(w.state.T, 2), th.small(), 0, th.Ink)
	for i := range w.methods {
		m := &w.methods[i]
		if !m.Shown || w.curves[m.Name] == nil {
			continue
		}
		p.points = p.points[:0]
		for k := range plain.Pairs {
			theta, _ := p.theta(m.Name, k)
			p.points = append(p.points, paint.Point{X: p.x.Pixel(float64(k)), Y: p.y.Pixel(plain.Row(0)[k] / theta)})
		}
		l.Clip(p.plot.Inset(-6))
		l.Dashed(p.points, 2, m.Dash, m.Color)
		if m.Name == w.state.Active {
			for k, q := range p.points {
				l.Disc(q, 4, th.Background)
				l.Disc(q, 3, th.pairColor(k, plain.Pairs))
			}
		}
		l.Unclip()
	}
	if w.prior != nil {
		p.points = p.points[:0]
		for k := range plain.Pairs {
			p.points = append(p.points, paint.Point{X: p.x.Pixel(float64(k)), Y: p.y.Pixel(w.prior.Row(0)[k] / w.prior.At(k, w.state.T))})
		}
		l.Clip(p.plot.Inset(-6))
		l.Line(p.points, priorWidth, th.Ink)
		l.Unclip()
	}
	p.drawDials(l, plain, pair)
	p.drawRuler(l)
}

// fitDials are as many columns of dials as make them largest, their radius and the height of the words beneath one; a radius of 0 is
// none. Their names are cut where they do not fit.
func (p *spectrum) fitDials(l *paint.List) (cols int, r, labels float64) {
	w, th := p.world, p.world.theme
	n, widest, named := 0, 0.0, th.small()
	if !p.brief {
		named = th.bold()
	}
	for i := range w.methods {
		if m := &w.methods[i]; m.Shown && w.curves[m.Name] != nil {
			n, widest = n+1, max(widest, l.Measure(m.Label, named)+th.px(6))
		}
	}
	if n == 0 {
		return 0, 0, 0
	}
	labels = 2*th.FontSize + th.px(26)
	if p.brief {
		labels = th.FontSize + th.px(10)
	}
	cols = n
	for rows := 1; rows <= n; rows++ {
		across := (n + rows - 1) / rows
		if (p.low || th.Scale > 1) && r == 0 && rows < n && p.dials.W/float64(across) < widest {
			continue // the names say whose they are
		}
		if q := min(p.dials.W/float64(across)/2-10, (p.dials.H/float64(rows)-labels-8)/2, 74); q > r*1.05 {
			cols, r = across, q
		}
	}
	return cols, r, labels
}

// drawDials draws one dial per method: the arc of angles the pair met in training, and the hand at the chosen position.
func (p *spectrum) drawDials(l *paint.List, plain *curves.Family, pair int) {
	w, th := p.world, p.world.theme
	window := float64(w.model.Rotary.Window)
	position := math.Round(p.position * max(w.tokens()-1, 0))
	seen := min(window*plain.Row(0)[pair], 2*math.Pi)
	about := l.Label("Phase of pair ").Num(float64(pair), 0).Str(" at distance ").Num(position, 0)
	if l.Width(about, th.label())+l.Measure("; shaded: angles seen in training", th.label()) < p.dials.W {
		about.Str("; shaded: angles seen in training")
	}
	if th.Scale > 1 && l.Width(about, th.label()) > p.dials.W {
		about = l.Label("pair ").Num(float64(pair), 0).Str(", distance ").Num(position, 0)
	}
	l.Write(p.dials.X, p.dials.Y-th.px(4), about, th.label(), 0, th.Ink)
	cols, r, labels := p.fitDials(l)
	if r < 8 {
		return
	}
	k := 0
	for i := range w.methods {
		m := &w.methods[i]
		theta, ok := p.theta(m.Name, pair)
		if !ok || !m.Shown {
			continue
		}
		cell := p.dials.W / float64(cols)
		at := paint.Point{X: p.dials.X + (float64(k%cols)+0.5)*cell, Y: p.dials.Y + 6 + r + float64(k/cols)*(2*r+labels)}
		angle := position * theta
		k++
		top := -math.Pi / 2
		l.Sector(at, r, top, top+seen, m.Color.Alpha(0.2))
		l.Ring(at, r, 1.25, th.Muted.Alpha(0.6))
		turned := math.Mod(angle, 2*math.Pi)
		sin, cos := math.Sincos(top + turned)
		tip := paint.Point{X: at.X + r*0.92*cos, Y: at.Y + r*0.92*sin}
		l.Line([]paint.Point{at, tip}, 2.5, m.Color)
		l.Disc(tip, 4, m.Color)
		l.Disc(at, 2.5, th.Ink)
		if p.brief {
			l.Text(at.X, at.Y+r+th.FontSize+th.px(1), fit(l, w.named(m), th.small(), cell-4), th.small(), 0.5, th.Ink)
			continue
		}
		l.Text(at.X, at.Y+r+th.FontSize+th.px(6), fit(l, w.named(m), th.bold(), cell-6), th.bold(), 0.5, th.Ink)
		b := l.Label("").Sig(angle / (2 * math.Pi)).Str(" turns")
		ink := th.Muted
		if seen < 2*math.Pi && angle > seen*(1+1e-9) {
			ink = th.Ink
			if l.Width(b, th.small())+l.Measure(", unseen", th.small()) < cell {
				b.Str(", unseen")
			}
		}
		l.Write(at.X, at.Y+r+2*th.FontSize+th.px(11), b, th.small(), 0.5, ink)
	}
}

// drawRuler draws the distance that can be dragged, from 0 to L·t, with the trained window marked.
func (p *spectrum) drawRuler(l *paint.List) {
	w, th := p.world, p.world.theme
	r := p.ruler
	y := r.Y + r.H/2
	l.Round(paint.Rect{X: r.X, Y: y - 2, W: r.W, H: 4}, 2, th.Grid)
	window := r.W / max(w.state.T, 1)
	l.Round(paint.Rect{X: r.X, Y: y - 2, W: window, H: 4}, 2, th.Muted)
	x := r.X + r.W*p.position
	l.Disc(paint.Point{X: x, Y: y}, 9, th.Background)
	l.Disc(paint.Point{X: x, Y: y}, 7, th.Accent)
	from, to := "distance 0", l.Label("").Num(w.tokens(), 0).Str(" tokens")
	if th.Scale > 1 && l.Measure(from, th.small())+th.px(12)+l.Width(to, th.small()) > r.W {
		from = "0"
	}
	l.Text(r.X, y+th.FontSize+th.px(12), from, th.small(), 0, th.Muted)
	l.Write(r.Right(), y+th.FontSize+th.px(12), to, th.small(), 1, th.Muted)
}

func (p *spectrum) press(at paint.Point) bool {
	reach := paint.Rect{X: p.ruler.X - 12, Y: p.ruler.Y - 10, W: p.ruler.W + 24, H: p.ruler.H + 20}
	if reach.Contains(at) {
		p.grab = true
		p.drag(at)
		return true
	}
	if p.plot.Contains(at) && len(p.world.curves) > 0 {
		p.world.state.Pair = min(max(int(math.Round(p.x.Value(at.X))), 0), p.world.model.Rotary.Pairs()-1)
		p.view.selected()
	}
	return false
}

func (p *spectrum) drag(at paint.Point) {
	if p.grab {
		p.position = min(max((at.X-p.ruler.X)/p.ruler.W, 0), 1)
	}
}

func (p *spectrum) release(paint.Point) { p.grab = false }

func (p *spectrum) hover(at paint.Point) {
	p.at, p.over = at, true
	w := p.world
	pair := int(math.Round(p.x.Value(at.X)))
	if theta, ok := p.theta(w.state.Active, min(max(pair, 0), max(w.model.Rotary.Pairs()-1, 0))); ok && p.plot.Contains(at) {
		wave := clex.Wavelength(theta)
		w.emit(scene.Say(fmt.Sprintf("Pair %d at t = %.2f: wavelength %s tokens", pair, w.state.T, scale.Sig(wave))))
	}
}

func (p *spectrum) leave()                         { p.over = false }
func (p *spectrum) zoom(paint.Point, float64) bool { return false }
func (p *spectrum) pan(dx, _ float64) bool         { return false }
func (p *spectrum) reset()                         { p.position = 1; p.view.layout() }

func (p *spectrum) table() [][]string {
	rows := [][]string{{"method", "t", "pair", "inverse_frequency_rad_per_token", "wavelength_tokens", "slowed_by"}}
	w := p.world
	for _, m := range w.methods {
		c := w.curves[m.Name]
		if c == nil {
			continue
		}
		for pair := range c.Pairs {
			theta, _ := p.theta(m.Name, pair)
			rows = append(rows, []string{w.model.Named(m.Name, m.Name), number(w.state.T), fmt.Sprint(pair), number(theta), number(clex.Wavelength(theta)), number(c.Row(0)[pair] / theta)})
		}
	}
	if c := w.prior; c != nil {
		for pair := range c.Pairs {
			theta := c.At(pair, w.state.T)
			rows = append(rows, []string{priorName, number(w.state.T), fmt.Sprint(pair), number(theta), number(clex.Wavelength(theta)), number(c.Row(0)[pair] / theta)})
		}
	}
	return rows
}
