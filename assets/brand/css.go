package brand

import (
	"fmt"
	"strings"

	"clexlab/assets"
)

// CSS returns palette.css: for each method the variable --m-NAME in both themes
// and the class .m-NAME that makes it the current --m, with the kind of its line.
func CSS() string {
	var b strings.Builder
	vars := func(dark bool) string {
		var v strings.Builder
		for _, m := range assets.Methods {
			fmt.Fprintf(&v, "  --m-%s: %s;\n", m.Name, m.Color(dark).Hex())
		}
		g := assets.GroundOf(dark)
		fmt.Fprintf(&v, "  --plot: %s;\n  --plot-ink: %s;\n  --plot-muted: %s;\n  --plot-grid: %s;\n",
			g.Background.Hex(), g.Ink.Hex(), g.Muted.Hex(), g.Grid.Hex())
		return v.String()
	}
	fmt.Fprintf(&b, ":root {\n%s}\n", vars(false))
	// Paper is light.
	fmt.Fprintf(&b, "@media screen {\n:root[data-theme=\"dark\"] {\n%s}\n}\n", vars(true))
	fmt.Fprintf(&b, "@media screen and (prefers-color-scheme: dark) {\n:root:not([data-theme=\"light\"]) {\n%s}\n}\n", vars(true))
	for _, m := range assets.Methods {
		fmt.Fprintf(&b, ".m-%s { --m: var(--m-%s); --m-line: %s; }\n", m.Name, m.Name, line(m.Dash))
	}
	return b.String()
}

// line is the border that comes nearest to a pattern.
func line(dash []float64) string {
	switch {
	case len(dash) == 0:
		return "solid"
	case len(dash) == 2 && dash[0] <= 2:
		return "dotted"
	}
	return "dashed"
}
