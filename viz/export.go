package viz

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
)

// WriteCSV writes a scene's data; "" is the scene shown, and the overview is its trajectories.
func (v *View) WriteCSV(out io.Writer, scene Scene) error {
	if scene == "" {
		scene = v.world.state.Scene
	}
	if scene == Overview {
		scene = Trajectories
	}
	p, ok := v.all[scene]
	if !ok {
		return fmt.Errorf("viz: no scene is called %q", scene)
	}
	return csv.NewWriter(out).WriteAll(p.table())
}

// number writes v so that it reads back exactly to seven digits.
func number(v float64) string { return strconv.FormatFloat(v, 'g', 7, 64) }
