package viz

import (
	"fmt"
	"math"

	"clexlab/viz/paint"
	"clexlab/viz/scale"
)

// drawFront names the trained window and draws the end of the context that t allows.
func (p *losses) drawFront(l *paint.List) {
	w, th := p.world, p.world.theme
	p.drawWaiting(l)
	p.back.draw(l, &th, p.plot, len(p.smooth) > 0 && !p.window.Whole())
	if len(p.smooth) == 0 {
		return
	}
	if x := w.tokens(); !p.both && x >= p.x.From && x <= p.x.To {
		at := p.x.Pixel(x)
		l.Fill(paint.Rect{X: at - 0.75, Y: p.plot.Y, W: 1.5, H: p.plot.H}, th.Accent)
		b := l.Label("L·t = ").Num(x, 0)
		width := l.Width(b, th.small()) + th.px(10)
		left := at + 5
		if left+width > p.plot.Right() {
			left = at - 5 - width
		}
		ground := p.clear(paint.Rect{X: left, Y: p.plot.Bottom() - th.FontSize - th.px(12), W: width, H: th.FontSize + th.px(7)})
		l.Round(ground, 4, th.Background.Alpha(0.86))
		l.Write(left+th.px(5), ground.Y+th.FontSize+th.px(2), b, th.small(), 0, th.Ink)
	}
	if trained := float64(w.model.Rotary.Window); p.x.Holds(trained) {
		b := l.Label("trained window, ").Num(trained, 0)
		x, width := p.x.Pixel(trained)+6, l.Width(b, th.small())
		if x+width < p.plot.Right() && !(p.both && p.narrow()) {
			l.Round(paint.Rect{X: x - 3, Y: p.plot.Y + 3, W: width + 8, H: th.FontSize + th.px(7)}, 4, th.Background.Alpha(0.86))
			l.Write(x+1, p.plot.Y+th.FontSize+th.px(4), b, th.small(), 0, th.Muted)
		}
	}
	if p.over && p.plot.Contains(p.at) {
		p.drawCard(l)
	} else {
		p.drawMark(l)
	}
}

// clear moves a label up to where it covers no curve, but not as high as the trained window's words; where all is full it stays.
func (p *losses) clear(r paint.Rect) paint.Rect {
	highest := p.plot.Y + p.world.theme.FontSize + p.world.theme.px(14)
	for at := r; at.Y >= highest; at.Y -= at.H / 2 {
		if !p.covers(at) {
			return at
		}
	}
	return r
}

// covers reports whether a curve runs through r.
func (p *losses) covers(r paint.Rect) bool {
	for _, c := range p.world.scored() {
		s := p.smooth[c.Method]
		for k := max(int(p.x.Value(r.X))-c.From, 0); k < min(int(p.x.Value(r.Right()))-c.From+1, len(s)); k++ {
			if y := p.y.Pixel(s[k]); y > r.Y-2 && y < r.Bottom()+2 {
				return true
			}
		}
	}
	return false
}

// drawWaiting names the methods whose curve of this text is still to come.
func (p *losses) drawWaiting(l *paint.List) {
	w, th := p.world, p.world.theme
	if len(w.text.Tokens) < 2 {
		return
	}
	b := l.Label("to come: ")
	n := 0
	for i := range w.methods {
		m := &w.methods[i]
		if !m.Shown || p.both && m.Name != w.state.Active && m.Name != w.state.Beside || p.current(m.Name) {
			continue
		}
		if n > 0 {
			b.Str(", ")
		}
		b.Str(m.Label)
		n++
	}
	if n == 0 {
		return
	}
	title, _ := p.words()
	room := p.rect.W - l.Measure(title, th.title()) - th.px(32)
	if l.Width(b, th.small()) > room {
		if b = l.Label("").Num(float64(n), 0).Str(" to come"); l.Width(b, th.small()) > room {
			return // the empty plot says it
		}
	}
	w.badge(l, p.rect.Right(), p.rect.Y+th.FontSize+th.px(4), b, th.Grid, th.Ink)
}

// current reports whether a method's curve is of the text as it stands.
func (p *losses) current(method string) bool {
	c := p.world.losses[method]
	return c != nil && c.Revision == p.world.text.Revision
}

func (p *losses) drawCard(l *paint.List) {
	w, th := p.world, p.world.theme
	pos := int(p.x.Value(p.at.X))
	lines := []cardLine{{text: "token " + w.token(pos)}}
	for m, c := range w.scored() {
		s := p.smooth[c.Method]
		if k := pos - c.From; k >= 0 && k < len(s) && !math.IsNaN(s[k]) {
			lines = append(lines, cardLine{mark: true, color: m.Color, text: fmt.Sprintf("%s: %s nats around here (perplexity %s), this token %s", m.Label, scale.Number(s[k], 2), scale.Sig(math.Exp(s[k])), scale.Number(float64(c.NLL[k]), 2))})
		}
	}
	l.Hairline(paint.Point{X: p.at.X, Y: p.plot.Y}, paint.Point{X: p.at.X, Y: p.plot.Bottom()}, th.Muted)
	w.card(l, p.at, p.rect, lines)
}

// drawMark shows where the token is that is pointed at elsewhere.
func (p *losses) drawMark(l *paint.List) {
	w := p.world
	token, key := w.mark()
	if key >= 0 && p.x.Holds(float64(key)) {
		x := p.x.Pixel(float64(key))
		l.Dashed([]paint.Point{{X: x, Y: p.plot.Y}, {X: x, Y: p.plot.Bottom()}}, 1, []float64{2, 3}, w.theme.Ink)
	}
	if token < 0 || !p.x.Holds(float64(token)) {
		return
	}
	x := p.x.Pixel(float64(token))
	l.Hairline(paint.Point{X: x, Y: p.plot.Y}, paint.Point{X: x, Y: p.plot.Bottom()}, w.theme.Ink)
	for m, c := range w.scored() {
		s := p.smooth[c.Method]
		if k := token - c.From; k >= 0 && k < len(s) && !math.IsNaN(s[k]) {
			l.Disc(paint.Point{X: x, Y: p.y.Pixel(s[k])}, 4, m.Color)
		}
	}
}
