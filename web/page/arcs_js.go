//go:build js && wasm

package page

import (
	"fmt"
	"math"
	"strings"
)

// drawArcs draws arcs in a text from a token to those that it looks at, the heavier the thicker; from is -1 for none.
// It asks where the tokens stand, so it comes after they were laid out.
func drawArcs(box string, from int, keys []int, weights []float64) {
	story, into := document.Call("getElementById", box), document.Call("getElementById", box+"-arcs")
	if !story.Truthy() || !into.Truthy() {
		return
	}
	if from < 0 || len(keys) == 0 {
		if into.Get("firstChild").Truthy() {
			into.Set("textContent", "")
		}
		return
	}
	at := story.Call("getBoundingClientRect")
	left, top := at.Get("left").Float()-story.Get("scrollLeft").Float(), at.Get("top").Float()-story.Get("scrollTop").Float()
	// The middle of a token's upper edge, in the text's own coordinates.
	middle := func(i int) (x, y float64, ok bool) {
		e := story.Call("querySelector", fmt.Sprintf(`[data-i="%d"]`, i))
		if !e.Truthy() {
			return 0, 0, false
		}
		boxes := e.Call("getClientRects")
		if boxes.Length() == 0 {
			return 0, 0, false
		}
		r := boxes.Index(0)
		return r.Get("left").Float() + r.Get("width").Float()/2 - left, r.Get("top").Float() - top, true
	}
	x0, y0, ok := middle(from)
	if !ok {
		into.Set("textContent", "")
		return
	}
	width, height := story.Get("clientWidth").Float(), 0.0
	var b strings.Builder
	for k := len(keys) - 1; k >= 0; k-- {
		x, y, ok := middle(keys[k])
		if w := weights[k]; ok && keys[k] != from && w >= leastArc {
			// Over the line where both stand in one, out to the side of the farther where not.
			height = math.Max(height, math.Max(y, y0))
			rise := math.Min(10+0.12*math.Abs(x-x0)+0.1*math.Abs(y-y0), 60)
			fmt.Fprintf(&b, `<path d="M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f" stroke-width="%.1f" stroke-opacity="%.2f"/><circle cx="%.1f" cy="%.1f" r="%.1f"/>`,
				x0, y0, x0, y0-rise, x, y-rise, x, y, 1+7*w, math.Min(0.35+w, 0.95), x, y, 2+3*w)
		}
	}
	into.Set("innerHTML", fmt.Sprintf(`<svg width="%.0f" height="%.0f">%s</svg>`, width-1, height+1, b.String()))
}

// leastArc is the weight below which a look is no arc.
const leastArc = 0.01
