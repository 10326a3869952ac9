package viz

import (
	"fmt"
	"math"
	"slices"

	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// View is the whole picture.
type View struct {
	// Out receives what a person does. It must not call back into the View.
	Out func(any)

	world  world
	width  float64
	height float64
	list   *paint.List // measures while no frame is being drawn
	panels []placed
	all    map[scene.Name]panel
	proof  [2]panel // what the overview is made of: losses, and attention side by side

	// typeSize is the reader's type size as a share of the usual one.
	typeSize float64

	gesture  gesture
	grabbed  panel
	over     panel
	pointer  paint.Point
	inside   bool
	dragSeq  uint32
	dragging bool
	saving   bool // a file is being painted: nothing is asked of the page

	back, front bool // what the next frame has to paint
	unplaced    bool // what has come since the panels were placed
}

// panel is one scene.
type panel interface {
	// layout lays the panel out in r; l measures text.
	layout(l *paint.List, r paint.Rect)
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
	// cramped reports, after layout, whether words have left too little room for what they are about.
	cramped() bool
	// table is the scene's data, a header row first.
	table() [][]string
}

type placed struct {
	scene scene.Name
	panel panel
	rect  paint.Rect
}

// panels make the panel of each scene that is one; the overview is made of several.
var panels = map[scene.Name]func(*world, *View) panel{
	scene.Trajectories: newTrajectories, scene.Spectrum: newSpectrum, scene.Attention: newAttention, scene.Losses: newLosses, scene.RecallGrids: newRecallGrids,
}

// NewView makes a view that knows nothing yet.
func NewView(out func(any)) *View {
	v := &View{Out: out, typeSize: 1, all: map[scene.Name]panel{}}
	w := &v.world
	w.state = scene.State{Theme: "dark", Scene: scene.Scenes[0].Name, T: 1, Layer: -1, Head: -1, Token: -1}
	w.theme, w.methods, w.losses = themeOf(true, false), methods(&w.state), map[string]*scene.Loss{}
	w.maps = newMapStore(0)
	w.point, w.key = -1, -1
	w.emit = func(e scene.Event) {
		if v.Out != nil {
			v.Out(e)
		}
	}
	for name, make := range panels {
		v.all[name] = make(w, v)
	}
	v.proof = [2]panel{newProof(w, v), newSideBySide(w, v)}
	return v
}

// Take takes a message of the page in. The error names what is wrong with it.
func (v *View) Take(m any) error {
	w := &v.world
	switch m := m.(type) {
	case *scene.Factor:
		v.follow(m.T, m.Seq)
		return nil
	case *scene.State:
		v.setState(*m)
		return nil
	case *scene.Key:
		v.Key(m.Key)
		return nil
	case *scene.Model:
		if err := m.Check(); err != nil {
			return fmt.Errorf("model: %w", err)
		}
		w.model = *m
		w.rebuild()
		// A field that learns changes no other picture: repainting one beside a training would hold the page up.
		if name := w.state.Scene; m.Learning == nil || name == scene.Trajectories || name == scene.Spectrum {
			v.layout()
		}
		return nil
	case *scene.Text:
		if m.Subject != w.text.Subject {
			clear(w.losses)
			w.point, w.key = -1, -1
			w.maps, w.ahead = w.ahead, newMapStore(0)
			if w.maps.subject != m.Subject {
				w.maps = newMapStore(m.Subject)
			}
		}
		if !w.text.Join(m) {
			return fmt.Errorf("text %d goes on at token %d, where text %d has %d", m.Subject, m.From, w.text.Subject, len(w.text.Tokens))
		}
	case *scene.Maps:
		// Maps come from a worker, texts from the page: either may be the first.
		if m.Subject == w.text.Subject {
			w.maps.take(m)
			break
		}
		if m.Subject != w.ahead.subject {
			w.ahead = newMapStore(m.Subject)
		}
		w.ahead.take(m)
		return nil
	case *scene.Loss:
		w.takeLoss(m)
	case *scene.Asked:
		w.recall = slices.DeleteFunc(w.recall, func(g scene.Recall) bool { return !slices.Contains(m.Methods, g.Method) })
	case *scene.Recall:
		w.takeRecall(m)
	default:
		return fmt.Errorf("viz: a %T is not for a picture", m)
	}
	// Several tables of a measurement come between two frames: they are laid out once.
	v.back, v.unplaced = true, true
	return nil
}

// follow moves t as the page says, unless the hand in the picture has gone on since.
func (v *View) follow(t float64, seq uint32) {
	w := &v.world
	if v.dragging || int32(seq-v.dragSeq) < 0 || !(t >= 1) {
		return
	}
	v.moveTo(min(t, w.model.MaxT()))
}

// moveTo sets t. The legend of losses, which lies with what does not move, names those that were read at another.
func (v *View) moveTo(t float64) {
	w := &v.world
	v.front = v.front || t != w.state.T
	row, _ := scene.Find(w.state.Scene)
	if !row.Loss {
		w.state.T = t
		return
	}
	before := w.whoIsBehind()
	w.state.T = t
	if before != w.whoIsBehind() {
		v.back, v.unplaced = true, true
	}
}

// setState takes in a new state.
func (v *View) setState(s scene.State) {
	w := &v.world
	old := w.state
	t := s.T
	s.T = old.T
	if s.Scene == "" {
		s.Scene = scene.Scenes[0].Name
	}
	w.state = s
	v.follow(t, s.Seq)
	v.front = v.front || old.Token != s.Token
	marked := old
	marked.Token = s.Token
	if marked.OnlyT(s) {
		return
	}
	w.theme = themeOf(s.Theme == "dark", s.Large)
	w.methods = methods(&w.state)
	if !slices.Equal(old.Shown, s.Shown) || old.Active != s.Active || old.Beside != s.Beside {
		w.rebuild()
	} else if old.Solver != s.Solver || old.Step != s.Step || old.Tol != s.Tol {
		w.solver()
	}
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
	v.back, v.front, v.unplaced = true, true, false
	if v.list == nil || v.width == 0 {
		return
	}
	for scale := v.typeSize; ; scale *= smaller {
		if scale*smaller < 1 {
			scale = 1
		}
		v.world.theme = v.world.theme.scaled(scale)
		v.panels = v.arrange(v.world.state.Scene, v.width, v.height, v.panels[:0])
		cramped := false
		for _, p := range v.panels {
			p.panel.layout(v.list, p.rect)
			cramped = cramped || p.panel.cramped()
		}
		if !cramped || scale == 1 {
			return
		}
	}
}

const (
	// leastPlot is what words that are larger than usual leave of a plot at least, in CSS pixels of a side.
	leastPlot = 80
	// smaller is the step by which words are made smaller until they do.
	smaller = 0.94
	// mostType is the largest type, as a share of the usual size.
	mostType = 3
)

// SetType tells the size of type that the reader has set in the browser as a share of the usual one. Words of the picture grow with
// it as far as the picture has room for them. They are small as it is: for less than 1 they stay.
func (v *View) SetType(size float64) {
	if !(size > 1) {
		size = 1
	}
	if size = min(size, mostType); size != v.typeSize {
		v.typeSize = size
		v.layout()
	}
}

// arrange says where the panels of a scene go on a picture of the given size.
func (v *View) arrange(name scene.Name, width, height float64, dst []placed) []placed {
	margin := 16.0
	if width < 600 {
		margin = 10
	}
	r := paint.Rect{X: 0, Y: 0, W: width, H: height}.Inset(margin)
	if p, ok := v.all[name]; ok {
		return append(dst, placed{name, p, r})
	}
	// Losses above attention where the picture is tall, beside it where it is wide.
	if r.W < 1.15*r.H {
		top := math.Floor(r.H * 0.52)
		return append(dst,
			placed{scene.Losses, v.proof[0], paint.Rect{X: r.X, Y: r.Y, W: r.W, H: top - gap}},
			placed{scene.Attention, v.proof[1], paint.Rect{X: r.X, Y: r.Y + top + gap, W: r.W, H: r.H - top - gap}})
	}
	// The squares take what they need: two beside one another, or one above the other.
	const apart = 28
	header, nameHeight := v.world.theme.px(24), v.world.theme.px(20) // of a title; of a name
	stacked := min((r.H-header-2*gap)/2-nameHeight, r.W*0.36)
	beside := min(r.W/4-2*gap, r.H-header-nameHeight)
	side := stacked
	if beside > 1.6*stacked || r.W < 600 && beside > stacked {
		side = 2*beside + 2*gap
	}
	left := math.Floor(r.W - side - apart)
	return append(dst,
		placed{scene.Losses, v.proof[0], paint.Rect{X: r.X, Y: r.Y, W: left, H: r.H}},
		placed{scene.Attention, v.proof[1], paint.Rect{X: r.X + left + apart, Y: r.Y, W: side, H: r.H}})
}

// Stale reports what a frame would have to paint anew.
func (v *View) Stale() (back, front bool) {
	if v.unplaced {
		v.layout()
	}
	return v.back, v.front || v.back
}

// Painted says that a frame was painted.
func (v *View) Painted() { v.back, v.front = false, false }

// Background is the ground of the picture.
func (v *View) Background() paint.Color { return v.world.theme.Background }

// DrawBack paints the layer that t and the pointer do not change.
func (v *View) DrawBack(l *paint.List) {
	l.Fill(paint.Rect{W: v.width, H: v.height}, v.world.theme.Background)
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

// DrawScene paints a scene by itself at a given size on l, as for a file, with the lines of a
// caption beneath it. Textures are as l needs them until the function it returns is called, which puts the
// screen's own back: paint l before.
func (v *View) DrawScene(name scene.Name, width, height float64, caption []string, l *paint.List) (restore func()) {
	if name == "" {
		name = v.world.state.Scene
	}
	v.world.solve()
	v.saving = true
	// What is pointed at is no part of a file.
	pointed, picked := v.world.point, v.world.state.Token
	v.world.point, v.world.state.Token = -1, -1
	// Nor is the size that its reader here has set.
	v.world.theme = v.world.theme.scaled(1)
	th := v.world.theme
	l.Fill(paint.Rect{W: width, H: height + v.CaptionHeight(l, caption, width)}, th.Background)
	for _, p := range v.arrange(name, width, height, nil) {
		p.panel.leave()
		p.panel.layout(l, p.rect)
		p.panel.drawBack(l)
		p.panel.drawFront(l)
	}
	v.drawCaption(l, caption, width, height)
	return func() {
		v.saving = false
		v.world.point, v.world.state.Token = pointed, picked
		v.layout()
	}
}

// SceneShown is the scene on screen, and Size its size in CSS pixels.
func (v *View) SceneShown() scene.Name { return v.world.state.Scene }

// Size is the size of the picture in CSS pixels.
func (v *View) Size() (width, height float64) { return v.width, v.height }

// T is the length scaling factor shown.
func (v *View) T() float64 { return v.world.state.T }
