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
	// ID is the model's, "" while it is not known; network is that of its field, trained that of the method
	// trained here.
	ID       string
	network  *clex.Network
	trained  *clex.Network
	byMethod map[string]clex.Scheme
	// prior is CLEX's before training, nil where the field is not in training.
	prior  clex.Scheme
	buffer clex.Encoding
}

// learn makes the schemes anew when another model is in use, and CLEX's when another field is; the error names the first
// method that cannot be made.
func (f *schemes) learn(m *state.Model) error {
	if m.ID == f.ID && m.Network == f.network && m.TrainedHere == f.trained {
		return nil
	}
	same := m.ID == f.ID
	if !same {
		f.byMethod = map[string]clex.Scheme{}
	}
	f.ID, f.network, f.trained, f.prior = m.ID, m.Network, m.TrainedHere, nil
	var bad error
	if m.Learning != nil {
		f.prior, bad = m.Prior()
	}
	for _, a := range assets.Methods {
		if a.Listed && !state.Offers(m, a.Name) || same && a.Name != "clex" && !a.Here {
			continue
		}
		delete(f.byMethod, a.Name)
		if a.Here && !state.Offers(m, a.Name) {
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
	return f.at(f.byMethod[method], t, length)
}

// at is the same of a scheme.
func (f *schemes) at(scheme clex.Scheme, t float64, length int) []float64 {
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
