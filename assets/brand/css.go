package brand

import (
	"fmt"
	"strings"

	"clexlab/assets"
)

// CSS returns palette.css: for each method the variable --m-NAME in both themes
// and the class .m-NAME that makes it the current --m.
func CSS() string {
	var b strings.Builder
	b.WriteString("/* Generated from assets/palette.go by go generate ./assets; do not edit. */\n")
	vars := func(dark bool) string {
		var v strings.Builder
		for _, m := range assets.Methods {
			c := m.Light
			if dark {
				c = m.Dark
			}
			fmt.Fprintf(&v, "  --m-%s: %s;\n", m.Name, c.Hex())
		}
		g := assets.LightGround
		if dark {
			g = assets.DarkGround
		}
		fmt.Fprintf(&v, "  --plot: %s;\n  --plot-ink: %s;\n  --plot-muted: %s;\n  --plot-grid: %s;\n",
			g.Background.Hex(), g.Ink.Hex(), g.Muted.Hex(), g.Grid.Hex())
		return v.String()
	}
	fmt.Fprintf(&b, ":root {\n%s}\n", vars(false))
	fmt.Fprintf(&b, ":root[data-theme=\"dark\"] {\n%s}\n", vars(true))
	fmt.Fprintf(&b, "@media (prefers-color-scheme: dark) {\n:root:not([data-theme=\"light\"]) {\n%s}\n}\n", vars(true))
	for _, m := range assets.Methods {
		fmt.Fprintf(&b, ".m-%s { --m: var(--m-%s); }\n", m.Name, m.Name)
	}
	return b.String()
}
