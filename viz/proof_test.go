package viz

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// stages are the sizes that the page's first screen gives its picture: on 1440 × 900, 1024 × 768, 390 × 844, 844 × 390 and 720 × 450.
var stages = [][2]float64{{845, 542}, {547, 335}, {390, 186}, {451, 167}, {385, 227}}

// proven is the first look with five methods drawn and the maps of both that it compares, as SVG.
func proven(t *testing.T, size [2]float64) (v *View, boxes []paint.Box, all []element) {
	t.Helper()
	v, l, _ := newTestView(t, scene.Overview, size[0], size[1])
	other := *v.world.maps.all["clex"]
	other.Method = "rope"
	if err := v.Take(&other); err != nil {
		t.Fatal(err)
	}
	boxes = draw(v, l)
	file, err := v.SVG("", scene.Story{}, l.Type)
	if err != nil {
		t.Fatal(err)
	}
	return v, boxes, elements(t, file)
}

// inked reports whether an element's stroke or fill is a colour.
func inked(e element, name string, c paint.Color) bool {
	v, err := strconv.ParseUint(strings.TrimPrefix(e.attrs[name], "#"), 16, 32)
	near := func(a uint64, b float32) bool { return math.Abs(float64(a)-255*float64(b)) <= 1 }
	return err == nil && near(v>>16, c.R) && near(v>>8&255, c.G) && near(v&255, c.B)
}

// reach is from where to where a polyline goes.
func reach(t *testing.T, e element) (points int, from, to paint.Point) {
	t.Helper()
	for i, p := range strings.Fields(e.attrs["points"]) {
		a, b, _ := strings.Cut(p, ",")
		x, err := strconv.ParseFloat(a, 64)
		y, also := strconv.ParseFloat(b, 64)
		if err != nil || also != nil {
			t.Fatalf("a point %q", p)
		}
		if to = (paint.Point{X: x, Y: y}); i == 0 {
			from = to
		}
		points++
	}
	return points, from, to
}

// The first look draws both curves over the whole text and no other method's, with their names, the end of the trained window
// with its words, and under each method's name its maps, which are square.
func TestFirstLookIsWhole(t *testing.T) {
	for _, size := range stages {
		v, boxes, all := proven(t, size)
		loss := v.proof[0].(*losses)
		ends := map[string]paint.Point{}
		mark := false
		for _, e := range all {
			if e.name != "polyline" {
				continue
			}
			points, from, to := reach(t, e)
			for i := range v.world.methods {
				m := &v.world.methods[i]
				if points < 20 || !inked(e, "stroke", m.Color) {
					continue
				}
				if to.X-from.X < 0.97*loss.plot.W {
					t.Errorf("%v: the curve of %s goes from %.0f to %.0f of a plot of %.0f", size, m.Name, from.X, to.X, loss.plot.W)
				}
				ends[m.Name] = to
			}
			mark = mark || e.attrs["stroke-dasharray"] != "" && inked(e, "stroke", v.world.theme.Ink) && math.Abs(from.X-loss.x.Pixel(256)) < 0.1 && from.X == to.X && math.Abs(math.Abs(to.Y-from.Y)-loss.plot.H) < 0.1
		}
		if _, ok := ends["clex"]; len(ends) != 2 || !ok || ends["rope"].X == 0 {
			t.Errorf("%v: curves of %v, want of clex and rope", size, ends)
		}
		if !mark {
			t.Errorf("%v: no line at the end of the trained window", size)
		}
		checkNames(t, v, size, boxes, ends)
		checkOwners(t, v, size, boxes, all)
	}
}

// checkNames wants each curve's name at its end, or above the plot where there is no room, and the window's words at its mark.
func checkNames(t *testing.T, v *View, size [2]float64, boxes []paint.Box, ends map[string]paint.Point) {
	t.Helper()
	loss := v.proof[0].(*losses)
	words := false
	for _, b := range boxes {
		words = words || b.Text == "trained window, 256" && b.Rect.X > loss.x.Pixel(256) && b.Rect.X < loss.x.Pixel(256)+12 && b.Rect.Y > loss.plot.Y && b.Rect.Bottom() < loss.plot.Bottom()
	}
	if words == loss.narrow() {
		t.Errorf("%v: the trained window's words are there: %t", size, words)
	}
	for _, name := range []string{"clex", "rope"} {
		label, found := v.world.method(name).Label, false
		for _, b := range boxes {
			at := paint.Point{X: b.Rect.X, Y: b.Rect.Y + b.Rect.H/2}
			if loss.narrow() {
				found = found || b.Text == label && loss.rect.Contains(at) && at.Y < loss.plot.Y
			} else {
				found = found || b.Text == label && at.X > loss.plot.Right() && at.X < loss.plot.Right()+20 && math.Abs(at.Y-ends[name].Y) < 20
			}
		}
		if !found {
			t.Errorf("%v: no name at the curve of %s, which ends at %.0f", size, label, ends[name])
		}
	}
}

// checkOwners wants the maps of each method in a square beneath its name, and no other maps.
func checkOwners(t *testing.T, v *View, size [2]float64, boxes []paint.Box, all []element) {
	t.Helper()
	side := v.proof[1].(*sideBySide)
	var images []paint.Rect
	for _, e := range all {
		if e.name == "image" {
			images = append(images, paint.Rect{X: e.number(t, "x"), Y: e.number(t, "y"), W: e.number(t, "width"), H: e.number(t, "height")})
		}
	}
	count := 0
	for i, name := range []string{"clex", "rope"} {
		label := v.world.method(name).Label
		var owner paint.Rect
		for _, b := range boxes {
			if strings.HasPrefix(b.Text, label) && side.rect.Contains(paint.Point{X: b.Rect.X, Y: b.Rect.Y}) {
				owner = b.Rect
			}
		}
		if owner.W == 0 {
			t.Errorf("%v: no map is named %s", size, label)
			continue
		}
		// Its maps are those below the name, as far as they go without another name between.
		var square paint.Rect
		for _, r := range images {
			if !side.halves[i].square.Inset(-1).Contains(paint.Point{X: r.X + r.W/2, Y: r.Y + r.H/2}) {
				continue
			}
			if math.Abs(r.W-r.H) > 0.5 {
				t.Errorf("%v: a map of %s is %.1f × %.1f", size, label, r.W, r.H)
			}
			if count++; square.W == 0 {
				square = r
			}
			square = paint.Rect{X: min(square.X, r.X), Y: min(square.Y, r.Y), W: max(square.Right(), r.Right()) - min(square.X, r.X), H: max(square.Bottom(), r.Bottom()) - min(square.Y, r.Y)}
		}
		what := fmt.Sprintf("%v: the maps of %s at %.0f", size, label, square)
		if square.W < 60 || math.Abs(square.W-square.H) > 1 {
			t.Errorf("%s are no square of 60 pixels", what)
		}
		if square.X < side.rect.X-1 || square.Right() > size[0] || square.Bottom() > size[1] {
			t.Errorf("%s leave their place", what)
		}
		if owner.Bottom() > square.Y || square.Y-owner.Bottom() > 12 || owner.X < square.X || owner.Right() > min(square.Right()+10, size[0]) {
			t.Errorf("%s: their name lies at %.0f", what, owner)
		}
	}
	if count != 32 && count != 2 {
		t.Errorf("%v: %d maps, want every head or one of both methods", size, count)
	}
	if count != len(images) {
		t.Errorf("%v: %d of %d maps are of the two methods", size, count, len(images))
	}
}
