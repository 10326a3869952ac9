// Package clextest has the position encodings that tests of a transformer try:
// whatever reads texts must get each of them right.
package clextest

import (
	"testing"

	"clexlab/clex"
)

// Rotary is a rotary embedding of base 10000.
func Rotary(headDim, dims, window int, p clex.Pairing) clex.Rotary {
	return clex.Rotary{HeadDim: headDim, Dims: dims, Base: 10000, Window: window, Pairing: p}
}

// Encodings are what schemes can ask of attention, each at its hardest: every
// method of clex at a t that is no grid point, with and without log-n scaling, and
// hand-made combinations.
func Encodings(t testing.TB, r clex.Rotary) map[string]clex.Encoding {
	t.Helper()
	all := map[string]clex.Encoding{}
	for _, m := range clex.Methods() {
		for _, logN := range []bool{false, true} {
			s, err := clex.New(m.Name, r, clex.Options{LogN: logN, Local: 2})
			if err != nil {
				t.Fatal(err)
			}
			var e clex.Encoding
			if err := s.Encode(&e, 2.7, 43); err != nil {
				t.Fatal(err)
			}
			name := m.Name
			if logN {
				name += " log-n"
			}
			all[name] = e
		}
	}
	custom := all["yarn log-n"]
	custom.AttentionFactor, custom.Remap = 1.3, &clex.Remap{Shift: 7, Local: 3}
	all["attention factor, log-n and remap"] = custom
	custom.Remap = &clex.Remap{Shift: 1, Local: 0}
	all["remap from the first distance"] = custom
	return all
}
