package viz

import (
	"clexlab/assets"
	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// method is a length-extension method in the picture.
type method struct {
	Name, Label string
	Color       paint.Color
	Dash        []float64
	Shown       bool
}

// methods are all methods of package assets as a state shows them, in their order.
func methods(s *scene.State) []method {
	out := make([]method, len(assets.Methods))
	for i, a := range assets.Methods {
		out[i] = method{Name: a.Name, Label: a.Label, Color: colorOf(a.Color(s.Theme == "dark")), Dash: a.Dash, Shown: s.Shows(a.Name)}
	}
	return out
}

func colorOf(c assets.Color) paint.Color { return paint.RGB(c.R, c.G, c.B) }
