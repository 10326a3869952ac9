package viz

import (
	"slices"
	"strings"
	"testing"

	"clexlab/viz/scene"
)

func TestWrap(t *testing.T) {
	v, l, _ := newTestView(t, scene.Losses, 900, 600)
	s := v.world.theme.small()
	width := l.Measure("read at t = 4", s) + 0.01
	for text, want := range map[string][]string{
		"":                          nil,
		"read at t = 4":             {"read at t = 4"},
		"is read at t = 4":          {"is read at", "t = 4"},
		"reads it at t =\n4":        {"reads it at", "t = 4"},
		"clexlab · loss · model":    {"clexlab ·", "loss ·", "model"},
		"  two   spaces \t between": {"two spaces", "between"},
	} {
		if got := wrap(l, text, s, width); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	long := strings.Repeat("nospaces", 9)
	rows := wrap(l, "a "+long+" b", s, width)
	if strings.Join(rows, "") != "a"+long+"b" && strings.ReplaceAll(strings.Join(rows, ""), " ", "") != "a"+long+"b" {
		t.Errorf("a long word: %q", rows)
	}
	for _, r := range rows {
		if l.Measure(r, s) > width {
			t.Errorf("%q is wider than %.0f", r, width)
		}
	}
	if n := len(wrap(l, "so narrow", s, 0)); n != len("sonarrow") {
		t.Errorf("no width at all: %d rows", n)
	}
}
