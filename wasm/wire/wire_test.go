package wire

import (
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/viz/scene"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	seen := map[reflect.Type]bool{}
	for _, m := range []any{
		&scene.State{T: 3.5, Shown: []string{"clex"}, Layer: -1, Head: -1, Theme: "dark"},
		&scene.Model{Rotary: clex.Rotary{HeadDim: 4, Dims: 4, Base: 10000, Window: 256}, TMax: 64,
			Network: &clex.Network{Dims: 4, Hidden: 4, Up: make([]float64, 8), Down: make([]float64, 8)}},
		&scene.Text{Subject: 2, Revision: 3, From: 1, Tokens: []string{" a"}},
		&scene.Maps{Layer: -1, Head: -1, Layers: 1, Heads: 2, QueryTo: 2, KeyTo: 2, Rows: 1, Cols: 2, Max: []float32{1, 2, 3, 4}},
		&scene.MapsSummary{Layers: 1, Heads: 2, Largest: []float32{1, 2}},
		&scene.Loss{Method: "pi", NLL: []float32{1, 2}},
		&scene.Recall{Lengths: []int{1}, Depths: []float64{0, 1}, Right: []float32{0, 1}},
		&scene.Asked{Methods: []string{"pi"}}, &scene.Exported{ID: 3, Name: "a.csv", Data: []byte("x")},
	} {
		seen[reflect.TypeOf(m).Elem()] = true
		f, err := Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(f)
		if err != nil {
			t.Fatalf("%T: %v", m, err)
		}
		if !reflect.DeepEqual(got, m) {
			t.Errorf("%T: got %+v, want %+v", m, got, m)
		}
	}
	// What has no row above goes with something in each of its plain fields.
	for _, kind := range scene.Messages {
		if seen[reflect.TypeOf(kind)] {
			continue
		}
		m := filled(reflect.TypeOf(kind))
		f, err := Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Decode(f); err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%T: got %+v, %v; want %+v", m, got, err, m)
		}
	}
	if _, err := Encode(&struct{ A int }{1}); err == nil {
		t.Error("what is no message is carried")
	}
}

// filled is a message of a type, with something in its fields of words, numbers and truth.
func filled(kind reflect.Type) any {
	m := reflect.New(kind)
	for i := range kind.NumField() {
		switch f := m.Elem().Field(i); {
		case f.Kind() == reflect.String:
			f.SetString("words")
		case f.CanInt():
			f.SetInt(3)
		case f.CanFloat():
			f.SetFloat(2.5)
		case f.Kind() == reflect.Bool:
			f.SetBool(true)
		}
	}
	return m.Interface()
}

func TestFactorRoundTrip(t *testing.T) {
	t.Parallel()
	want := scene.Factor{Phase: scene.LetGo, Seq: math.MaxUint32, T: 9.53}
	b := EncodeFactor(want)
	if got, err := DecodeFactor(b[:]); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	for name, f := range map[string]scene.Factor{"t below 1": {T: 0.5}, "no number": {T: math.NaN()}, "no end": {T: math.Inf(1)}, "phase 9": {Phase: 9, T: 2}} {
		b := EncodeFactor(f)
		if _, err := DecodeFactor(b[:]); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := DecodeFactor(b[:15]); err == nil {
		t.Error("15 bytes are taken")
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]Frame{
		"version 99":   {Head: []byte(`{"v":99,"kind":"state","body":{}}`)},
		"unknown kind": {Head: []byte(`{"v":4,"kind":"nonsense","body":{}}`)},
		"want 2":       {Head: []byte(`{"v":4,"kind":"recall","body":{}}`)},
		"head size":    {Head: []byte(`{"v":4,"kind":"model","body":{}}`)},
		"too large":    {Head: []byte(`{"v":4,"kind":"recall","body":{"lengths":[1]}}`), Tables: [][]float32{{1, 2}, nil}},
		"header":       {Head: []byte(`{`)},
	} {
		_, err := Decode(f)
		if err == nil {
			t.Errorf("%s: accepted", want)
		} else if want != "too large" && want != "head size" && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
}

// The script that starts the picture speaks the protocol where its program cannot.
func TestScriptSpeaksThisVersion(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("../view/view.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{fmt.Sprintf("{ v: %d, kind: %q, body }", Version, kind(reflect.TypeFor[scene.Fault]())), `mark: "clexlab-view"`} {
		if !strings.Contains(string(script), want) {
			t.Errorf("view.js does not say %s", want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"v":4,"kind":"maps","body":{"layers":2,"heads":2,"layer":-1,"head":-1,"rows":1,"cols":1}}`), 4, 0, 0)
	f.Add([]byte(`{"v":4,"kind":"model","body":{"rotary":{"Dims":-4}}}`), 8, 8, 2)
	f.Fuzz(func(t *testing.T, head []byte, a, b, tables int) {
		frame := Frame{Head: head, Tables: make([][]float32, min(max(tables, 0), 8))}
		for i := range frame.Tables {
			frame.Tables[i] = make([]float32, min(max([]int{a, b}[i%2], 0), 64))
		}
		m, err := Decode(frame)
		if err != nil {
			return
		}
		if again, err := Encode(m); err != nil {
			t.Fatal(err)
		} else if _, err := Decode(again); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzDecodeFactor(f *testing.F) {
	b := EncodeFactor(scene.Factor{T: 3})
	f.Add(b[:])
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := DecodeFactor(b); err == nil && EncodeFactor(m) != [FactorSize]byte(b) {
			t.Fatalf("%v reads as %+v", b, m)
		}
	})
}

// What is said of a solve takes sixteen bytes, in which a time that is none is refused.
func TestSolvedIsShort(t *testing.T) {
	t.Parallel()
	want := scene.Solved{Evaluations: 1234, Steps: 205, Ms: 0.75}
	b := EncodeSolved(want)
	if got, err := DecodeShort(b[:]); err != nil || *got.(*scene.Solved) != want {
		t.Errorf("%+v, %v", got, err)
	}
	f := EncodeFactor(scene.Factor{T: 2.5, Seq: 3})
	if got, err := DecodeShort(f[:]); err != nil || *got.(*scene.Factor) != (scene.Factor{T: 2.5, Seq: 3}) {
		t.Errorf("%+v, %v", got, err)
	}
	late := EncodeSolved(scene.Solved{Ms: math.NaN()})
	for _, bad := range [][]byte{late[:], b[:15], nil} {
		if _, err := DecodeShort(bad); err == nil {
			t.Errorf("%v is taken", bad)
		}
	}
}

// Maps come while t is dragged: their head is bytes, which hold every field, and is refused when it is cut, longer, of
// another version, or speaks of other tables.
func TestMapsAsBytes(t *testing.T) {
	t.Parallel()
	want := &scene.Maps{Method: "clex", T: 2.51, Steady: true, Subject: 1<<24 | 1, Revision: 1024, Coarse: true, Need: 7, Layer: 3, Head: 1, Layers: 4, Heads: 2,
		QueryFrom: 1, QueryTo: 3, KeyFrom: 2, KeyTo: 4, Rows: 1, Cols: 2, Bins: 2, Max: []float32{1, 2}, Mean: []float32{3, 4}, Profile: []float32{5, 6},
		Distances: []float32{0, 9}, Keys: []float32{7, 8}, Queries: []float32{9}}
	for v, i := reflect.ValueOf(want).Elem(), 0; i < v.NumField(); i++ {
		if v.Field(i).IsZero() {
			t.Errorf("%s is not tried", v.Type().Field(i).Name)
		}
	}
	f, err := EncodeMaps(want)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := DecodeMaps(f); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for n := range f.Head {
		if _, err := DecodeMaps(Frame{Head: f.Head[:n], Tables: f.Tables}); err == nil {
			t.Errorf("%d of %d bytes are enough", n, len(f.Head))
		}
	}
	old := append([]byte(nil), f.Head...)
	old[1]--
	for name, bad := range map[string]Frame{"longer": {append(f.Head, 0), f.Tables, nil}, "an older one": {old, f.Tables, nil}, "without a table": {f.Head, f.Tables[1:], nil},
		"with a table cut": {f.Head, append([][]float32{{1}}, f.Tables[1:]...), nil}} {
		if _, err := DecodeMaps(bad); err == nil {
			t.Errorf("%s: is taken", name)
		}
	}
}

func FuzzDecodeMaps(f *testing.F) {
	m := &scene.Maps{Method: "pi", Layer: -1, Head: -1, Layers: 1, Heads: 2, QueryTo: 2, KeyTo: 2, Rows: 1, Cols: 2, Max: make([]float32, 4)}
	frame, _ := EncodeMaps(m)
	f.Add(frame.Head, 4)
	f.Fuzz(func(t *testing.T, head []byte, n int) {
		tables := make([][]float32, 6)
		tables[0] = make([]float32, min(max(n, 0), 64))
		m, err := DecodeMaps(Frame{Head: head, Tables: tables})
		if err != nil {
			return
		}
		if again, err := EncodeMaps(m); err != nil || len(again.Head) != len(head) {
			t.Fatalf("%+v: %d bytes become %d, %v", m, len(head), len(again.Head), err)
		}
	})
}
