package viz

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"

	"clexlab/viz/scene"
)

// WriteCSV writes a scene's data with the story of where it comes from in every row; "" is the
// scene shown, and the overview is its losses.
func (v *View) WriteCSV(out io.Writer, name scene.Name, story scene.Story) error {
	if name == "" {
		name = v.world.state.Scene
	}
	p, ok := v.all[name]
	if name == scene.Overview {
		p, ok = v.proof[0], true
	}
	if !ok {
		return fmt.Errorf("viz: no scene is called %q", name)
	}
	rows := p.table()
	method := slices.Index(rows[0], "method")
	rows[0] = append(rows[0], "model", "weights", "text")
	for i := range rows[1:] {
		row := rows[i+1]
		weights := ""
		if method >= 0 {
			weights = story.Weights[row[method]]
		}
		rows[i+1] = append(row, story.Model, weights, story.Text)
	}
	return csv.NewWriter(out).WriteAll(rows)
}

// number writes v so that it reads back exactly to seven digits.
func number(v float64) string { return strconv.FormatFloat(v, 'g', 7, 64) }
