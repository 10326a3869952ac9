package jobs

import (
	"encoding/json"
	"reflect"
	"testing"

	"clexlab/viz/scene"
)

// through is a request as its JSON brings it.
func through(t testing.TB, r Request) (out Request) {
	t.Helper()
	data, err := json.Marshal(r)
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What is said short arrives as the JSON of it would; what leans on something that was not said is said in full.
func TestAgainIsTheSameRequest(t *testing.T) {
	t.Parallel()
	full := Request{Version: Version, ID: 7, Helpers: []int{1}, Measure: &Measure{Loss: []string{"clex", "rope"}, Maps: []string{"clex", "pi"}, Subject: 1<<24 | 1, Revision: 3, Length: 1024, GPUAttempt: 1, FactorRule: FactorRule{T: 2, Auto: true}}}
	var page, worker Line
	if _, ok := page.Again(&full); ok {
		t.Fatal("the first measurement leans on none")
	}
	page.Note(full)
	worker.Note(full)
	for what, change := range map[string]func(*Request, *Measure){
		"the same": func(*Request, *Measure) {}, "a drag's first move": func(_ *Request, m *Measure) { m.Coarse, m.Auto, m.Loss, m.T = true, false, nil, 2.51 },
		"fewer maps": func(_ *Request, m *Measure) { m.Maps = []string{"pi"} }, "one loss": func(_ *Request, m *Measure) { m.Loss = []string{"rope"} },
		"text": func(_ *Request, m *Measure) { m.Subject++ }, "revision": func(_ *Request, m *Measure) { m.Revision++ }, "length": func(_ *Request, m *Measure) { m.Length = 0 },
		"machine": func(_ *Request, m *Measure) { m.GPUAttempt++ }, "helpers": func(r *Request, _ *Measure) { r.Helpers = []int{0, 2} }, "no helpers": func(r *Request, _ *Measure) { r.Helpers = nil }, "number": func(r *Request, _ *Measure) { r.ID = 1 << 31 },
		"end": func(r *Request, _ *Measure) { r.Helpers, r.Measure, r.Cancel = nil, nil, Measuring }, "t of a text": func(r *Request, _ *Measure) { r.Helpers, r.Measure, r.SetFactor = nil, nil, &FactorRule{T: 5.5} },
	} {
		r, m := full, *full.Measure
		r.Measure = &m
		change(&r, &m)
		b, ok := page.Again(&r)
		if !ok {
			t.Errorf("%s: it is said in full", what)
			continue
		}
		if got, err := worker.ReadAgain(b[:]); err != nil || !reflect.DeepEqual(got, through(t, r)) {
			t.Errorf("%s: got %+v %+v, %v", what, got, got.Measure, err)
		}
	}
	for what, change := range map[string]func(*Request, *Measure){
		"a method": func(_ *Request, m *Measure) { m.Maps = []string{"ntk"} }, "another order": func(_ *Request, m *Measure) { m.Loss = []string{"rope", "clex"} },
		"need": func(_ *Request, m *Measure) { m.Need = &scene.Need{} }, "many helpers": func(r *Request, _ *Measure) { r.Helpers = []int{8} },
		"another job's end": func(r *Request, _ *Measure) { r.Measure, r.Cancel = nil, Writing }, "no measurement": func(r *Request, _ *Measure) { r.Measure = nil },
	} {
		r, m := full, *full.Measure
		r.Measure = &m
		change(&r, &m)
		if _, ok := page.Again(&r); ok {
			t.Errorf("%s is said short", what)
		}
	}
}

func FuzzReadAgain(f *testing.F) {
	full := Request{Measure: &Measure{Loss: []string{"a", "b"}, Maps: []string{"c"}}}
	line := Line{last: full}
	b, _ := line.Again(&Request{ID: 1, Measure: &Measure{Maps: []string{"c"}, FactorRule: FactorRule{T: 2}}})
	f.Add(b[:])
	f.Add([]byte{'m'})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := line.ReadAgain(b)
		if err != nil {
			return
		}
		if again, ok := line.Again(&r); ok && r.Measure != nil && again != [AgainSize]byte(b) {
			t.Errorf("%v becomes %+v", b, r.Measure)
		}
		if _, err := new(Line).ReadAgain(b); err == nil && r.Measure != nil {
			t.Error("it leans on nothing")
		}
	})
}

// What answers while t is dragged comes as bytes and arrives whole; all else does not pass for it.
func TestBriefAnswers(t *testing.T) {
	t.Parallel()
	m := &scene.MapsSummary{Method: "clex", T: 2.51, Subject: 1<<24 | 1, Revision: 1024, Coarse: true, Layers: 1, Heads: 2, QueryTo: 1023,
		Largest: []float32{0.5, 1}, Lookback: []float32{3, 4.5}}
	for _, a := range []Answer{{ID: 9, Kind: Measuring, Done: true, Memory: 1 << 33}, {ID: 9, Kind: Measuring, Done: true, StopReason: StopCancelled}, {ID: 1 << 31, Kind: Measuring, View: m}} {
		b, ok := Brief(a)
		if !ok {
			t.Errorf("%+v is said in full", a)
			continue
		}
		a.Version = Version
		if got, err := ReadBrief(b); err != nil || !reflect.DeepEqual(got, a) {
			t.Errorf("got %+v, %v, want %+v", got, err, a)
		}
		for n := range b {
			if got, err := ReadBrief(b[:n]); err == nil && reflect.DeepEqual(got, a) {
				t.Errorf("%d of %d bytes are enough", n, len(b))
			}
		}
	}
	for _, a := range []Answer{{ID: 1, Kind: Writing, Done: true}, {ID: 1, Kind: Measuring, Done: true, Error: "x"}, {ID: 1, Kind: Measuring}, {ID: 1, Kind: Measuring, View: &scene.Loss{}}, {ID: 1, Kind: Measuring, Done: true, GPU: &GPU{}}} {
		if _, ok := Brief(a); ok {
			t.Errorf("%+v is said short", a)
		}
	}
}

func FuzzReadBrief(f *testing.F) {
	for _, a := range []Answer{{ID: 9, Kind: Measuring, Done: true}, {ID: 9, Kind: Measuring, View: &scene.MapsSummary{Method: "pi", Layers: 1, Heads: 1, Largest: []float32{1}}}} {
		b, _ := Brief(a)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, err := ReadBrief(b); err == nil && a.Kind != Measuring {
			t.Errorf("%v becomes %+v", b, a)
		}
	})
}
