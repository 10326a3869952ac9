package viz

import (
	"math"

	"clexlab/clex"
	"clexlab/viz/paint"
	"clexlab/viz/scale"
	"clexlab/viz/scene"
)

// drawFront draws the solve from 1 to t, the cursor, and what the pointer is on.
func (p *trajectories) drawFront(l *paint.List) {
	w, th := p.world, p.world.theme
	defer func() { p.back.draw(l, &th, p.plot, w.live != nil && !p.zoomY.Whole()) }()
	if w.live == nil || len(w.live.Curve.T) == 0 {
		return
	}
	c := &w.live.Curve
	l.Clip(p.plot)
	if p.pair >= 0 {
		for i := range w.methods {
			m := &w.methods[i]
			if other := w.curves[m.Name]; other != nil && m.Name != w.state.Active && m.Shown {
				l.Dashed(p.curve(other, p.pair, 1), 2, m.Dash, m.Color)
			}
		}
	}
	for pair := range c.Pairs {
		width := 2.0
		if pair == p.pair {
			width = 3.5
		}
		l.Line(p.curve(c, pair, 1), width, th.pairColor(pair, c.Pairs))
	}
	p.drawBandLabel(l)
	if w.state.Field {
		p.drawMarks(l)
	}
	x := p.x.Pixel(w.state.T)
	l.Fill(paint.Rect{X: x - 0.75, Y: p.plot.Y, W: 1.5, H: p.plot.H}, th.Accent)
	end := p.x.Pixel(w.solvedTo())
	for pair, theta := range w.live.Theta() {
		r := 2.75
		if pair == p.pair {
			r = 4.5
		}
		at := paint.Point{X: end, Y: p.y.Pixel(theta)}
		l.Disc(at, r+1.25, th.Background)
		l.Disc(at, r, th.pairColor(pair, c.Pairs))
	}
	l.Unclip()
	p.drawCost(l, p.drawHandle(l, x))
	if p.pair >= 0 && p.over {
		p.drawCard(l)
	}
}

// drawBandLabel names the shaded band in its lower right corner, where the fewest curves run.
func (p *trajectories) drawBandLabel(l *paint.List) {
	th := p.world.theme
	window := float64(p.world.model.Rotary.Window)
	b := l.Label("shaded: less than one turn in ").Num(window, 0).Str(" tokens")
	width := l.Width(b, th.small()) + th.px(12)
	y := p.plot.Bottom() - th.FontSize - th.px(24)
	if p.y.Pixel(2*math.Pi/window) > y-gap || width > p.plot.W {
		return
	}
	x := p.plot.Right() - width - 4
	l.Round(paint.Rect{X: x, Y: y, W: width, H: th.FontSize + th.px(7)}, 4, th.Background.Alpha(0.88))
	l.Write(x+th.px(6), y+th.FontSize+th.px(1), b, th.small(), 0, th.Muted)
}

// drawHandle draws the cursor's label, which can be grabbed, and returns where.
func (p *trajectories) drawHandle(l *paint.List, x float64) paint.Rect {
	w, th := p.world, p.world.theme
	s := th.bold()
	b := l.Label("t = ").Num(scene.RoundT(w.state.T), 2).Str("  ·  ").Num(w.tokens(), 0).Str(" tokens")
	width := l.Width(b, s) + th.px(20)
	left := min(max(x-width/2, p.plot.X-20), p.rect.Right()-width)
	top := p.plot.Y - th.FontSize - th.px(16)
	ground := paint.Rect{X: left, Y: top, W: width, H: th.FontSize + th.px(11)}
	l.Round(ground, 6, th.Accent)
	l.Triangle(paint.Point{X: x - 5, Y: ground.Bottom() - 0.5}, paint.Point{X: x + 5, Y: ground.Bottom() - 0.5}, paint.Point{X: x, Y: p.plot.Y}, th.Accent)
	l.Write(left+th.px(10), top+th.FontSize+th.px(3), b, s, 0, w.onAccent())
	return ground
}

// onAccent is the colour of text on the accent.
func (w *world) onAccent() paint.Color {
	a := w.theme.Accent
	if 0.3*a.R+0.59*a.G+0.11*a.B > 0.55 {
		return paint.RGB(0x14, 0x14, 0x14)
	}
	return paint.RGB(255, 255, 255)
}

// drawMarks draws the solver's attempted steps along the lower edge: accepted ones as ticks, rejected ones as crosses above.
func (p *trajectories) drawMarks(l *paint.List) {
	th := p.world.theme
	base := p.plot.Bottom()
	last := -10.0
	for i := range p.world.live.Stats.Steps {
		s := &p.world.live.Stats.Steps[i]
		x := p.x.Pixel(s.T + s.H)
		if !s.Accepted {
			y := base - 16
			l.Line([]paint.Point{{X: x - 3, Y: y - 3}, {X: x + 3, Y: y + 3}}, 1.25, th.Ink)
			l.Line([]paint.Point{{X: x - 3, Y: y + 3}, {X: x + 3, Y: y - 3}}, 1.25, th.Ink)
			continue
		}
		// Steps closer than a pixel would only fill the same pixel again.
		if x-last < 0.99 {
			continue
		}
		last = x
		l.Hairline(paint.Point{X: x, Y: base - 9}, paint.Point{X: x, Y: base}, th.Ink)
	}
}

// drawCost says what the solve cost: at the end of the title's line, or beside the cursor's label where that is full.
func (p *trajectories) drawCost(l *paint.List, handle paint.Rect) {
	w, th := p.world, p.world.theme
	if w.trouble != "" {
		l.Text(p.rect.Right(), p.rect.Y+2*th.FontSize+th.px(9), fit(l, "the solve stopped: "+w.trouble, th.small(), p.rect.W/2), th.small(), 1, th.Ink)
		return
	}
	s := &w.live.Stats
	b := l.Label(w.live.Solver).Str(": ").Num(float64(s.Evals), 0).Str(" evaluations, ").Num(float64(s.Accepted), 0).Str(" steps")
	if s.Rejected > 0 {
		b.Str(", ").Num(float64(s.Rejected), 0).Str(" rejected")
	}
	b.Str(", ").Num(w.live.Took.Seconds()*1000, 1).Str(" ms")
	if l.Measure(trajectoriesTitle, th.title())+l.Width(b, th.small())+3*gap < p.rect.W {
		l.Write(p.rect.Right(), p.rect.Y+th.FontSize+th.px(4), b, th.small(), 1, th.Muted)
		return
	}
	b = l.Label("").Num(float64(s.Evals), 0).Str(" evals, ").Num(float64(s.Accepted), 0).Str(" steps, ").Num(w.live.Took.Seconds()*1000, 1).Str(" ms")
	width, y := l.Width(b, th.small()), handle.Y+th.FontSize+th.px(3)
	switch {
	case handle.Right()+gap+width <= p.rect.Right():
		l.Write(p.rect.Right(), y, b, th.small(), 1, th.Muted)
	case p.rect.X+width+gap <= handle.X:
		l.Write(p.rect.X, y, b, th.small(), 0, th.Muted)
	}
}

func (p *trajectories) drawCard(l *paint.List) {
	w, th := p.world, p.world.theme
	t := w.state.T
	if !p.moved {
		t = max(p.x.Value(p.at.X), 1)
	}
	t = min(t, w.model.Reach(w.state.Active))
	f := p.read(t, p.pair)
	lines := []cardLine{
		{text: l.Label("pair ").Num(float64(p.pair), 0).Str(" at t = ").Num(t, 2).String(), mark: true, color: th.pairColor(p.pair, w.live.Curve.Pairs)},
		{text: scale.Sig(f.theta) + " rad per token"},
		{text: "wavelength " + scale.Sig(f.wave) + " tokens"},
		{text: scale.Sig(f.turns) + " turns in the trained window"},
	}
	for i := range w.methods {
		m := &w.methods[i]
		if c := w.curves[m.Name]; c != nil && m.Shown && m.Name != w.state.Active {
			lines = append(lines, cardLine{text: w.named(m) + ": wavelength " + scale.Sig(clex.Wavelength(c.At(p.pair, t))), mark: true, color: m.Color})
		}
	}
	if !p.moved {
		x := p.x.Pixel(t)
		l.Hairline(paint.Point{X: x, Y: p.plot.Y}, paint.Point{X: x, Y: p.plot.Bottom()}, th.Muted.Alpha(0.6))
	}
	if w.prior != nil {
		lines = append(lines, cardLine{text: priorLabel + ": wavelength " + scale.Sig(clex.Wavelength(w.prior.At(p.pair, t)))})
	}
	w.card(l, p.at, p.rect, lines)
}
