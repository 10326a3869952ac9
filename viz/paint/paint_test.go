package paint

import (
	"math"
	"testing"

	"golang.org/x/image/font/gofont/goregular"
)

func list(t *testing.T) *List {
	t.Helper()
	kind, err := NewTypesetter(goregular.TTF, goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	l := &List{Type: kind}
	l.Reset(2)
	return l
}

// covered is the alpha-weighted area of all triangles, in device pixels.
func covered(l *List) float64 {
	sum := 0.0
	for i := 0; i+2 < len(l.Indices); i += 3 {
		a, b, c := l.Vertices[l.Indices[i]], l.Vertices[l.Indices[i+1]], l.Vertices[l.Indices[i+2]]
		area := math.Abs(float64((b.DstX-a.DstX)*(c.DstY-a.DstY)-(c.DstX-a.DstX)*(b.DstY-a.DstY))) / 2
		sum += area * float64(a.ColorA+b.ColorA+c.ColorA) / 3
	}
	return sum
}

// Feathering must not change how much a shape covers: area of the ideal shape in device pixels (scale 2).
func TestCoverage(t *testing.T) {
	black := Color{A: 1}
	for name, c := range map[string]struct {
		draw      func(l *List)
		want, tol float64
	}{
		"line":     {func(l *List) { l.Line([]Point{{10, 10}, {110, 10}}, 3, black) }, 200 * 6, 0.01},
		"hair":     {func(l *List) { l.Line([]Point{{10, 10}, {110, 10}}, 0.25, black) }, 200 * 0.5, 0.01},
		"disc":     {func(l *List) { l.Disc(Point{50, 50}, 20, black) }, math.Pi * 40 * 40, 0.01},
		"rect":     {func(l *List) { l.Fill(Rect{0, 0, 10, 20}, black) }, 20 * 40, 1e-6},
		"dashed":   {func(l *List) { l.Dashed([]Point{{0, 10}, {120, 10}}, 2, []float64{6, 6}, black) }, 120 * 4, 0.01},
		"sharp":    {func(l *List) { l.Line([]Point{{0, 0}, {50, 100}, {100, 0}}, 2, black) }, 2 * 2 * math.Hypot(50, 100) * 4, 0.05},
		"bad dash": {func(l *List) { l.Dashed([]Point{{0, 10}, {120, 10}}, 2, []float64{0, 0, -1}, black) }, 240 * 4, 0.01},
	} {
		l := list(t)
		c.draw(l)
		if got := covered(l); math.Abs(got/c.want-1) > c.tol {
			t.Errorf("%s: covers %v device pixels, want %v", name, got, c.want)
		}
	}
}

func TestTextWidthIsTheSumOfParts(t *testing.T) {
	l := list(t)
	s := Style{Size: 12}
	if a, b := l.Measure("wavelength 12", s), l.Measure("wavelength", s)+l.Measure(" 12", s); math.Abs(a-b) > 1e-6 || a < 40 {
		t.Errorf("width %v, parts %v", a, b)
	}
	before := len(l.Vertices)
	l.Text(5, 20, "ab c", s, 0.5, Color{A: 1})
	if got := len(l.Vertices) - before; got != 12 {
		t.Errorf("three letters and a space: %d vertices, want 12", got)
	}
}

// A full atlas starts over and still draws.
func TestAtlasStartsOver(t *testing.T) {
	l := list(t)
	start := l.Type.Generation
	for size := 10.0; size < 200; size += 3 {
		l.Text(0, 100, "abcdefghijklmnopqrstuvwxyz", Style{Size: size}, 0, Color{A: 1})
	}
	if l.Type.Generation == start {
		t.Error("the atlas never started over")
	}
}

func TestParseColor(t *testing.T) {
	if c, err := ParseColor("#ff8000"); err != nil || c != RGB(255, 128, 0) {
		t.Errorf("got %v, %v", c, err)
	}
	for _, bad := range []string{"", "red", "#12345", "#12345g", "1234567"} {
		if _, err := ParseColor(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestClipMakesOperations(t *testing.T) {
	l := list(t)
	l.Fill(Rect{0, 0, 1, 1}, Color{A: 1})
	l.Clip(Rect{0, 0, 5, 5})
	l.Fill(Rect{0, 0, 1, 1}, Color{A: 1})
	l.Fill(Rect{1, 1, 1, 1}, Color{A: 1})
	l.Unclip()
	l.Fill(Rect{0, 0, 1, 1}, Color{A: 1})
	if len(l.Ops) != 3 || l.Ops[1].Count != 12 || !l.Ops[1].Clipped || l.Ops[2].Clipped {
		t.Errorf("operations %+v", l.Ops)
	}
}
