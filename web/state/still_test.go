package state

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/viz/scene"
)

// A still stands for the losses of the first look until both are there, under the same t and on the same text; nowhere else.
func TestStillStandsUntilBothLossesCome(t *testing.T) {
	t.Parallel()
	var losses []*scene.Loss
	for _, m := range []string{"clex", "rope"} {
		c := &scene.Loss{Method: m, T: 4, From: 1}
		for i := range 1023 {
			v := 2 + float64(i%2)
			if m == "rope" && i >= 255 {
				v += 3
			}
			c.NLL = append(c.NLL, float32(v))
		}
		losses = append(losses, c)
	}
	still, err := NewStill("abc", 256, losses)
	if err != nil {
		t.Fatal(err)
	}
	if c := still.Curve("rope"); math.Abs(c.Inside-2.5) > 0.01 || math.Abs(c.Beyond-5.5) > 0.01 || math.Abs(c.Means[23]-5.5) > 0.03 || math.Abs(c.Means[0]-2.5) > 0.03 {
		t.Errorf("rope: %+v", c)
	}
	data, err := json.Marshal(still)
	if err != nil {
		t.Fatal(err)
	}
	if got := ParseStill(data); !reflect.DeepEqual(got, still) {
		t.Errorf("written and read it is %+v, want %+v", got, still)
	}
	m := offer("small")
	m.TMax, m.Network = 64, &clex.Network{}
	fresh := func() *State {
		s := New(Defaults())
		s.Built = ParseStill(data)
		s.Update(ModelsListed{[]Model{m}})
		return &s
	}
	s := fresh()
	if s.StillShown() == nil || !strings.Contains(s.Headline(), "the loss of Plain RoPE rises from 2.5 to 5.5 nats (perplexity 12 to 245); that of CLEX at t = 4 stays level, 2.5 to 2.5 nats (perplexity 12 to 12). So the build read it; measuring it here") {
		t.Errorf("before anything is measured: %q", s.Headline())
	}
	s.Update(EngineReady{})
	if s.StillShown() == nil {
		t.Error("it goes when the engine comes")
	}
	id := s.subjectID()
	for i, c := range losses {
		mine := *c
		mine.Subject = id
		s.Update(LossMeasured{&mine})
		if shown := s.StillShown() != nil; shown != (i == 0) {
			t.Errorf("after %d losses it is shown: %v", i+1, shown)
		}
	}
	for what, m := range map[string]Message{"t": DragT{T: 2, Done: true}, "method": ChooseSecond{"yarn"}, "length": SetWindows{2}} {
		s := fresh()
		s.Update(m)
		if s.StillShown() != nil {
			t.Errorf("it is shown for another %s", what)
		}
	}
	for _, bad := range []string{"", "{}", `{"window":256,"tokens":1024,"curves":[{"method":"rope","t":1,"means":[1]}]}`} {
		if ParseStill([]byte(bad)) != nil {
			t.Errorf("%q is taken for a still", bad)
		}
	}
}

// What is accepted is the same when it has been written out and read again, and can be shown.
func FuzzParseStill(f *testing.F) {
	f.Add([]byte(`{"sum":"a","window":1,"tokens":2,"curves":[{"method":"rope","t":1.5,"inside":0.5,"beyond":7,"means":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := New(Defaults())
		if s.Built = ParseStill(data); s.Built == nil {
			return
		}
		again, err := json.Marshal(s.Built)
		if err != nil {
			t.Fatal(err)
		}
		if got := ParseStill(again); !reflect.DeepEqual(got, s.Built) {
			t.Errorf("%s is read as %+v and, written as %s, as %+v", data, s.Built, again, got)
		}
		for _, c := range s.Built.Curves {
			if len(c.Means) != StillPieces || s.Built.Curve(c.Method) == nil {
				t.Errorf("accepted %+v", c)
			}
		}
		s.Headline()
	})
}
