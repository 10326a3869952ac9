package page

import (
	"strings"
	"testing"

	"clexlab/viz/scene"
	"clexlab/web/state"
)

// The table of losses says on which weights each method read and at which t where they keep one; a model of a tiny window has
// its table too.
func TestLossTable(t *testing.T) {
	model := &state.Model{Tuned: map[string]state.Weights{"rope": {Name: "base"}, "yarn": {Name: "long", Factor: 64}}}
	c := func(method string) *scene.Loss { return &scene.Loss{Method: method, NLL: []float32{1, 2, 3, 4, 5, 6}} }
	for window, rows := range map[int]int{8: 3, 4: 6, 3: 6, 1: 6, 0: 6} {
		f := figures{Scene: scene.Losses, Window: window, Model: model, Shown: []string{"clex", "rope", "yarn"}, Losses: []*scene.Loss{c("clex"), c("rope"), c("yarn")}}
		caption, head, got := f.lossTable()
		if want := "Tokens|CLEX, clex weights|Plain RoPE, base weights|YaRN, long weights at t = 64"; strings.Join(head, "|") != want {
			t.Errorf("columns %q, want %q", head, want)
		}
		if len(got) != rows || len(got[0]) != 4 || !strings.Contains(caption, "with perplexity") {
			t.Errorf("a window of %d: %d rows of %q", window, len(got), caption)
		}
	}
	f := figures{Window: 8, Model: &state.Model{}, Shown: []string{"clex"}, Losses: []*scene.Loss{c("clex")}}
	if _, head, rows := f.lossTable(); head[1] != "CLEX" || rows[1][1] != "3.50 (33)" || rows[1][0] != "3 to 4" {
		t.Errorf("one set of weights: %q, %q", head, rows)
	}
}
