package jobs

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// The script that starts a worker says in the protocol's words that it is dead.
func TestScriptSpeaksThisVersion(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("../../engine/engine.js")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("{ v: %d, id: 0, error: text, fatal: true }", Version); !strings.Contains(string(script), want) {
		t.Errorf("engine.js does not say %s", want)
	}
}

// Auto is the paper's rule, ceil(n/L); what is set by hand stays within what the model goes to.
func TestFactorRule(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule      FactorRule
		n, window int
		most      float64
		want      float64
	}{
		{FactorRule{Auto: true}, 0, 256, 16, 1}, {FactorRule{Auto: true}, 256, 256, 16, 1}, {FactorRule{Auto: true}, 257, 256, 16, 2},
		{FactorRule{Auto: true}, 513, 256, 16, 3}, {FactorRule{Auto: true}, 99999, 256, 16, 16}, {FactorRule{Auto: true}, 16384, 256, 64, 64},
		{FactorRule{Auto: true}, 10, 0, 16, 1}, {FactorRule{T: 40}, 10, 256, 64, 40}, {FactorRule{T: 40}, 10, 256, 8, 8}, {FactorRule{T: -1}, 10, 256, 8, 1},
	} {
		if got := c.rule.At(c.n, c.window, c.most); got != c.want {
			t.Errorf("%+v: t = %v", c, got)
		}
	}
}

func TestMethodsOfARequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		request Request
		want    []string
	}{
		"writing":           {Request{Write: &Write{Method: "yarn"}}, []string{"yarn"}},
		"maps alone":        {Request{Measure: &Measure{Maps: []string{"clex"}}}, []string{"clex"}},
		"losses and maps":   {Request{Measure: &Measure{Maps: []string{"pi"}, Loss: []string{"rope", "pi", "ntk"}}}, []string{"ntk", "pi", "rope"}},
		"recall":            {Request{Probe: &Probe{Cells: []Cell{{Method: "rope"}, {Method: "clex"}, {Method: "rope"}}}}, []string{"clex", "rope"}},
		"nothing to be run": {Request{Cancel: Writing}, nil},
	} {
		if got := c.request.Methods(); !slices.Equal(got, c.want) {
			t.Errorf("%s: methods %q, want %q", name, got, c.want)
		}
	}
}
