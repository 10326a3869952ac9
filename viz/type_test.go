package viz

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// largeStages are the sizes that the page gives its picture where type is large: at 20, 24 and 32 pixels on 1440 × 900 and 390 × 844.
var largeStages = [][2]float64{{845, 509}, {770, 383}, {770, 523}, {770, 672}, {390, 520}, {390, 287}}

// typed is a view of the first look's methods, or of one enlarged head, for a reader whose type is so much larger than usual.
func typed(t *testing.T, name scene.Name, head bool, size [2]float64, kind float64) (*View, *paint.List) {
	t.Helper()
	v, l, _ := newTestView(t, name, size[0], size[1])
	maps := *v.world.maps.all["clex"]
	maps.Bins, maps.Distances = 6, []float32{1, 2, 4, 16, 64, 90}
	maps.Profile = make([]float32, 16*6)
	for i := range maps.Profile {
		maps.Profile[i] = 1 / float32(1+i%6)
	}
	other := maps
	other.Method = "rope"
	state := v.world.state
	if head {
		state.Layer, state.Head = 1, 2
	}
	for _, m := range []any{&maps, &other, &state} {
		if err := v.Take(m); err != nil {
			t.Fatal(err)
		}
	}
	v.SetType(kind)
	return v, l
}

// With type of any size words lie apart and within the picture, none is cut, and what they are about keeps room.
func TestLargeTypeKeepsApart(t *testing.T) {
	for _, size := range largeStages {
		for _, row := range scene.Scenes {
			for _, head := range []bool{false, true} {
				for _, kind := range []float64{1.25, 1.5, 2, 3} {
					v, l := typed(t, row.Name, head, size, kind)
					what := fmt.Sprintf("%s at %v, type %g, one head %t, shown %.2f", row.Name, size, kind, head, v.world.theme.Scale)
					boxes := draw(v, l)
					apart(t, what, size, boxes)
					for _, b := range boxes {
						if v.world.theme.Scale > 1 && strings.HasSuffix(b.Text, "…") {
							t.Errorf("%s: %q is cut", what, b.Text)
						}
					}
					for _, p := range v.panels {
						if v.world.theme.Scale > 1 && p.panel.cramped() {
							t.Errorf("%s: no room is left", what)
						}
					}
				}
			}
		}
	}
}

// Type of twice the usual size is drawn at twice the size, or near it, where there is room. Five grids of recall need more.
func TestLargeTypeIsLarge(t *testing.T) {
	for _, size := range largeStages {
		for _, row := range scene.Scenes {
			for _, head := range []bool{false, true} {
				v, l := typed(t, row.Name, head, size, 2)
				least := 1.4
				switch {
				case row.Recall && size[0] < 600, size[0] < 600 && size[1] < 500:
					least = 1
				case row.Recall, size[1] < 500:
					least = 1.25
				}
				height := 0.0
				for _, b := range draw(v, l) {
					height = max(height, b.Rect.H)
				}
				v.SetType(1)
				usual := 0.0
				for _, b := range draw(v, l) {
					usual = max(usual, b.Rect.H)
				}
				if height < least*usual || height > 2*usual+1e-9 {
					t.Errorf("%s at %v, one head %t: words are %.2f times as large, want %g at least", row.Name, size, head, height/usual, least)
				}
			}
		}
	}
}

// A file is as it is with usual type, and the screen has its type again after it; less than usual, and nonsense, change nothing.
func TestFilesHaveUsualType(t *testing.T) {
	for _, row := range scene.Scenes {
		v, l := typed(t, row.Name, false, [2]float64{770, 523}, 1)
		draw(v, l)
		if v.world.live != nil {
			v.world.live.Took = 0 // a time differs from solve to solve
		}
		file := func() []byte {
			t.Helper()
			f, err := v.SVG("", scene.Story{Caption: []string{"a caption"}}, l.Type)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		usual, height := file(), v.CaptionHeight(l, []string{"a caption"}, 770)
		for _, size := range []float64{2, 0.5, -1, 0, math.NaN(), math.Inf(1)} {
			v.SetType(size)
			large := draw(v, l)
			if !bytes.Equal(file(), usual) || v.CaptionHeight(l, []string{"a caption"}, 770) != height {
				t.Errorf("%s: the file follows type of %g", row.Name, size)
			}
			if after := draw(v, l); !reflect.DeepEqual(after, large) {
				t.Errorf("%s: after a file the screen's words of type %g are others", row.Name, size)
			}
			if grown := v.world.theme.Scale > 1; grown != (size > 1) {
				t.Errorf("%s: type of %g is drawn at %g", row.Name, size, v.world.theme.Scale)
			}
		}
	}
}

// A card's words break into rows within the picture, its swatches before the first row of each line.
func TestCardBreaks(t *testing.T) {
	v, l := typed(t, scene.Losses, false, [2]float64{390, 520}, 2)
	draw(v, l)
	p := v.all[scene.Losses].(*losses)
	v.PointerMove(1, paint.Point{X: p.plot.X + p.plot.W/2, Y: p.plot.Y + p.plot.H/2})
	words, card := "", false
	for _, b := range draw(v, l) {
		if card = card || strings.HasPrefix(b.Text, "token "); card {
			words += b.Text + " "
			if b.Rect.X < 0 || b.Rect.Right() > 390 || b.Rect.Y < 0 || b.Rect.Bottom() > 520 {
				t.Errorf("%q leaves the picture at %.0f", b.Text, b.Rect)
			}
		}
	}
	if !strings.Contains(words, "CLEX: ") || !strings.Contains(words, " nats around here (perplexity ") || strings.Count(words, "this token") != 5 {
		t.Errorf("the card says %q", words)
	}
}
