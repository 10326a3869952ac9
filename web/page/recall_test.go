package page

import (
	"slices"
	"testing"

	"clexlab/web/state"
)

// What is ticked before the panel is drawn again is ticked as well.
func TestTwoChoicesInOneFrame(t *testing.T) {
	t.Parallel()
	s := state.New(state.Defaults())
	v := &recall{Out: &sender{func(m state.Message) { s.Update(m) }}, Model: s.Current(), Probe: s.Probe, Window: 256, Lengths: s.WholeLengths()}
	v.chooseLength(2, false)
	v.chooseLength(1, false)
	v.chooseMethod("pi", true)
	v.chooseMethod("clex", false)
	p := &s.Probe
	if !slices.Equal(p.Windows, []int{4}) || !slices.Equal(p.Methods, []string{"rope", "pi"}) {
		t.Errorf("4 windows, Plain RoPE and PI were chosen; the grid has %v windows and %v", p.Windows, p.Methods)
	}
}
