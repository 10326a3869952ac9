package viz

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"clexlab/viz/scene"
)

// element is one of an SVG, with the words in it.
type element struct {
	name  string
	attrs map[string]string
	words string
}

// elements reads an SVG as any program would.
func elements(t *testing.T, file []byte) (out []element) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(file))
	var open []int
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return out
		case err != nil:
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			e := element{x.Name.Local, map[string]string{}, ""}
			for _, a := range x.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			out, open = append(out, e), append(open, len(out))
		case xml.CharData:
			if len(open) > 0 {
				out[open[len(open)-1]].words += string(x)
			}
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
}

func (e element) number(t *testing.T, name string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(e.attrs[name], 64)
	if err != nil {
		t.Fatalf("%s of <%s>: %v", name, e.name, err)
	}
	return v
}

// Every scene as SVG is well formed, tells its story, and has words and lines; nothing in it is NaN.
func TestSVGOfEveryScene(t *testing.T) {
	for _, row := range scene.Scenes {
		v, l, events := newTestView(t, row.Name, 900, 600)
		draw(v, l)
		*events = nil
		file, err := v.SVG(row.Name, scene.Story{Caption: []string{"clexlab · a <caption> & more", "second line"}}, l.Type)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(file, []byte("NaN")) || bytes.Contains(file, []byte("Inf")) {
			t.Errorf("%s holds what is no number", row.Name)
		}
		count, words := map[string]int{}, ""
		for _, e := range elements(t, file) {
			count[e.name]++
			words += e.words + "\n"
		}
		if count["text"] < 8 || count["polyline"]+count["rect"] < 10 || !strings.Contains(words, "clexlab · a <caption> & more\n") || !strings.Contains(words, "second line\n") {
			t.Errorf("%s: %v", row.Name, count)
		}
		if row.Name == scene.Attention && count["image"] != 16 {
			t.Errorf("attention of 16 heads is %d images", count["image"])
		}
	}
}

// The curves of the loss lie where the file's own axis says: at a constant loss of 3 and of 5 nats.
func TestSVGCurvesLieOnTheirAxis(t *testing.T) {
	v, l, _ := newTestView(t, scene.Losses, 900, 600)
	want := map[string]float64{"clex": 3, "rope": 5}
	for method, nats := range want {
		c := &scene.Loss{Method: method, NLL: make([]float32, 4096)}
		for i := range c.NLL {
			c.NLL[i] = float32(nats)
		}
		if err := v.Take(c); err != nil {
			t.Fatal(err)
		}
	}
	s := v.world.state
	s.Shown, s.Beside = []string{"clex", "rope"}, ""
	if err := v.Take(&s); err != nil {
		t.Fatal(err)
	}
	draw(v, l)
	file, err := v.SVG(scene.Losses, scene.Story{}, l.Type)
	if err != nil {
		t.Fatal(err)
	}
	all := elements(t, file)
	// The axis, from the words at its left: a value's baseline is 0.35 em of 12 px below its place.
	at := map[float64]float64{}
	for _, e := range all {
		if v, err := strconv.ParseFloat(e.words, 64); e.name == "text" && err == nil && e.attrs["text-anchor"] == "end" {
			at[v] = e.number(t, "y") - 0.35*12
		}
	}
	a, okA := at[3]
	b, okB := at[4]
	if !okA || !okB {
		t.Fatalf("no values 3 and 4 on the axis: %v", at)
	}
	found := map[string]bool{}
	for _, e := range all {
		points := strings.Fields(e.attrs["points"])
		if e.name != "polyline" || len(points) < 100 {
			continue
		}
		for method, nats := range want {
			m := v.world.method(method)
			if c, err := strconv.ParseUint(e.attrs["stroke"][1:], 16, 32); err != nil || math.Abs(float64(c>>16)-255*float64(m.Color.R)) > 1 || math.Abs(float64(c&255)-255*float64(m.Color.B)) > 1 {
				continue
			}
			found[method] = true
			for _, p := range points {
				_, y, _ := strings.Cut(p, ",")
				if got, err := strconv.ParseFloat(y, 64); err != nil || math.Abs(got-(a+(nats-3)*(b-a))) > 0.1 {
					t.Fatalf("%s at %g nats lies at %s, the axis says %.2f", method, nats, y, a+(nats-3)*(b-a))
				}
			}
		}
	}
	if len(found) != 2 {
		t.Errorf("curves of %v, want of both", found)
	}
}

// Paper is white whatever the screen is, and the screen is as it was after it.
func TestPaperIsLight(t *testing.T) {
	for _, row := range scene.Scenes {
		v, l, _ := newTestView(t, row.Name, 390, 300)
		s := v.world.state
		s.Theme = "dark"
		if err := v.Take(&s); err != nil {
			t.Fatal(err)
		}
		draw(v, l)
		before, err := v.SVG(row.Name, scene.Story{}, l.Type)
		if err != nil {
			t.Fatal(err)
		}
		file, err := v.Paper(l.Type)
		if err != nil {
			t.Fatal(err)
		}
		all := elements(t, file)
		ground := all[2] // after svg and title
		for _, e := range all {
			if e.name == "rect" && e.attrs["fill"] != "" {
				ground = e
				break
			}
		}
		if ground.attrs["fill"] != "#ffffff" || ground.number(t, "width") != paperWidth {
			t.Errorf("%s lies on %v", row.Name, ground.attrs)
		}
		after, err := v.SVG(row.Name, scene.Story{}, l.Type)
		if err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s is another picture on the screen after it was printed (%v)", row.Name, err)
		}
	}
}
