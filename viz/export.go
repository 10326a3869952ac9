package viz

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// WriteCSV writes a scene's data with the story of where it comes from in every row; "" is the
// scene shown. The overview is its losses, and attention while the overview is shown the maps of both its methods: they
// are a hundred thousand rows of other columns, among which a few thousand losses would be lost.
func (v *View) WriteCSV(out io.Writer, name scene.Name, story scene.Story) error {
	if name == "" {
		name = v.world.state.Scene
	}
	p, ok := v.all[name]
	switch {
	case name == scene.Overview:
		p, ok = v.proof[0], true
	case name == scene.Attention && v.world.state.Scene == scene.Overview:
		p = v.proof[1]
	}
	if !ok {
		return fmt.Errorf("viz: no scene is called %q", name)
	}
	rows := p.table()
	method := slices.Index(rows[0], "method")
	rows[0] = append(slices.Clip(rows[0]), "model", "weights", "text", "tokens", "seed", "prompt", "version")
	tokens := ""
	if story.Tokens > 0 {
		tokens = strconv.Itoa(story.Tokens)
	}
	for i := range rows[1:] {
		row := rows[i+1]
		weights := ""
		if method >= 0 {
			weights = story.Weights[row[method]]
		}
		rows[i+1] = append(row, story.Model, weights, story.Text, tokens, story.Seed, story.Prompt, story.Version)
	}
	return csv.NewWriter(out).WriteAll(rows)
}

// Size of a picture on paper in CSS pixels: about what a sheet is wide, so that type has its size.
const (
	paperWidth  = 760
	paperHeight = 500
)

// Paper is the scene shown as SVG for a sheet of paper, in ink on white and without a caption, which the page sets beneath it.
func (v *View) Paper(kind *paint.Typesetter) ([]byte, error) {
	w := &v.world
	theme, shown, width, height := w.theme, w.state.Theme, v.width, v.height
	w.state.Theme, v.width, v.height = "light", paperWidth, paperHeight
	w.theme = themeOf(false, false)
	w.theme.Background = paint.RGB(255, 255, 255)
	w.methods = methods(&w.state)
	defer func() {
		w.theme, w.state.Theme, v.width, v.height = theme, shown, width, height
		w.methods = methods(&w.state)
		v.layout()
	}()
	return v.SVG("", scene.Story{}, kind)
}

// SVG is a scene as a file of shapes and words, at the size shown, with the lines of its caption beneath it.
func (v *View) SVG(name scene.Name, story scene.Story, kind *paint.Typesetter) ([]byte, error) {
	if !(v.width >= 1 && v.height >= 1) {
		return nil, fmt.Errorf("viz: the picture has no size yet: want it to be seen first")
	}
	l := &paint.List{Type: kind, Vector: &paint.Vector{}}
	// Hairlines are a device pixel wide: half a CSS pixel here.
	l.Reset(2)
	v.DrawScene(name, v.width, v.height, story.Caption, l)()
	title := "clexlab"
	if len(story.Caption) > 0 {
		title = strings.Join(story.Caption, " ")
	}
	return l.Vector.SVG(v.width, v.height+v.CaptionHeight(l, story.Caption, v.width), title), nil
}

// number writes v so that it reads back exactly to seven digits.
func number(v float64) string { return strconv.FormatFloat(v, 'g', 7, 64) }
