package jobs

import (
	"slices"
	"testing"
)

func TestMethodsOfARequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		request Request
		want    []string
	}{
		"writing":           {Request{Write: &Write{Method: "yarn"}}, []string{"yarn"}},
		"maps alone":        {Request{Measure: &Measure{Maps: "clex"}}, []string{"clex"}},
		"losses and maps":   {Request{Measure: &Measure{Maps: "pi", Loss: []string{"rope", "pi", "ntk"}}}, []string{"ntk", "pi", "rope"}},
		"recall":            {Request{Probe: &Probe{Cells: []Cell{{Method: "rope"}, {Method: "clex"}, {Method: "rope"}}}}, []string{"clex", "rope"}},
		"nothing to be run": {Request{Cancel: true}, nil},
	} {
		if got := c.request.Methods(); !slices.Equal(got, c.want) {
			t.Errorf("%s: methods %q, want %q", name, got, c.want)
		}
	}
}
