package viz

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"clexlab/viz/paint"
	"clexlab/viz/scale"
	"clexlab/viz/scene"
)

// losses is the scene of loss by position: a smoothed line over the faint raw values for each method.
type losses struct {
	world  *world
	view   *View
	rect   paint.Rect
	plot   paint.Rect
	x, y   scale.Axis
	window scale.Window
	smooth map[string][]float64
	at     paint.Point
	over   bool
	from   paint.Point
	back   showAll
	points []paint.Point
	// both says that it shows the two methods of the first look alone, named at the ends of their curves.
	both bool
}

// narrow says that there is no room for names beside the plot: they stand above it then.
func (p *losses) narrow() bool { return p.rect.W < p.world.theme.px(280) }

// words are the panel's title and the line beneath it.
func (p *losses) words() (title, note string) {
	switch {
	case p.both && p.narrow():
		return "Loss in nats by position", ""
	case p.both:
		return "Loss by position", "nats per token, running mean"
	}
	return "Loss by position", "nats per token, running mean; points are single tokens"
}

// newProof is the scene for the first look.
func newProof(w *world, v *View) panel { return &losses{world: w, view: v, both: true} }

func newLosses(w *world, v *View) panel { return &losses{world: w, view: v} }

func (p *losses) layout(l *paint.List, r paint.Rect) {
	w, th := p.world, p.world.theme
	p.rect = r
	title, note := p.words()
	body := w.headerSpace(l, r, title, note)
	right := th.px(12)
	if p.both && !p.narrow() {
		for _, m := range w.compared() {
			right = max(right, l.Measure(m.Label, th.bold())+th.px(14))
		}
	} else {
		mark := l.Mark()
		body = w.legendOf(l, body, false, p.has, p.named)
		l.Back(mark)
	}
	left := l.Measure("10.0", th.small()) + th.px(12)
	p.plot = paint.Rect{X: r.X + left, Y: body.Y + th.px(6), W: max(r.W-left-right, 10), H: max(body.H-2*th.FontSize-th.px(18), 10)}
	longest := float64(w.model.Rotary.Window)
	for _, c := range w.losses {
		longest = max(longest, float64(c.From+len(c.NLL)))
	}
	if p.window.High != longest {
		p.window = scale.NewWindow(0, max(longest, 2), 16)
	}
	p.smooth = map[string][]float64{}
	low, high := math.Inf(1), math.Inf(-1)
	for m, c := range w.scored() {
		if !p.has(m) {
			continue
		}
		s := Smooth(c.NLL, p.width(len(c.NLL)))
		p.smooth[c.Method] = s
		for _, v := range s {
			if !math.IsNaN(v) {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	if low > high {
		low, high = 0, 4
	}
	pad := max((high-low)*0.12, 0.2)
	p.x = scale.Axis{From: p.window.From, To: p.window.To, Low: p.plot.X, High: p.plot.Right()}
	p.y = scale.Axis{From: max(low-pad, 0), To: high + pad, Low: p.plot.Bottom(), High: p.plot.Y}
}

// cramped reports whether the plot is small.
func (p *losses) cramped() bool { return p.plot.W < leastPlot || p.plot.H < leastPlot }

func (p *losses) has(m *method) bool {
	if p.both && m.Name != p.world.state.Active && m.Name != p.world.state.Beside {
		return false
	}
	return m.Shown && p.world.losses[m.Name] != nil
}

// named is a method's label, with the t that its curve was read at where the page has another since. While a text grows its
// curves are behind anyway.
func (p *losses) named(m *method) string {
	if c := p.world.losses[m.Name]; p.world.behind(c) {
		return m.Label + " at t = " + scale.Number(c.T, 2)
	}
	return m.Label
}

// behind reports whether a loss of the whole text was read at another t than the page's.
func (w *world) behind(c *scene.Loss) bool {
	return c != nil && c.T > 0 && !c.Steady && !w.steady(c.Method) && !near(c.T, w.state.T) && c.From+len(c.NLL) >= len(w.text.Tokens)
}

// whoIsBehind has a bit for each method whose loss is behind.
func (w *world) whoIsBehind() (set uint64) {
	for i := range w.methods {
		if w.behind(w.losses[w.methods[i].Name]) {
			set |= 1 << i
		}
	}
	return set
}

// width is over how many tokens a curve of n is averaged.
func (p *losses) width(n int) int {
	if p.both {
		return max(n/12, 8)
	}
	return max(n/48, 8)
}

// Smooth is the mean of nats over the tokens within half a width of each position, NaN left out: in nats, so that its exp is
// the perplexity of that stretch.
func Smooth(nats []float32, width int) []float64 {
	out := make([]float64, len(nats))
	sums, counts := make([]float64, len(nats)+1), make([]int, len(nats)+1)
	for i, v := range nats {
		sums[i+1], counts[i+1] = sums[i], counts[i]
		if !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) {
			sums[i+1] += float64(v)
			counts[i+1]++
		}
	}
	for i := range nats {
		a, b := max(i-width/2, 0), min(i+width/2+1, len(nats))
		if n := counts[b] - counts[a]; n > 0 && !math.IsNaN(float64(nats[i])) {
			out[i] = (sums[b] - sums[a]) / float64(n)
		} else {
			out[i] = math.NaN()
		}
	}
	return out
}

func (p *losses) drawBack(l *paint.List) {
	w := p.world
	title, note := p.words()
	body := w.header(l, p.rect, title, note)
	if !p.both || p.narrow() {
		w.legendOf(l, body, false, p.has, p.named)
	}
	if len(p.smooth) == 0 {
		w.empty(l, p.plot, "The curves appear when the text is scored")
		return
	}
	p.drawAxes(l)
	l.Clip(p.plot)
	for m, c := range w.scored() {
		if p.smooth[c.Method] != nil {
			p.drawRaw(l, c, m)
		}
	}
	for m, c := range w.scored() {
		if p.smooth[c.Method] != nil {
			p.drawCurve(l, c, m)
		}
	}
	l.Unclip()
	if p.both && !p.narrow() {
		p.drawNames(l)
	}
}

// drawNames writes each method's name at the end of its curve, apart where curves end together.
func (p *losses) drawNames(l *paint.List) {
	w, th := p.world, p.world.theme
	type name struct {
		m *method
		y float64
	}
	var names []name
	for m, c := range w.scored() {
		s := p.smooth[c.Method]
		for k := min(int(p.x.To)-c.From, len(s)-1); s != nil && k >= 0; k-- {
			if !math.IsNaN(s[k]) {
				names = append(names, name{m, p.y.Pixel(s[k]) + th.halfCap()})
				break
			}
		}
	}
	slices.SortFunc(names, func(a, b name) int { return cmp.Compare(a.y, b.y) })
	for i := range names {
		if i > 0 {
			names[i].y = max(names[i].y, names[i-1].y+th.FontSize+th.px(3))
		}
	}
	for i := len(names) - 1; i >= 0; i-- {
		low := p.plot.Bottom()
		if i+1 < len(names) {
			low = names[i+1].y - th.FontSize - th.px(3)
		}
		names[i].y = min(names[i].y, low)
		l.Text(p.plot.Right()+th.px(8), names[i].y, names[i].m.Label, th.bold(), 0, names[i].m.Color)
	}
}

func (p *losses) drawAxes(l *paint.List) {
	w, th := p.world, p.world.theme
	trained := float64(w.model.Rotary.Window)
	if trained > 0 && p.x.From < trained {
		x := min(p.x.Pixel(trained), p.plot.Right())
		l.Fill(paint.Rect{X: p.plot.X, Y: p.plot.Y, W: x - p.plot.X, H: p.plot.H}, th.Grid.Alpha(0.5))
	}
	ticks, digits := p.y.Ticks(nil, th.px(34)), 1
	if len(ticks) < 2 { // one alone is no scale
		ticks = p.y.Ticks(nil, 1.5*th.FontSize)
	}
	if len(ticks) > 1 && ticks[1]-ticks[0] < 0.099 {
		digits = 2
	}
	for _, v := range ticks {
		p.rule(l, p.y.Pixel(v), l.Label("").Num(v, digits))
	}
	base := p.plot.Bottom()
	l.Hairline(paint.Point{X: p.plot.X, Y: base}, paint.Point{X: p.plot.Right(), Y: base}, th.Muted)
	last := math.Inf(-1)
	for _, v := range p.x.Ticks(nil, th.px(76)) {
		x := p.x.Pixel(v)
		b := l.Label("").Num(v, 0)
		half := l.Width(b, th.small()) / 2
		if x-half < last+th.px(8) || x+half > p.rect.Right() {
			continue
		}
		last = x + half
		l.Hairline(paint.Point{X: x, Y: base}, paint.Point{X: x, Y: base + 5}, th.Muted)
		l.Write(x, base+th.FontSize+th.px(7), b, th.small(), 0.5, th.Muted)
	}
	l.Text(p.plot.X+p.plot.W/2, base+2*th.FontSize+th.px(11), "position in tokens", th.small(), 0.5, th.Muted)
	if p.x.Holds(trained) {
		x := p.x.Pixel(trained)
		l.Dashed([]paint.Point{{X: x, Y: p.plot.Y}, {X: x, Y: base}}, 1, []float64{3, 4}, th.Ink.Alpha(0.7))
	}
}

func (p *losses) rule(l *paint.List, y float64, b *paint.Label) {
	th := p.world.theme
	l.Hairline(paint.Point{X: p.plot.X, Y: y}, paint.Point{X: p.plot.Right(), Y: y}, th.Grid)
	l.Write(p.plot.X-th.px(8), y+th.halfCap(), b, th.small(), 1, th.Muted)
}

// drawRaw draws single tokens as faint points, at most two a pixel.
func (p *losses) drawRaw(l *paint.List, c *scene.Loss, m *method) {
	from, to := max(int(p.x.From)-c.From, 0), min(int(p.x.To)-c.From+1, len(c.NLL))
	step, faint := max(int(float64(to-from)/(2*p.plot.W)), 1), 0.3
	if p.both {
		faint = 0.14
	}
	for i := from; i < to; i += step {
		if v := float64(c.NLL[i]); v >= p.y.From && v <= p.y.To {
			l.Fill(paint.Rect{X: p.x.Pixel(float64(c.From+i)) - 0.6, Y: p.y.Pixel(v) - 0.6, W: 1.2, H: 1.2}, m.Color.Alpha(faint))
		}
	}
}

func (p *losses) drawCurve(l *paint.List, c *scene.Loss, m *method) {
	s := p.smooth[c.Method]
	width := 2.0
	if m.Name == p.world.state.Active {
		width = 2.75
	}
	from, to := max(int(p.x.From)-c.From-1, 0), min(int(math.Ceil(p.x.To))-c.From+2, len(s))
	step := max(int(float64(to-from)/p.plot.W), 1)
	p.points = p.points[:0]
	flush := func() {
		l.Dashed(p.points, width, m.Dash, m.Color)
		p.points = p.points[:0]
	}
	for i := from; i < to; i += step {
		if math.IsNaN(s[i]) {
			flush()
			continue
		}
		p.points = append(p.points, paint.Point{X: p.x.Pixel(float64(c.From + i)), Y: p.y.Pixel(s[i])})
	}
	flush()
}

func (p *losses) press(at paint.Point) bool {
	if p.back.rect.Contains(at) {
		p.reset()
		return false
	}
	p.from = at
	return p.plot.Contains(at) && !p.window.Whole()
}

func (p *losses) drag(at paint.Point) {
	p.pan(at.X-p.from.X, 0)
	p.from, p.at = at, at
}
func (p *losses) release(paint.Point) {}

func (p *losses) hover(at paint.Point) {
	p.at, p.over = at, true
	w := p.world
	if !p.plot.Contains(at) || len(p.smooth) == 0 {
		return
	}
	pos := int(p.x.Value(at.X))
	words := "Token " + w.token(pos)
	if c := w.losses[w.state.Active]; c != nil {
		if k := pos - c.From; k >= 0 && k < len(p.smooth[c.Method]) {
			words += fmt.Sprintf(": %s nats around it (perplexity %s) under %s, this token %s", scale.Number(p.smooth[c.Method][k], 2), scale.Sig(math.Exp(p.smooth[c.Method][k])), w.active().Label, scale.Number(float64(c.NLL[k]), 2))
		}
	}
	w.pointAt(pos, -1, words)
}

func (p *losses) leave() { p.over = false }

func (p *losses) zoom(at paint.Point, factor float64) bool {
	if p.window.Whole() && factor >= 1 || len(p.smooth) == 0 {
		return false
	}
	p.window = p.window.Zoom(factor, p.x.Value(at.X))
	p.view.layout()
	return true
}

func (p *losses) pan(dx, _ float64) bool {
	if p.window.Whole() || dx == 0 {
		return false
	}
	p.window = p.window.Pan(-dx / p.plot.W * (p.window.To - p.window.From))
	p.view.layout()
	return true
}

func (p *losses) reset() {
	p.window = scale.Window{}
	p.view.layout()
}

func (p *losses) table() [][]string {
	rows := [][]string{{"method", "t", "position", "loss_nats", "running_mean_nats"}}
	for m, c := range p.world.scored() {
		if !p.has(m) {
			continue
		}
		s := Smooth(c.NLL, p.width(len(c.NLL)))
		for k, v := range c.NLL {
			if !math.IsNaN(float64(v)) {
				rows = append(rows, []string{c.Method, number(c.T), fmt.Sprint(c.From + k + 1), number(float64(v)), number(s[k])})
			}
		}
	}
	return rows
}
