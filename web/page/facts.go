package page

import (
	"math"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets"
	"clexlab/clex"
)

// Facts is what the page has to know of a model to draw and to tabulate its
// frequencies: a few kilobytes that come long before the model itself.
type Facts struct {
	Name          string
	Rotary        clex.Rotary
	Network       *clex.Network // nil is CLEX before training
	Layers, Heads int
}

// facts holds the schemes made from Facts, one a method.
type facts struct {
	Facts
	// Revision grows when the facts change; 0 is none yet.
	Revision int
	flows    map[string]clex.Scheme
	buffer   clex.Encoding
}

// learn takes new facts; it is called from any goroutine.
func (p *Page) learn(f Facts) {
	p.ctx.Dispatch(func(app.Context) {
		flows := map[string]clex.Scheme{}
		for _, m := range assets.Methods {
			flow, err := clex.New(m.Name, f.Rotary, clex.Options{Network: f.Network})
			if err != nil {
				p.trouble("facts", "The "+m.Label+" frequencies could not be set up.", err.Error(), "")
				continue
			}
			flows[m.Name] = flow
		}
		p.facts = facts{Facts: f, Revision: p.facts.Revision + 1, flows: flows}
		p.showView(true)
	})
}

// frequencies returns a method's inverse frequencies at t in radians per token,
// valid until the next call; nil while they are not known.
func (f *facts) frequencies(method string, t float64, length int) []float64 {
	flow := f.flows[method]
	if flow == nil {
		return nil
	}
	if err := flow.Encode(&f.buffer, t, max(1, length)); err != nil {
		return nil
	}
	return f.buffer.InvFreq
}

// wavelength is how many tokens a pair needs for a full turn.
func wavelength(theta float64) float64 { return 2 * math.Pi / theta }
