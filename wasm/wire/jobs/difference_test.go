package jobs

import (
	"reflect"
	"testing"
)

// At puts a difference below the folder as it does the rest, and leaves what it was given as it was.
func TestDifferenceAt(t *testing.T) {
	t.Parallel()
	l := Load{Config: "c", Weights: "w", Tokenizer: "t", Difference: &Difference{Address: "d", Of: "o"},
		Tuned: map[string]Weights{"pi": {Config: "pc", Weights: "pw", Difference: &Difference{Address: "pd", Of: "w"}}, "rope": {Config: "rc", Weights: "rw"}}}
	got := l.At("m/")
	want := Load{Config: "m/c", Weights: "m/w", Tokenizer: "m/t", Difference: &Difference{Address: "m/d", Of: "m/o"},
		Tuned: map[string]Weights{"pi": {Config: "m/pc", Weights: "m/pw", Difference: &Difference{Address: "m/pd", Of: "m/w"}}, "rope": {Config: "m/rc", Weights: "m/rw"}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v at m/: want %+v", got, want)
	}
	if l.Difference.Address != "d" || l.Tuned["pi"].Difference.Address != "pd" {
		t.Errorf("the request that it was made from changes: %+v", l)
	}
}
