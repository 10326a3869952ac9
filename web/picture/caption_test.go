package picture

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"clexlab/viz"
	"clexlab/viz/fonts"
	"clexlab/viz/paint"
	"clexlab/viz/scene"
	"clexlab/web/state"
)

// told5 is a page with five methods on weights of their own, two tuned at one factor, and a text of 1,024 tokens written here.
func told5(t *testing.T) *state.State {
	t.Helper()
	s := opened(1024)
	s.Models[0].Name = "tiny-tales-2m"
	s.Models[0].TMax = 64
	s.Models[0].Tuned = map[string]state.Weights{"rope": {Name: "base"}, "pi": {Name: "pi", Factor: 64}, "ntk": {Name: "ntk", Factor: 64}, "yarn": {Name: "yarn", Factor: 64}}
	s.Shown = []string{"clex", "rope", "pi", "ntk", "yarn"}
	s.Beside, s.Probe.Methods = "yarn", s.Shown
	return s
}

// What a picture that is saved says of itself stands beneath it whole, word for word, at every width: of the book and of a text
// that was written here, in usual and in large type.
func TestCaptionsAreWhole(t *testing.T) {
	kind, err := paint.NewTypesetter(fonts.Regular, fonts.Bold)
	if err != nil {
		t.Fatal(err)
	}
	for _, large := range []bool{false, true} {
		for _, on := range []state.Subject{state.OnBook, state.OnText} {
			s := told5(t)
			s.On, s.Large = on, large
			for _, row := range scene.Scenes {
				s.Scene = row.Name
				caption := s.Story("https://a.example/", "2026-11-28 2b455a2").Caption
				for _, width := range []float64{390, 547, 813} {
					const height = 560
					name := fmt.Sprintf("%s of %q at %v, large %t", row.Name, on, width, large)
					boxes, tall := captioned(t, s, kind, caption, width, height)
					checkCaption(t, name, boxes, caption, width, height, tall)
				}
			}
		}
	}
}

// captioned draws a scene with its caption, and returns the texts and the height of all.
func captioned(t *testing.T, s *state.State, kind *paint.Typesetter, caption []string, width, height float64) (boxes []paint.Box, tall float64) {
	t.Helper()
	l := &paint.List{Type: kind}
	l.Reset(2)
	v := viz.NewView(nil)
	v.Resize(width, height, l)
	told := newTold()
	told.Hello()
	told.Show(s, true)
	messages, _ := told.take(t)
	nats := make([]float32, 1024)
	for i := range nats {
		nats[i] = 3 + float32(math.Sin(float64(i)/9))
	}
	id, _, _, _ := s.Subject()
	messages = append(messages, &scene.Loss{Method: "clex", Subject: id, NLL: nats}, &scene.Loss{Method: "yarn", Subject: id, NLL: nats})
	for _, m := range messages {
		if err := v.Take(m); err != nil {
			t.Fatal(err)
		}
	}
	l.Boxes = &boxes
	v.DrawScene(s.Scene, width, height, caption, l)()
	return boxes, height + v.CaptionHeight(l, caption, width)
}

func checkCaption(t *testing.T, name string, boxes []paint.Box, caption []string, width, height, tall float64) {
	t.Helper()
	var words []string
	for i, a := range boxes {
		if a.Rect.Y < height {
			continue
		}
		words = append(words, strings.Fields(a.Text)...)
		if a.Rect.X < 0 || a.Rect.Right() > width || a.Rect.Bottom() > tall {
			t.Errorf("%s: %q leaves the picture at %.0f", name, a.Text, a.Rect)
		}
		for _, b := range boxes[:i] {
			x := min(a.Rect.Right(), b.Rect.Right()) - max(a.Rect.X, b.Rect.X)
			y := min(a.Rect.Bottom(), b.Rect.Bottom()) - max(a.Rect.Y, b.Rect.Y)
			if x > 0.5 && y > -0.4*a.Rect.H { // letters reach below their line
				t.Errorf("%s: %q touches %q", name, a.Text, b.Text)
			}
		}
	}
	if got, want := strings.Join(words, " "), strings.Join(strings.Fields(strings.Join(caption, " ")), " "); got != want {
		t.Errorf("%s: beneath the picture stands\n%q, want\n%q", name, got, want)
	}
}
