package viz

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/viz/fonts"
	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// newTestView is a view of a small model with every kind of data.
func newTestView(tb testing.TB, name scene.Name, width, height float64) (*View, *paint.List, *[]any) {
	tb.Helper()
	kind, err := paint.NewTypesetter(fonts.Regular, fonts.Bold)
	if err != nil {
		tb.Fatal(err)
	}
	l := &paint.List{Type: kind}
	l.Reset(2)
	events := new([]any)
	v := NewView(func(e any) { *events = append(*events, e) })
	v.Resize(width, height, l)
	give := func(m any) {
		if err := v.Take(m); err != nil {
			tb.Fatal(err)
		}
	}
	give(&scene.Model{Rotary: clex.Rotary{HeadDim: 32, Dims: 32, Base: 10000, Window: 256}, Layers: 4, Heads: 4})
	shown := []string{"clex", "rope", "pi", "ntk", "yarn"}
	for i, name := range shown {
		nats := make([]float32, 4096)
		for k := range nats {
			nats[k] = 2 + float32(math.Sin(float64(k*(i+1))))
		}
		give(&scene.Loss{Method: name, NLL: nats})
		give(&scene.Recall{Method: name, Lengths: []int{128, 256, 512, 1024, 2048, 4096}, Depths: []float64{0, .5, 1}, Right: make([]float32, 18)})
	}
	give(&scene.State{Theme: "dark", Scene: name, T: 4, Active: "clex", Beside: "rope", Shown: shown, Pair: -1, Layer: -1, Head: -1, Token: -1, Field: true})
	const n = 24
	m := &scene.Maps{Method: "clex", T: 4, Layer: -1, Head: -1, Layers: 4, Heads: 4, QueryTo: 96, KeyTo: 96, Rows: n, Cols: n, Max: make([]float32, 16*n*n)}
	for i := range m.Max {
		if i%n > i/n%n {
			m.Max[i] = -1
		} else {
			m.Max[i] = float32(i%7) / 7
		}
	}
	give(m)
	return v, l, events
}

// A scene of the table without a picture of its own would be drawn as the overview.
func TestEverySceneHasItsPicture(t *testing.T) {
	v, _, _ := newTestView(t, scene.Overview, 900, 700)
	for _, s := range scene.Scenes {
		if _, ok := v.all[s.Name]; ok == (s.Name == scene.Overview) {
			t.Errorf("%s: a picture of its own: %v", s.Name, ok)
		}
	}
}

func draw(v *View, l *paint.List) []paint.Box {
	var boxes []paint.Box
	v.Stale()
	l.Reset(2)
	l.Boxes = &boxes
	v.DrawBack(l)
	v.DrawFront(l)
	l.Boxes = nil
	return boxes
}

// No text may cover another, or leave the picture, on a phone or a desktop, in any scene at any t.
func TestTextsDoNotOverlap(t *testing.T) {
	for _, size := range [][2]float64{{390, 600}, {390, 760}, {820, 600}, {845, 509}, {1440, 900}} {
		for _, row := range scene.Scenes {
			for _, at := range []float64{1, 4.37, 16, 64} {
				v, l, _ := newTestView(t, row.Name, size[0], size[1])
				if at > 16 {
					far := v.world.model
					far.TMax = at
					if err := v.Take(&far); err != nil {
						t.Fatal(err)
					}
				}
				v.follow(at, 0)
				apart(t, fmt.Sprintf("%s at %v, t = %v", row.Name, size, at), size, draw(v, l))
			}
		}
	}
}

// apart wants texts that neither cover one another nor leave a picture of the given size.
func apart(t *testing.T, what string, size [2]float64, boxes []paint.Box) {
	t.Helper()
	if len(boxes) < 8 {
		t.Fatalf("%s: only %d texts", what, len(boxes))
	}
	for i, a := range boxes {
		if a.Rect.X < 0 || a.Rect.Right() > size[0] || a.Rect.Y < 0 || a.Rect.Bottom() > size[1] {
			t.Errorf("%s: %q leaves the picture at %.0f", what, a.Text, a.Rect)
		}
		for _, b := range boxes[i+1:] {
			x := min(a.Rect.Right(), b.Rect.Right()) - max(a.Rect.X, b.Rect.X)
			y := min(a.Rect.Bottom(), b.Rect.Bottom()) - max(a.Rect.Y, b.Rect.Y)
			if x > 0.5 && y > 0.5 {
				t.Errorf("%s: %q covers %q", what, a.Text, b.Text)
			}
		}
	}
}

func TestDragMovesT(t *testing.T) {
	v, l, events := newTestView(t, scene.Trajectories, 1000, 700)
	draw(v, l)
	p := v.all[scene.Trajectories].(*trajectories)
	*events = nil
	y := p.plot.Y + 100
	v.PointerDown(1, paint.Point{X: p.x.Pixel(4), Y: y})
	v.PointerMove(1, paint.Point{X: p.x.Pixel(9.5), Y: y})
	v.follow(2, v.dragSeq) // nothing of the page's moves the cursor under the hand
	if math.Abs(v.T()-9.5) > 1e-9 {
		t.Errorf("t while dragging: got %v, want 9.5", v.T())
	}
	v.PointerMove(1, paint.Point{X: p.x.Pixel(40), Y: y})
	v.PointerUp(1, paint.Point{X: p.x.Pixel(40), Y: y}, false)
	if v.T() != 16 {
		t.Errorf("t dragged past the end: got %v, want 16", v.T())
	}
	var phases []scene.Phase
	for _, e := range *events {
		if d, ok := e.(*scene.Factor); ok {
			phases = append(phases, d.Phase)
		}
	}
	if want := []scene.Phase{scene.Grabbed, scene.Moved, scene.Moved, scene.LetGo}; !slices.Equal(phases, want) {
		t.Errorf("phases %v, want %v", phases, want)
	}
	for _, m := range []any{&scene.Factor{T: 9.5, Seq: v.dragSeq - 1}, &scene.State{T: 9.5, Seq: v.dragSeq - 1}} {
		// An echo of the drag that comes after the hand let go must not pull t back.
		if err := v.Take(m); err != nil || v.T() != 16 {
			t.Errorf("after a late %T: t = %v, %v", m, v.T(), err)
		}
	}
	if err := v.Take(&scene.Factor{T: 7, Seq: v.dragSeq}); err != nil || v.T() != 7 {
		t.Errorf("t = %v after the page, which knows where the hand let go, moved it to 7 (%v)", v.T(), err)
	}
}

// A pointer that touches a curve without going anywhere reads it and leaves t alone.
func TestTouchLeavesT(t *testing.T) {
	v, l, events := newTestView(t, scene.Trajectories, 1000, 700)
	draw(v, l)
	p := v.all[scene.Trajectories].(*trajectories)
	was := v.T()
	for i := range 20 {
		at := paint.Point{X: p.x.Pixel(2 + 0.6*float64(i)), Y: p.plot.Y + float64(i)*p.plot.H/20}
		*events = nil
		v.PointerDown(1, at)
		v.PointerMove(1, paint.Point{X: at.X + 2, Y: at.Y + 1})
		v.PointerUp(1, at, true)
		if v.T() != was || slices.ContainsFunc(*events, func(e any) bool { _, ok := e.(*scene.Factor); return ok }) {
			t.Fatalf("a touch at t = %.2f moved t from %v to %v", p.x.Value(at.X), was, v.T())
		}
	}
}

// A hint speaks of dragging t where a drag over the picture moves it, and nowhere else.
func TestHintsOfDraggingAreTrue(t *testing.T) {
	for _, row := range scene.Scenes {
		v, l, _ := newTestView(t, row.Name, 1000, 700)
		draw(v, l)
		moved := 0
		for i := range 66 {
			at := paint.Point{X: 60 + float64(i*131%880), Y: 60 + float64(i*97%580)}
			before := v.T()
			v.PointerDown(1, at)
			for k := 1; k <= 4; k++ {
				v.PointerMove(1, paint.Point{X: at.X + float64(k*20*(1-2*(i%2))), Y: at.Y})
			}
			v.PointerUp(1, paint.Point{X: at.X + float64(80*(1-2*(i%2))), Y: at.Y}, false)
			if v.T() != before {
				moved++
			}
		}
		if said := strings.Contains(row.Hint, "Drag to move t"); said != (moved > 0) {
			t.Errorf("%s: %d of 66 drags move t, and its hint is %q", row.Name, moved, row.Hint)
		}
	}
}

// Two texts never share a picture: what speaks of another text than the one that it was
// told of is dropped, and the curves of a text go with it.
func TestCurvesAreOfTheTextAtHand(t *testing.T) {
	v, l, _ := newTestView(t, scene.Losses, 1000, 700)
	for _, m := range []any{&scene.Text{Subject: 5, Tokens: []string{"a", "b"}}, &scene.Loss{Method: "rope", Subject: 4, NLL: []float32{9}},
		&scene.Loss{Method: "clex", Subject: 5, NLL: []float32{1}}, &scene.Loss{Method: "clex", Subject: 5, From: 1, NLL: []float32{2}}} {
		if err := v.Take(m); err != nil {
			t.Fatal(err)
		}
	}
	draw(v, l)
	var out bytes.Buffer
	if err := v.WriteCSV(&out, scene.Losses, scene.Story{}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][0] != "clex" || rows[2][2] != "2" || rows[2][3] != "2" {
		t.Errorf("the file of the curves: %v, %v", rows, err)
	}
}

// While t is dragged over the curves of many pairs, t alone is told; the pair when it is let go.
func TestDragTellsTAlone(t *testing.T) {
	v, l, events := newTestView(t, scene.Trajectories, 1000, 700)
	draw(v, l)
	p := v.all[scene.Trajectories].(*trajectories)
	at := func(i int) paint.Point {
		return paint.Point{X: p.x.Pixel(4 + float64(i)/10), Y: p.plot.Y + 20 + float64(i)*(p.plot.H-40)/60}
	}
	v.PointerMove(1, at(0))
	*events = nil
	v.PointerDown(1, at(0))
	pairs := map[int]bool{}
	for i := range 60 {
		v.PointerMove(1, at(i))
		pairs[p.pair] = true
	}
	for _, e := range *events {
		if _, ok := e.(*scene.Factor); !ok {
			t.Errorf("while t is dragged the picture tells %T", e)
		}
	}
	v.PointerUp(1, at(59), false)
	told := slices.ContainsFunc(*events, func(e any) bool { _, ok := e.(*scene.Hover); return ok })
	if len(pairs) < 4 || told != (p.pair >= 0) {
		t.Errorf("over %d pairs; let go at pair %d, told: %v", len(pairs), p.pair, told)
	}
}

func TestClickEnlargesHead(t *testing.T) {
	v, l, events := newTestView(t, scene.Attention, 600, 700)
	draw(v, l)
	p := v.all[scene.Attention].(*attention)
	at := paint.Point{X: p.corner.X + 2*p.step + 5, Y: p.corner.Y + p.row + 5}
	v.PointerMove(1, at)
	v.PointerDown(1, at)
	v.PointerUp(1, at, false)
	if s := v.world.state; s.Layer != 1 || s.Head != 2 {
		t.Fatalf("layer %d, head %d: want 1, 2", s.Layer, s.Head)
	}
	need := false
	for _, e := range *events {
		if n, ok := e.(*scene.Need); ok {
			need = n.Layer == 1 && n.Head == 2 && n.QueryTo == 96 && n.Rows == 96
		}
	}
	if !need {
		t.Error("24 cells for 96 tokens: no finer map was asked for")
	}
	draw(v, l)
	if !v.Key("Escape") || v.world.state.Layer != -1 {
		t.Error("Escape does not lead back to the grid")
	}
}

// What is zoomed shows the way back, which works; what is zoomed in one scene is whole in another.
func TestZoomHasAWayBack(t *testing.T) {
	for _, c := range []struct {
		scene  scene.Name
		plotOf func(*View) (plot paint.Rect, back *showAll, whole bool)
	}{
		{scene.Losses, func(v *View) (paint.Rect, *showAll, bool) {
			p := v.all[scene.Losses].(*losses)
			return p.plot, &p.back, p.window.Whole()
		}},
		{scene.Trajectories, func(v *View) (paint.Rect, *showAll, bool) {
			p := v.all[scene.Trajectories].(*trajectories)
			return p.plot, &p.back, p.zoomY.Whole()
		}},
		{scene.Attention, func(v *View) (paint.Rect, *showAll, bool) {
			p := v.all[scene.Attention].(*attention)
			return p.body, &p.unzoom, p.query.Whole()
		}},
	} {
		v, l, _ := newTestView(t, c.scene, 1000, 700)
		if c.scene == scene.Attention {
			v.world.state.Layer, v.world.state.Head = 1, 2
			v.Stale()
			v.layout()
		}
		draw(v, l)
		plot, back, whole := c.plotOf(v)
		if !whole || back.rect.W != 0 {
			t.Fatalf("%s is zoomed from the start", c.scene)
		}
		t0 := v.world.state.T
		for range 3 {
			v.Wheel(paint.Point{X: plot.X + 200, Y: plot.Y + 100}, 0, -120)
		}
		draw(v, l)
		if _, back, whole = c.plotOf(v); whole || back.rect.H < 24 {
			t.Fatalf("%s: the wheel does not zoom, or the way back is %v", c.scene, back.rect)
		}
		if first := v.proof[0].(*losses); first.window.High > 0 && !first.window.Whole() {
			t.Error("the overview is zoomed as well")
		}
		at := paint.Point{X: back.rect.X + back.rect.W/2, Y: back.rect.Y + back.rect.H/2}
		v.PointerDown(1, at)
		v.PointerUp(1, at, false)
		draw(v, l)
		if _, back, whole = c.plotOf(v); !whole || back.rect.W != 0 || v.world.state.T != t0 {
			t.Errorf("%s after the way back: whole %t, way %v, t from %v to %v", c.scene, whole, back.rect, t0, v.world.state.T)
		}
	}
}

func TestSmoothAgainstNaive(t *testing.T) {
	nats := []float32{1, 2, float32(math.NaN()), 4, 8, 16, 3}
	got := Smooth(nats, 2)
	for i := range nats {
		sum, n := 0.0, 0.0
		for k := max(i-1, 0); k <= min(i+1, len(nats)-1); k++ {
			if v := float64(nats[k]); !math.IsNaN(v) {
				sum, n = sum+v, n+1
			}
		}
		if math.IsNaN(float64(nats[i])) != math.IsNaN(got[i]) || !math.IsNaN(got[i]) && math.Abs(got[i]-sum/n) > 1e-9 {
			t.Errorf("at %d: got %v, want %v", i, got[i], sum/n)
		}
	}
}

// While t is dragged between hundredths the picture's label tells the length that the page tells of the t that both write, and what
// is let go stands at that t.
func TestOneRoundingOfT(t *testing.T) {
	v, l, events := newTestView(t, scene.Trajectories, 1000, 700)
	v.world.model.TMax = 64
	v.moveT(scene.Grabbed, 19.4319) // 256 × 19.4319 is 4,974.6
	draw(v, l)
	if got := v.world.tokens(); got != 4974 {
		t.Errorf("at t = 19.43 the picture tells %v tokens, want 4974", got)
	}
	v.moveT(scene.LetGo, v.T())
	if d, ok := (*events)[len(*events)-1].(*scene.Factor); !ok || v.T() != 19.43 || d.T != 19.43 {
		t.Errorf("let go at %v, told %+v; want 19.43", v.T(), (*events)[len(*events)-1])
	}
}

// Pointers and keys in any order, with any data missing, must not break a scene.
func TestAnythingGoes(t *testing.T) {
	for _, row := range scene.Scenes {
		name := row.Name
		full, l, _ := newTestView(t, name, 800, 600)
		bare := NewView(nil)
		bare.Resize(800, 600, l)
		bare.setState(scene.State{Theme: "light", Scene: name, T: math.NaN(), Layer: 3, Head: 3})
		for _, v := range []*View{full, bare} {
			for i := range 200 {
				p := paint.Point{X: float64(i * 37 % 800), Y: float64(i * 53 % 600)}
				switch i % 6 {
				case 0:
					v.PointerDown(i%3, p)
				case 1, 2:
					v.PointerMove(i%3, p)
				case 3:
					v.PointerUp(i%3, p, true)
				case 4:
					v.Wheel(p, 3, float64(i%200-100))
				case 5:
					v.Key([]string{"+", "-", "0", "ArrowUp", "ArrowLeft", "Escape"}[i/6%6])
				}
				draw(v, l)
			}
			if !(v.T() >= 1) {
				t.Errorf("%s: t = %v", name, v.T())
			}
		}
	}
}

func BenchmarkDragFrame(b *testing.B) {
	v, l, _ := newTestView(b, scene.Overview, 1440, 900)
	draw(v, l)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		v.moveT(scene.Moved, 1+float64(i%1500)/100)
		l.Reset(2)
		v.DrawFront(l)
	}
	b.ReportMetric(float64(len(l.Vertices)), "vertices")
}
