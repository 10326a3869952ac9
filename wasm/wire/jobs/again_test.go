package jobs

import (
	"encoding/json"
	"reflect"
	"testing"

	"clexlab/viz/scene"
)

// What is asked for again at another t arrives as the JSON of it would; what differs in anything else does not pass for it.
func TestAgainIsTheSameRequest(t *testing.T) {
	t.Parallel()
	last := Request{Version: Version, ID: 7, Helpers: []int{1}, Measure: &Measure{Maps: []string{"clex"}, Subject: 1<<24 | 1, Revision: 3, Length: 1024, GPUAttempt: 1, FactorRule: FactorRule{T: 2}, Coarse: true}}
	next := last
	m := *last.Measure
	next.ID, m.T, next.Measure = 8, 2.51, &m
	if !next.Again(&last) {
		t.Fatal("another t is another request")
	}
	b := EncodeAgain(next.ID, m.T)
	got, err := DecodeAgain(b[:], &last)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(next)
	if err != nil {
		t.Fatal(err)
	}
	var want Request
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) || last.ID != 7 || last.Measure.T != 2 {
		t.Errorf("got %+v, want %+v; before it %+v", got.Measure, want.Measure, last.Measure)
	}
	for what, change := range map[string]func(*Request, *Measure){
		"methods": func(_ *Request, m *Measure) { m.Maps = []string{"pi"} }, "losses": func(_ *Request, m *Measure) { m.Loss = []string{"pi"} },
		"text": func(_ *Request, m *Measure) { m.Subject++ }, "revision": func(_ *Request, m *Measure) { m.Revision++ }, "length": func(_ *Request, m *Measure) { m.Length = 0 },
		"rule": func(_ *Request, m *Measure) { m.Auto = true }, "fineness": func(_ *Request, m *Measure) { m.Coarse = false }, "need": func(_ *Request, m *Measure) { m.Need = &scene.Need{} },
		"machine": func(_ *Request, m *Measure) { m.GPUAttempt++ }, "helpers": func(r *Request, _ *Measure) { r.Helpers = nil }, "kind": func(r *Request, _ *Measure) { r.Measure = nil },
	} {
		r, m := next, *next.Measure
		r.Measure = &m
		change(&r, &m)
		if r.Again(&last) {
			t.Errorf("another %s passes for the same request", what)
		}
	}
}

func FuzzDecodeAgain(f *testing.F) {
	b := EncodeAgain(1, 2)
	f.Add(b[:], true)
	f.Add([]byte{'m'}, false)
	f.Fuzz(func(t *testing.T, b []byte, asked bool) {
		last := &Request{}
		if asked {
			last.Measure = &Measure{Length: 5}
		}
		r, err := DecodeAgain(b, last)
		if err == nil && (!asked || r.Measure == last.Measure || r.Measure.Length != 5 || !(r.Measure.T >= 1) || EncodeAgain(r.ID, r.Measure.T) != [AgainSize]byte(b)) {
			t.Errorf("%v becomes %+v", b, r.Measure)
		}
	})
}
