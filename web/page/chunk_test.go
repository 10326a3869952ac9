package page

import (
	"slices"
	"strings"
	"testing"

	"clexlab/web/state"
)

// A text's blocks hold all of it in its order and part only where a line ends anyhow: at the end of a window, or after a line
// feed. What has been written stays as it is while the text grows, but for the last block.
func TestBlocksPartWhereLinesEnd(t *testing.T) {
	t.Parallel()
	var tokens []state.Token
	for i := range 700 {
		text := " word"
		if i%50 == 49 {
			text = ".\n"
		}
		tokens = append(tokens, state.Token{Text: text})
	}
	blocks := func(tokens []state.Token, window int) []int {
		var ends []int
		for from := 0; from < len(tokens); {
			to := blockEnd(tokens, from, window)
			if to <= from || to > len(tokens) {
				t.Fatalf("a block of tokens %d to %d of %d", from, to, len(tokens))
			}
			ends, from = append(ends, to), to
		}
		return ends
	}
	for _, c := range []struct {
		window int
		ends   []int
	}{
		// Line feeds end at 50, 100, 150, …: the first of them that is 64 tokens on.
		{0, []int{100, 200, 300, 400, 500, 600, 700}},
		{256, []int{100, 200, 256, 350, 450, 512, 600, 700}},
		{100, []int{100, 200, 300, 400, 500, 600, 700}},
	} {
		got := blocks(tokens, c.window)
		if !slices.Equal(got, c.ends) {
			t.Errorf("window %d: blocks end at %v, want %v", c.window, got, c.ends)
		}
		for n := range tokens {
			part := blocks(tokens[:n], c.window)
			if whole := max(len(part)-1, 0); !slices.Equal(part[:whole], got[:whole]) {
				t.Fatalf("window %d: after %d tokens blocks end at %v", c.window, n, part)
			}
		}
	}
	// The caret stands in the last block, after its last word, and the arcs before all.
	html := rendered(t, &pane{Model: &state.Model{}, Method: "clex", Tokens: tokens[:110], Phase: state.Writing, Scrolling: &scrollState{}})
	if last, caret := strings.LastIndex(html, `data-i="109"`), strings.Index(html, `"caret"`); caret < last || strings.Count(html[last:caret], "</div>") > 0 {
		t.Errorf("the caret is not in the last block: %s", html[last:])
	}
	if strings.Index(html, `story-0-arcs`) > strings.Index(html, `data-i="0"`) {
		t.Error("the arcs stand where the text grows")
	}
}
