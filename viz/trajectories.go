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

// trajectories is the scene of every θ_i over t: the active method in the colours of its pairs,
// the others in their own colours and dashes, and t as a cursor that can be dragged.
type trajectories struct {
	world *world
	view  *View
	rect  paint.Rect // of the panel
	plot  paint.Rect // of the curves
	x, y  scale.Axis
	zoomY scale.Window // over log θ
	pair  int          // under the pointer, or -1
	at    paint.Point
	over  bool
	from  paint.Point // where the pointer was pressed
	moved bool        // t is dragged
	back  showAll

	points []paint.Point
	ticks  []float64
}

func newTrajectories(w *world, v *View) panel { return &trajectories{world: w, view: v, pair: -1} }

const trajectoriesTitle = "Rotary frequencies over the length scaling factor t"

func (p *trajectories) layout(l *paint.List, r paint.Rect) {
	w := p.world
	p.rect = r
	low, high := p.bounds()
	if p.zoomY.Low != low || p.zoomY.High != high {
		p.zoomY = p.rescaled(low, high)
	}
	th := w.theme
	left := max(l.Measure("0.00005", th.small())+th.px(10), l.Measure("tokens", th.small())+l.Measure("256", th.small())/2+th.px(8))
	longest := "500,000"
	if th.Scale > 1 {
		longest = "1,000,000"
	}
	right := l.Measure(longest, th.small()) + th.px(10)
	body := w.headerSpace(l, r, trajectoriesTitle, p.note(l))
	body = w.legendSpace(l, body)
	body.Y += th.FontSize + th.px(18) // the cursor's label
	body.H -= th.FontSize + th.px(18) + 2*th.FontSize + th.px(18)
	p.plot = paint.Rect{X: r.X + left, Y: body.Y, W: max(r.W-left-right, 10), H: max(body.H, 10)}
	p.x = scale.Axis{From: 1, To: w.model.MaxT(), Low: p.plot.X, High: p.plot.Right(), Log: w.model.MaxT() > scene.LinearTMax}
	p.y = scale.Axis{From: math.Exp(p.zoomY.From), To: math.Exp(p.zoomY.To), Low: p.plot.Bottom(), High: p.plot.Y, Log: true}
}

// cramped reports whether the curves have little room between the numbers at both sides, or above one another.
func (p *trajectories) cramped() bool { return p.plot.W < 0.45*p.rect.W || p.plot.H < leastPlot }

// note is the line beneath the title.
func (p *trajectories) note(l *paint.List) string {
	if every := p.every(); every > 1 {
		return l.Label("θ in radians per token, wavelength on the right; others drawn for every ").Num(float64(every), 0).Str("th pair").String()
	}
	return "θ of each pair in radians per token, with its wavelength on the right"
}

// rescaled shows all of log θ from low to high, or, of a field that is being trained, the part that was chosen before.
func (p *trajectories) rescaled(low, high float64) scale.Window {
	z := scale.NewWindow(low, high, 0.7)
	if old := p.zoomY; p.world.model.Learning != nil && !old.Whole() {
		if from, to := max(old.From, low), min(old.To, high); to-from >= z.Least {
			z.From, z.To = from, to
		}
	}
	return z
}

// bounds are the log θ that every shown curve and the edge of the window need.
func (p *trajectories) bounds() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	span := func(c *curves.Family) {
		a, b := c.Bounds()
		low, high = min(low, math.Log(a)), max(high, math.Log(b))
	}
	for _, c := range p.world.curves {
		span(c)
	}
	if c := p.world.prior; c != nil {
		span(c)
	}
	if low > high {
		return math.Log(1e-4), 0.3
	}
	// A pair whose turn is a thousand times as long as any text stands still: what goes on below is not drawn.
	if w := p.world.model; w.Rotary.Window > 0 {
		low = max(low, math.Log(2*math.Pi/(1e3*w.MaxT()*float64(w.Rotary.Window))))
	}
	return low - 0.35, high + 0.35
}

func (p *trajectories) drawBack(l *paint.List) {
	w, th := p.world, p.world.theme
	active := w.active()
	body := w.header(l, p.rect, trajectoriesTitle, p.note(l))
	w.fieldLegend(l, body, true)
	if len(w.curves) == 0 || active == nil {
		text := "Waiting for the model’s rotary geometry"
		if w.trouble != "" {
			text = w.trouble
		}
		w.empty(l, p.plot, text)
		return
	}
	p.drawBand(l)
	p.drawAxes(l)
	l.Clip(p.plot)
	if w.state.Field {
		p.drawField(l)
	}
	if c := w.prior; c != nil {
		for pair := range c.Pairs {
			l.Line(p.curve(c, pair, 2), priorWidth, th.Ink.Alpha(0.6))
		}
	}
	if c := w.curves[active.Name]; c != nil {
		for pair := range c.Pairs {
			l.Line(p.curve(c, pair, 1), 1.25, th.pairColor(pair, c.Pairs).Alpha(0.4))
		}
	}
	every := p.every()
	for i := range w.methods {
		m := &w.methods[i]
		if c := w.curves[m.Name]; c != nil && m.Shown && m.Name != active.Name {
			for pair := every / 2; pair < c.Pairs; pair += every {
				l.Dashed(p.curve(c, pair, 2), 1.25, m.Dash, m.Color.Alpha(0.8))
			}
		}
	}
	l.Unclip()
}

// witnesses is how many curves all comparisons together have at most: more of
// them cannot be told apart. The others come when their pair is pointed at.
const witnesses = 24

// every is the stride at which comparisons have a curve.
func (p *trajectories) every() int {
	w := p.world
	n := 0
	for i := range w.methods {
		if m := &w.methods[i]; m.Shown && m.Name != w.state.Active && w.curves[m.Name] != nil {
			n++
		}
	}
	pairs := w.model.Rotary.Pairs()
	for _, stride := range []int{1, 4, 6, 8} {
		if n*(pairs/stride) <= witnesses {
			return stride
		}
	}
	return 12
}

// drawBand shades the frequencies that never complete a turn inside the trained window: θ < 2π/L.
func (p *trajectories) drawBand(l *paint.List) {
	th := p.world.theme
	edge := 2 * math.Pi / float64(p.world.model.Rotary.Window)
	y := min(max(p.y.Pixel(edge), p.plot.Y), p.plot.Bottom())
	l.Fill(paint.Rect{X: p.plot.X, Y: y, W: p.plot.W, H: p.plot.Bottom() - y}, th.Grid.Alpha(0.55))
	if y <= p.plot.Y || y >= p.plot.Bottom()-th.FontSize {
		return
	}
	l.Dashed([]paint.Point{{X: p.plot.X, Y: y}, {X: p.plot.Right(), Y: y}}, 1, []float64{3, 4}, th.Muted)
}

func (p *trajectories) drawAxes(l *paint.List) {
	w, th := p.world, p.world.theme
	p.ticks = p.y.Ticks(p.ticks[:0], th.px(44))
	for _, v := range p.ticks {
		y := p.y.Pixel(v)
		l.Hairline(paint.Point{X: p.plot.X, Y: y}, paint.Point{X: p.plot.Right(), Y: y}, th.Grid)
		l.Write(p.plot.X-th.px(8), y+th.halfCap(), l.Label("").Tick(v), th.small(), 1, th.Muted)
	}
	wave := scale.Axis{From: clex.Wavelength(p.y.To), To: clex.Wavelength(p.y.From), Low: p.y.High, High: p.y.Low, Log: true}
	p.ticks = wave.Ticks(p.ticks[:0], th.px(44))
	for _, v := range p.ticks {
		y := wave.Pixel(v)
		l.Hairline(paint.Point{X: p.plot.Right(), Y: y}, paint.Point{X: p.plot.Right() + 4, Y: y}, th.Muted)
		l.Write(p.plot.Right()+th.px(8), y+th.halfCap(), l.Label("").Tick(v), th.small(), 0, th.Muted)
	}
	base := p.plot.Bottom()
	l.Hairline(paint.Point{X: p.plot.X, Y: base}, paint.Point{X: p.plot.Right(), Y: base}, th.Muted)
	need := l.Measure("16,384", th.small()) + th.px(10)
	// On even steps the named ones are multiples of the smallest power of two that leaves room.
	stride := 1.0
	for !p.x.Log && stride*p.plot.W/(w.model.MaxT()-1) < need {
		stride *= 2
	}
	last := math.Inf(-1)
	for _, t := range p.marks() {
		x := p.x.Pixel(t)
		named := x-last >= need && (t == 1 || p.x.Log || math.Mod(t, stride) == 0)
		long := 3.0
		if named {
			long, last = 6, x
			l.Hairline(paint.Point{X: x, Y: p.plot.Y}, paint.Point{X: x, Y: base}, th.Grid)
		}
		l.Hairline(paint.Point{X: x, Y: base}, paint.Point{X: x, Y: base + long}, th.Muted)
		if !named {
			continue
		}
		l.Write(x, base+th.FontSize+th.px(9), l.Label("").Num(t, 0), th.label(), 0.5, th.Ink)
		l.Write(x, base+2*th.FontSize+th.px(13), l.Label("").Num(t*float64(w.model.Rotary.Window), 0), th.small(), 0.5, th.Muted)
	}
	l.Text(p.rect.X, base+th.FontSize+th.px(9), "t", th.bold(), 0, th.Ink)
	l.Text(p.rect.X, base+2*th.FontSize+th.px(13), "tokens", th.small(), 0, th.Muted)
}

// marks are the values of t with a tick: whole ones, or doublings.
func (p *trajectories) marks() []float64 {
	most := p.world.model.MaxT()
	if p.x.Log {
		return scale.Doublings(nil, 1, most)
	}
	var out []float64
	for t := 1.0; t <= most; t++ {
		out = append(out, t)
	}
	return out
}

// drawField draws dz/dt as short strokes: at each place the pair that runs nearest is moved there and the others stay on their curves.
func (p *trajectories) drawField(l *paint.List) {
	w, th := p.world, p.world.theme
	c, scheme := w.curves[w.state.Active], w.schemes[w.state.Active]
	if c == nil || scheme == nil {
		return
	}
	field := scheme.Field()
	z, rate := make([]float64, c.Pairs), make([]float64, c.Pairs)
	cols, rows := max(int(p.plot.W/34), 4), max(int(p.plot.H/26), 4)
	perT := p.plot.W / (p.x.To - p.x.From)
	perZ := p.plot.H / math.Log(p.y.To/p.y.From)
	for i := range cols {
		x := p.plot.X + (float64(i)+0.5)*p.plot.W/float64(cols)
		t := p.x.Value(x)
		for k := range rows {
			y := p.plot.Y + (float64(k)+0.5)*p.plot.H/float64(rows)
			theta := p.y.Value(y)
			slope := curves.Slope(field, c, t, curves.Nearest(c, t, theta), theta, z, rate)
			dx, dy := perT, -slope*perZ
			long := math.Hypot(dx, dy)
			if math.IsNaN(long) || long == 0 {
				continue
			}
			dx, dy = dx/long*9, dy/long*9
			color := th.Muted.Alpha(0.55)
			l.Line([]paint.Point{{X: x - dx, Y: y - dy}, {X: x + dx, Y: y + dy}}, 1, color)
			l.Disc(paint.Point{X: x + dx, Y: y + dy}, 1.6, color)
		}
	}
}

// curve is a pair's samples as points, every stride-th.
func (p *trajectories) curve(c *curves.Family, pair, stride int) []paint.Point {
	p.points = p.points[:0]
	for k := 0; k < len(c.T); k += stride {
		p.points = append(p.points, paint.Point{X: p.x.Pixel(c.T[k]), Y: p.y.Pixel(c.Row(k)[pair])})
	}
	return p.points
}

func (p *trajectories) press(at paint.Point) bool {
	if p.back.rect.Contains(at) {
		p.reset()
		return false
	}
	above := p.world.theme.px(40)
	reach := paint.Rect{X: p.plot.X - 12, Y: p.plot.Y - above, W: p.plot.W + 24, H: p.plot.H + 2*above}
	if !reach.Contains(at) || len(p.world.curves) == 0 {
		return false
	}
	p.from = at
	return true
}

// dragAfter is how far a pointer goes before it drags: one that only touches a curve reads it.
const dragAfter = 4

func (p *trajectories) drag(at paint.Point) {
	p.at = at
	if !p.moved {
		if math.Abs(at.X-p.from.X) < dragAfter {
			return
		}
		p.moved = true
		p.view.moveT(scene.Grabbed, p.x.Value(p.from.X))
	}
	p.view.moveT(scene.Moved, p.x.Value(at.X))
	p.nearest() // told when t is let go: a drag moves one number
}

func (p *trajectories) release(at paint.Point) {
	if p.moved {
		p.moved = false
		p.view.moveT(scene.LetGo, p.world.state.T)
	}
	p.tell()
}

func (p *trajectories) hover(at paint.Point) {
	p.at, p.over = at, p.plot.Contains(at)
	p.pick()
}

// pick finds the pair whose curve runs nearest to the pointer and tells of it if it is another than before.
func (p *trajectories) pick() {
	before := p.pair
	if p.nearest(); p.pair != before {
		p.tell()
	}
}

// nearest finds the pair whose curve runs nearest to the pointer, -1 where none is near.
func (p *trajectories) nearest() {
	c := p.world.curves[p.world.state.Active]
	p.pair = -1
	if c != nil && p.over {
		t := p.x.Value(p.at.X)
		pair := curves.Nearest(c, t, p.y.Value(p.at.Y))
		if math.Abs(p.y.Pixel(c.At(pair, t))-p.at.Y) < 28 {
			p.pair = pair
		}
	}
}

// tell says what the pair's curve says at t.
func (p *trajectories) tell() {
	if w := p.world; p.pair >= 0 {
		r := p.read(w.state.T, p.pair)
		w.emit(scene.Say(fmt.Sprintf("Pair %d at t = %.2f: inverse frequency %s radians per token, wavelength %s tokens, %s turns within the trained window",
			p.pair, w.state.T, scale.Sig(r.theta), scale.Sig(r.wave), scale.Sig(r.turns))))
	}
}

// reading is what the active method's curve of a pair says at t.
type reading struct{ theta, wave, turns float64 }

func (p *trajectories) read(t float64, pair int) reading {
	w := p.world
	theta := w.curves[w.state.Active].At(pair, t)
	wave := clex.Wavelength(theta)
	return reading{theta, wave, float64(w.model.Rotary.Window) / wave}
}

func (p *trajectories) leave() { p.over, p.pair = false, -1 }

func (p *trajectories) zoom(at paint.Point, factor float64) bool {
	if p.zoomY.Whole() && factor >= 1 {
		return false
	}
	p.zoomY = p.zoomY.Zoom(factor, math.Log(p.y.Value(at.Y)))
	p.view.layout()
	return true
}

func (p *trajectories) pan(_, dy float64) bool {
	if p.zoomY.Whole() || dy == 0 {
		return false
	}
	p.zoomY = p.zoomY.Pan(dy / p.plot.H * (p.zoomY.To - p.zoomY.From))
	p.view.layout()
	return true
}

func (p *trajectories) reset() {
	p.zoomY = scale.NewWindow(p.zoomY.Low, p.zoomY.High, 0.7)
	p.view.layout()
}

func (p *trajectories) table() [][]string {
	rows := [][]string{{"method", "pair", "t", "inverse_frequency_rad_per_token", "wavelength_tokens", "turns_in_window"}}
	w := p.world
	add := func(name string, c *curves.Family) {
		for pair := range c.Pairs {
			for k, t := range c.T {
				theta := c.Row(k)[pair]
				rows = append(rows, []string{name, fmt.Sprint(pair), number(t), number(theta), number(clex.Wavelength(theta)), number(theta * float64(w.model.Rotary.Window) / (2 * math.Pi))})
			}
		}
	}
	for _, m := range w.methods {
		if c := w.curves[m.Name]; c != nil {
			add(w.model.Named(m.Name, m.Name), c)
		}
	}
	if w.prior != nil {
		add(priorName, w.prior)
	}
	return rows
}
