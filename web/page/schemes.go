package page

import (
	"math"

	"clexlab/assets"
	"clexlab/clex"
	"clexlab/web/state"
)

// schemes holds the schemes of the model in use, one a method: what the page computes itself, long
// before the model has come.
type schemes struct {
	// ID is the model's, "" while it is not known.
	ID       string
	byMethod map[string]clex.Scheme
	buffer   clex.Encoding
}

// learn makes the schemes anew when another model is in use; the error names the first method
// that cannot be made.
func (f *schemes) learn(m *state.Model) error {
	if m.ID == f.ID {
		return nil
	}
	*f = schemes{ID: m.ID, byMethod: map[string]clex.Scheme{}}
	var bad error
	for _, a := range assets.Methods {
		if a.Listed && !state.Offers(m, a.Name) {
			continue
		}
		scheme, err := m.Scheme(a.Name)
		if err != nil {
			if bad == nil {
				bad = err
			}
			continue
		}
		f.byMethod[a.Name] = scheme
	}
	return bad
}

// frequencies returns a method's inverse frequencies at t in radians per token,
// valid until the next call; nil while they are not known.
func (f *schemes) frequencies(method string, t float64, length int) []float64 {
	scheme := f.byMethod[method]
	if scheme == nil {
		return nil
	}
	if err := scheme.Encode(&f.buffer, t, max(1, length)); err != nil {
		return nil
	}
	return f.buffer.InvFreq
}

// wavelength is how many tokens a pair needs for a full turn.
func wavelength(theta float64) float64 { return 2 * math.Pi / theta }
