package viz

import (
	"bytes"
	"encoding/csv"
	"math"
	"strconv"
	"testing"

	"clexlab/clex"
	"clexlab/viz/lettering"
	"clexlab/viz/paint"
)

// newTestView is a view of a small model with every kind of data.
func newTestView(tb testing.TB, scene Scene, width, height float64) (*View, *paint.List, *[]Event) {
	tb.Helper()
	kind, err := paint.NewType(lettering.Regular, lettering.Bold)
	if err != nil {
		tb.Fatal(err)
	}
	l := &paint.List{Type: kind}
	l.Reset(2)
	events := new([]Event)
	v := NewView(func(e Event) { *events = append(*events, e) })
	v.Resize(width, height, l)
	v.SetModel(Model{Rotary: clex.Rotary{HeadDim: 32, Dims: 32, Base: 10000, Window: 256}, Layers: 4, Heads: 4})
	s := State{Theme: DarkTheme, Scene: scene, T: 4, TMax: 16, Active: "clex", Layer: -1, Head: -1, Token: -1, Perplexity: true, Marks: true, Field: true}
	for i, name := range []string{"clex", "rope", "pi", "ntk", "yarn"} {
		s.Methods = append(s.Methods, Method{Name: name, Label: []string{"CLEX", "Plain RoPE", "PI", "NTK-aware", "YaRN"}[i], Color: DarkTheme.Accent, Shown: true})
		nats := make([]float32, 4096)
		for k := range nats {
			nats[k] = 2 + float32(math.Sin(float64(k*(i+1))))
		}
		v.SetLoss(LossCurve{Method: name, NLL: nats})
		v.SetRecall(RecallGrid{Method: name, Lengths: []int{128, 256, 512, 1024, 2048, 4096}, Depths: []float64{0, .5, 1}, Right: make([]float32, 18)})
	}
	v.SetState(s)
	const n = 24
	m := &Maps{Method: "clex", T: 4, Layer: -1, Head: -1, Layers: 4, Heads: 4, QueryTo: 96, KeyTo: 96, Rows: n, Cols: n, Max: make([]float32, 16*n*n)}
	for i := range m.Max {
		if i%n > i/n%n {
			m.Max[i] = -1
		} else {
			m.Max[i] = float32(i%7) / 7
		}
	}
	v.SetMaps(m)
	return v, l, events
}

func draw(v *View, l *paint.List) []paint.Box {
	var boxes []paint.Box
	l.Reset(2)
	l.Boxes = &boxes
	v.DrawBack(l)
	v.DrawFront(l)
	l.Boxes = nil
	return boxes
}

// No text may cover another, or leave the picture, on a phone or a desktop, in any scene at any t.
func TestTextsDoNotOverlap(t *testing.T) {
	for _, size := range [][2]float64{{390, 600}, {390, 760}, {820, 600}, {1440, 900}} {
		for _, scene := range []Scene{Overview, Trajectories, Spectrum, Attention, Loss, Recall} {
			if scene == Overview && size[0] < 700 {
				continue // the page shows phones one scene at a time
			}
			for _, at := range []float64{1, 4.37, 16} {
				v, l, _ := newTestView(t, scene, size[0], size[1])
				s := v.world.state
				s.T = at
				v.SetState(s)
				boxes := draw(v, l)
				if len(boxes) < 8 {
					t.Fatalf("%s at %v: only %d texts", scene, size, len(boxes))
				}
				for i, a := range boxes {
					if a.Rect.X < 0 || a.Rect.Right() > size[0] || a.Rect.Y < 0 || a.Rect.Bottom() > size[1] {
						t.Errorf("%s at %v, t = %v: %q leaves the picture at %.0f", scene, size, at, a.Text, a.Rect)
					}
					for _, b := range boxes[i+1:] {
						x := min(a.Rect.Right(), b.Rect.Right()) - max(a.Rect.X, b.Rect.X)
						y := min(a.Rect.Bottom(), b.Rect.Bottom()) - max(a.Rect.Y, b.Rect.Y)
						if x > 0.5 && y > 0.5 {
							t.Errorf("%s at %v, t = %v: %q covers %q", scene, size, at, a.Text, b.Text)
						}
					}
				}
			}
		}
	}
}

func TestDragMovesT(t *testing.T) {
	v, l, events := newTestView(t, Trajectories, 1000, 700)
	draw(v, l)
	p := v.all[Trajectories].(*trajectories)
	*events = nil
	y := p.plot.Y + 100
	v.PointerDown(1, paint.Point{X: p.x.Pixel(4), Y: y})
	v.PointerMove(1, paint.Point{X: p.x.Pixel(9.5), Y: y})
	s := v.world.state
	s.T = 2
	v.SetState(s) // a late answer of the page must not pull the cursor back
	if math.Abs(v.T()-9.5) > 1e-9 {
		t.Errorf("t while dragging: got %v, want 9.5", v.T())
	}
	v.PointerMove(1, paint.Point{X: p.x.Pixel(40), Y: y})
	v.PointerUp(1, paint.Point{X: p.x.Pixel(40), Y: y}, false)
	if v.T() != 16 {
		t.Errorf("t dragged past the end: got %v, want 16", v.T())
	}
	var phases string
	for _, e := range *events {
		if d, ok := e.(DragEvent); ok {
			phases += d.Phase + " "
		}
	}
	if phases != "start move move end " {
		t.Errorf("phases %q", phases)
	}
}

func TestClickEnlargesHead(t *testing.T) {
	v, l, events := newTestView(t, Attention, 600, 700)
	draw(v, l)
	p := v.all[Attention].(*attention)
	at := paint.Point{X: p.corner.X + 2*p.step + 5, Y: p.corner.Y + p.row + 5}
	v.PointerMove(1, at)
	v.PointerDown(1, at)
	v.PointerUp(1, at, false)
	if s := v.world.state; s.Layer != 1 || s.Head != 2 {
		t.Fatalf("layer %d, head %d: want 1, 2", s.Layer, s.Head)
	}
	need := false
	for _, e := range *events {
		if n, ok := e.(NeedEvent); ok {
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

func TestPool(t *testing.T) {
	src := []float32{1, -1, 3, 5, 2, 4, 6, 8}
	for _, c := range []struct {
		mean bool
		want []float32
	}{{false, []float32{4, 8}}, {true, []float32{7.0 / 3, 5.5}}} {
		got := make([]float32, 2)
		pool(got, src, 2, 4, 1, 2, c.mean)
		for i := range got {
			if math.Abs(float64(got[i]-c.want[i])) > 1e-6 {
				t.Errorf("mean %v: got %v, want %v", c.mean, got, c.want)
			}
		}
	}
	got := []float32{0}
	pool(got, []float32{-1, -1, -1, -1}, 2, 2, 1, 1, true)
	if got[0] != -1 {
		t.Errorf("a tile of the future: got %v, want -1", got[0])
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

// The file of a picture holds the numbers clex computes.
func TestCSV(t *testing.T) {
	v, l, _ := newTestView(t, Spectrum, 1000, 700)
	draw(v, l)
	var out bytes.Buffer
	if err := v.WriteCSV(&out, ""); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	scheme, err := clex.New("clex", v.world.model.Rotary, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var e clex.Encoding
	if err := scheme.Encode(&e, 4, 0); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, r := range rows {
		if r[0] != "clex" {
			continue
		}
		pair, _ := strconv.Atoi(r[2])
		theta, _ := strconv.ParseFloat(r[3], 64)
		if math.Abs(theta/e.InvFreq[pair]-1) > 1e-4 {
			t.Errorf("pair %d: got %v, want %v", pair, theta, e.InvFreq[pair])
		}
		found++
	}
	if found != 16 {
		t.Errorf("%d rows of CLEX, want 16", found)
	}
	for _, scene := range []Scene{Overview, Trajectories, Attention, Loss, Recall} {
		if err := v.WriteCSV(&out, scene); err != nil {
			t.Errorf("%s: %v", scene, err)
		}
	}
	if v.WriteCSV(&out, "nonsense") == nil {
		t.Error("an unknown scene is accepted")
	}
}

// Pointers and keys in any order, with any data missing, must not break a scene.
func TestAnythingGoes(t *testing.T) {
	for _, scene := range []Scene{Overview, Trajectories, Spectrum, Attention, Loss, Recall} {
		full, l, _ := newTestView(t, scene, 800, 600)
		bare := NewView(nil)
		bare.Resize(800, 600, l)
		bare.SetState(State{Theme: LightTheme, Scene: scene, T: math.NaN(), Layer: 3, Head: 3})
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
				t.Errorf("%s: t = %v", scene, v.T())
			}
		}
	}
}

func BenchmarkDragFrame(b *testing.B) {
	v, l, _ := newTestView(b, Overview, 1440, 900)
	draw(v, l)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		v.moveT("move", 1+float64(i%1500)/100)
		l.Reset(2)
		v.DrawFront(l)
	}
	b.ReportMetric(float64(len(l.Vertices)), "vertices")
}
