package viz

import (
	"math"

	"clexlab/viz/paint"
)

// View is the whole picture.
type View struct {
	// Out receives what a person does. It must not call back into the View.
	Out func(Event)

	world  world
	width  float64
	height float64
	list   *paint.List // measures while no frame is being drawn
	panels []placed
	all    map[Scene]panel

	gesture  gesture
	grabbed  panel
	over     panel
	pointer  paint.Point
	inside   bool
	dragSeq  int
	dragging bool
	saving   bool // a file is being painted: nothing is asked of the page

	back, front bool // what the next frame has to paint
}

// panel is one scene.
type panel interface {
	// place lays the panel out in r; l measures text.
	place(l *paint.List, r paint.Rect)
	// drawBack and drawFront paint the two layers.
	drawBack(l *paint.List)
	drawFront(l *paint.List)
	// press starts a drag at p and reports whether the panel wants it; drag and release follow.
	press(p paint.Point) bool
	drag(p paint.Point)
	release(p paint.Point)
	// hover notes the pointer; leave that it went.
	hover(p paint.Point)
	leave()
	// zoom scales by factor around p; pan moves the content by CSS pixels; reset shows all.
	zoom(p paint.Point, factor float64) bool
	pan(dx, dy float64) bool
	reset()
	// table is the scene's data, a header row first.
	table() [][]string
}

type placed struct {
	scene Scene
	panel panel
	rect  paint.Rect
}

// NewView makes a view that knows nothing yet.
func NewView(out func(Event)) *View {
	v := &View{Out: out}
	w := &v.world
	w.state = State{Theme: DarkTheme, T: 1, TMax: 16, Layer: -1, Head: -1, Token: -1}
	w.emit = func(e Event) {
		if v.Out != nil {
			v.Out(e)
		}
	}
	v.all = map[Scene]panel{
		Trajectories: &trajectories{world: w, view: v, pair: -1}, Spectrum: newSpectrum(w, v),
		Attention: newAttention(w, v), Loss: newLoss(w, v), Recall: newRecall(w, v),
	}
	return v
}

// SetState takes in a new state. While t is dragged in the picture its T is ignored.
func (v *View) SetState(s State) {
	w := &v.world
	old := w.state
	if !(s.TMax > 1) || math.IsInf(s.TMax, 0) {
		s.TMax = 16
	}
	if s.Theme.FontSize == 0 {
		s.Theme.FontSize = 12
	}
	s.T = min(max(s.T, 1), s.TMax)
	if v.dragging || !(s.T >= 1) {
		s.T = old.T
	}
	if s.Scene == "" {
		s.Scene = Overview
	}
	w.state = s
	onlyT := old
	onlyT.T, onlyT.Token, onlyT.Methods = s.T, s.Token, s.Methods
	methods := sameMethods(old.Methods, s.Methods)
	if methods && sameState(onlyT, s) {
		v.front = v.front || old.T != s.T || old.Token != s.Token
		return
	}
	if !methods || old.Active != s.Active || old.TMax != s.TMax {
		w.rebuild()
	} else if old.Solver != s.Solver || old.Step != s.Step || old.Tolerance != s.Tolerance {
		w.solver()
	}
	v.layout()
}

func sameState(a, b State) bool {
	am, bm := a.Methods, b.Methods
	a.Methods, b.Methods = nil, nil
	same := a.Theme == b.Theme && a.ReducedMotion == b.ReducedMotion && a.Scene == b.Scene && a.T == b.T && a.TMax == b.TMax &&
		a.Active == b.Active && a.Solver == b.Solver && a.Step == b.Step && a.Tolerance == b.Tolerance &&
		a.Field == b.Field && a.Marks == b.Marks && a.Pair == b.Pair && a.Layer == b.Layer && a.Head == b.Head &&
		a.Mean == b.Mean && a.Token == b.Token && a.Perplexity == b.Perplexity
	a.Methods, b.Methods = am, bm
	return same
}

func sameMethods(a, b []Method) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i], b[i]
		if x.Name != y.Name || x.Label != y.Label || x.Color != y.Color || x.Shown != y.Shown || x.Options != y.Options || len(x.Dash) != len(y.Dash) {
			return false
		}
		for k := range x.Dash {
			if x.Dash[k] != y.Dash[k] {
				return false
			}
		}
	}
	return true
}

// SetModel takes in the model's geometry and CLEX's network.
func (v *View) SetModel(m Model) {
	v.world.model = m
	v.world.rebuild()
	v.layout()
}

// SetText takes in the text that maps and curves speak of.
func (v *View) SetText(t Text) {
	v.world.text = t
	v.layout()
}

// SetMaps takes in attention.
func (v *View) SetMaps(m *Maps) {
	v.world.maps.take(m)
	v.layout()
}

// SetLoss takes in one method's loss by position, in place of what it had.
func (v *View) SetLoss(c LossCurve) {
	w := &v.world
	for i := range w.losses {
		if w.losses[i].Method == c.Method {
			w.losses[i] = c
			v.layout()
			return
		}
	}
	w.losses = append(w.losses, c)
	v.layout()
}

// SetRecall takes in one method's recall grid, in place of what it had.
func (v *View) SetRecall(g RecallGrid) {
	w := &v.world
	for i := range w.recall {
		if w.recall[i].Method == g.Method {
			w.recall[i] = g
			v.layout()
			return
		}
	}
	w.recall = append(w.recall, g)
	v.layout()
}

// Resize tells the size in CSS pixels and gives a list to measure text with.
func (v *View) Resize(width, height float64, measure *paint.List) {
	if v.width == width && v.height == height && v.list == measure {
		return
	}
	v.width, v.height, v.list = width, height, measure
	v.layout()
}

// layout places the panels of the scene and asks for a fresh picture.
func (v *View) layout() {
	v.back, v.front = true, true
	if v.list == nil || v.width == 0 {
		return
	}
	v.panels = v.arrange(v.world.state.Scene, v.width, v.height, v.panels[:0])
	for _, p := range v.panels {
		p.panel.place(v.list, p.rect)
	}
}

// arrange says where the panels of a scene go on a picture of the given size.
func (v *View) arrange(scene Scene, width, height float64, dst []placed) []placed {
	margin := 16.0
	if width < 600 {
		margin = 10
	}
	r := paint.Rect{X: 0, Y: 0, W: width, H: height}.Inset(margin)
	if p, ok := v.all[scene]; ok {
		return append(dst, placed{scene, p, r})
	}
	if width < 700 {
		top := math.Floor(r.H * 0.55)
		return append(dst,
			placed{Trajectories, v.all[Trajectories], paint.Rect{X: r.X, Y: r.Y, W: r.W, H: top - gap}},
			placed{Attention, v.all[Attention], paint.Rect{X: r.X, Y: r.Y + top + gap, W: r.W, H: r.H - top - gap}})
	}
	const between = 40
	left := math.Floor((r.W - between) * 0.6)
	x := r.X + left + between
	upper := math.Floor((r.H - between/2) * 0.56)
	return append(dst,
		placed{Trajectories, v.all[Trajectories], paint.Rect{X: r.X, Y: r.Y, W: left, H: r.H}},
		placed{Attention, v.all[Attention], paint.Rect{X: x, Y: r.Y, W: r.Right() - x, H: upper}},
		placed{Loss, v.all[Loss], paint.Rect{X: x, Y: r.Y + upper + between/2, W: r.Right() - x, H: r.H - upper - between/2}})
}

// Stale reports what a frame would have to paint anew.
func (v *View) Stale() (back, front bool) { return v.back, v.front || v.back }

// Painted says that a frame was painted.
func (v *View) Painted() { v.back, v.front = false, false }

// Background is the ground of the picture.
func (v *View) Background() paint.Color { return v.world.state.Theme.Background }

// DrawBack paints the layer that t and the pointer do not change.
func (v *View) DrawBack(l *paint.List) {
	l.Fill(paint.Rect{W: v.width, H: v.height}, v.world.state.Theme.Background)
	for _, p := range v.panels {
		p.panel.drawBack(l)
	}
}

// DrawFront solves for the t at hand and paints what follows it and the pointer.
func (v *View) DrawFront(l *paint.List) {
	v.world.solve()
	for _, p := range v.panels {
		p.panel.drawFront(l)
	}
}

// DrawScene paints a scene by itself at a given size on l, as for a file.
func (v *View) DrawScene(scene Scene, width, height float64, l *paint.List) {
	if scene == "" {
		scene = v.world.state.Scene
	}
	v.world.solve()
	v.saving = true
	l.Fill(paint.Rect{W: width, H: height}, v.world.state.Theme.Background)
	for _, p := range v.arrange(scene, width, height, nil) {
		p.panel.leave()
		p.panel.place(l, p.rect)
		p.panel.drawBack(l)
		p.panel.drawFront(l)
	}
	v.saving = false
	v.layout()
}

// SceneShown is the scene on screen, and Size its size in CSS pixels.
func (v *View) SceneShown() Scene { return v.world.state.Scene }

// Size is the size of the picture in CSS pixels.
func (v *View) Size() (width, height float64) { return v.width, v.height }

// T is the length scaling factor shown.
func (v *View) T() float64 { return v.world.state.T }
