package viz

import (
	"math"

	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// gesture tells one pointer, which drags, from two, which pinch.
type gesture struct {
	points [2]struct {
		id   int
		at   paint.Point
		down bool
	}
}

func (g *gesture) slot(id int) int {
	for i := range g.points {
		if g.points[i].down && g.points[i].id == id {
			return i
		}
	}
	return -1
}

func (g *gesture) pinching() bool { return g.points[0].down && g.points[1].down }

func (g *gesture) middle() (at paint.Point, spread float64) {
	a, b := g.points[0].at, g.points[1].at
	return paint.Point{X: (a.X + b.X) / 2, Y: (a.Y + b.Y) / 2}, math.Hypot(a.X-b.X, a.Y-b.Y)
}

// PointerDown is a button or finger pressed at p.
func (v *View) PointerDown(id int, p paint.Point) {
	g := &v.gesture
	free := 0
	if g.points[0].down {
		free = 1
	}
	if g.points[free].down {
		return
	}
	g.points[free].id, g.points[free].at, g.points[free].down = id, p, true
	v.pointer, v.front = p, true
	if g.pinching() {
		if v.grabbed != nil {
			v.grabbed.release(p)
			v.grabbed = nil
		}
		return
	}
	target := v.find(p)
	v.enter(target)
	if target != nil {
		target.hover(p)
		if target.press(p) {
			v.grabbed = target
		}
	}
}

// PointerMove is a pointer at p, pressed or not.
func (v *View) PointerMove(id int, p paint.Point) {
	g := &v.gesture
	if v.pointer == p && v.inside {
		return
	}
	v.front = true
	if i := g.slot(id); i >= 0 {
		if g.pinching() {
			before, spread := g.middle()
			g.points[i].at = p
			after, wider := g.middle()
			if target := v.find(after); target != nil && wider > 1 && spread > 1 {
				target.pan(after.X-before.X, after.Y-before.Y)
				target.zoom(after, spread/wider)
			}
			return
		}
		g.points[i].at = p
	}
	v.pointer = p
	if v.grabbed != nil {
		v.grabbed.drag(p)
		return
	}
	target := v.find(p)
	v.enter(target)
	if target != nil {
		target.hover(p)
	}
}

// PointerUp is a button or finger lifted; gone says that the pointer is no longer over the picture, as a finger's is not.
func (v *View) PointerUp(id int, p paint.Point, gone bool) {
	i := v.gesture.slot(id)
	if i < 0 {
		return
	}
	pinched := v.gesture.pinching()
	v.gesture.points[i].down = false
	v.front = true
	if v.grabbed != nil && !pinched {
		v.grabbed.release(p)
		v.grabbed = nil
	}
}

// PointerLeave is the pointer gone from the picture.
func (v *View) PointerLeave() {
	if v.grabbed == nil {
		v.enter(nil)
		v.inside = false
	}
}

// Wheel zooms by dy CSS pixels of scrolling at p, or pans by dx. It reports whether the picture used it.
func (v *View) Wheel(p paint.Point, dx, dy float64) bool {
	target := v.find(p)
	if target == nil {
		return false
	}
	used := dy != 0 && target.zoom(p, math.Exp(min(max(dy, -120), 120)*0.002))
	if math.Abs(dx) > math.Abs(dy) {
		used = target.pan(-dx, 0) || used
	}
	v.front = v.front || used
	return used
}

// Key is a key for the picture: "+", "-", "0", arrows, "Escape". It reports whether it was one.
func (v *View) Key(key string) bool {
	target := v.over
	if target == nil && len(v.panels) > 0 {
		target = v.panels[0].panel
	}
	if target == nil {
		return false
	}
	var at paint.Point
	for _, p := range v.panels {
		if p.panel == target {
			at = paint.Point{X: p.rect.X + p.rect.W/2, Y: p.rect.Y + p.rect.H/2}
		}
	}
	const step = 48
	v.front = true
	switch key {
	case "+", "=":
		return target.zoom(at, 0.8)
	case "-", "_":
		return target.zoom(at, 1.25)
	case "0":
		target.reset()
		return true
	case "ArrowLeft":
		return target.pan(step, 0) || v.step(-1)
	case "ArrowRight":
		return target.pan(-step, 0) || v.step(1)
	case "ArrowUp":
		return target.pan(0, step)
	case "ArrowDown":
		return target.pan(0, -step)
	case "Escape":
		return v.escape()
	}
	return false
}

// step moves the mark by a token, from the middle of the text where there is none.
func (v *View) step(by int) bool {
	w := &v.world
	row, _ := scene.Find(w.state.Scene)
	n := len(w.text.Tokens)
	if n == 0 || !row.Maps && !row.Loss {
		return false
	}
	at, _ := w.mark()
	if at < 0 {
		at = n/2 - by
	}
	at = min(max(at+by, 0), n-1)
	w.pointAt(at, -1, "Token "+w.token(at)+w.lossesAt(at))
	return true
}

// escape goes one level up: from a head to the grid.
func (v *View) escape() bool {
	w := &v.world
	if w.state.Layer < 0 {
		return false
	}
	w.state.Layer, w.state.Head = -1, -1
	v.selected()
	return true
}

// selected tells the page of a choice and paints it.
func (v *View) selected() {
	s := &v.world.state
	v.world.emit(&scene.Select{Pair: s.Pair, Layer: s.Layer, Head: s.Head, Mean: s.Mean})
	v.layout()
}

func (v *View) find(p paint.Point) panel {
	for _, q := range v.panels {
		if q.rect.Contains(p) {
			return q.panel
		}
	}
	return nil
}

func (v *View) enter(target panel) {
	v.inside = true
	if v.over == target {
		return
	}
	if v.over != nil {
		v.over.leave()
		v.world.point, v.world.key = -1, -1
		v.world.emit(scene.Say(""))
	}
	v.over, v.front = target, true
}

// moveT sets t by hand and tells the page.
func (v *View) moveT(phase scene.Phase, t float64) {
	s := &v.world.state
	t = min(max(t, 1), v.world.model.MaxT())
	if phase == scene.LetGo {
		t = scene.RoundT(t)
	}
	if phase == scene.Moved && t == s.T {
		return
	}
	v.moveTo(t)
	v.dragging = phase != scene.LetGo
	v.dragSeq++
	v.front = true
	v.world.emit(&scene.Factor{Phase: phase, T: t, Seq: v.dragSeq})
}
