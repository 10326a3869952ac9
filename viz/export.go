package viz

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"clexlab/viz/scene"
)

// WriteCSV writes a scene's data; "" is the scene shown, and the overview is its trajectories.
func (v *View) WriteCSV(out io.Writer, name scene.Name) error {
	if name == "" {
		name = v.world.state.Scene
	}
	if name == scene.Overview {
		name = scene.Trajectories
	}
	p, ok := v.all[name]
	if !ok {
		return fmt.Errorf("viz: no scene is called %q", name)
	}
	return csv.NewWriter(out).WriteAll(p.table())
}

// number writes v so that it reads back exactly to seven digits.
func number(v float64) string { return strconv.FormatFloat(v, 'g', 7, 64) }
