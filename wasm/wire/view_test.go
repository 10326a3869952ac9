package wire

import (
	"reflect"
	"strings"
	"testing"
)

func TestViewRoundTrip(t *testing.T) {
	for _, m := range []ViewMessage{
		&ViewState{T: 3.5, Methods: []ViewMethod{{Name: "clex", Dash: []float64{1, 2}, Shown: true}}, Layer: -1, Head: -1},
		&ViewModel{HeadDim: 4, Dims: 4, Window: 256, Hidden: 4, Up: make([]float32, 8), Down: make([]float32, 8)},
		&ViewMaps{Layer: -1, Head: -1, Layers: 1, Heads: 2, QueryTo: 2, KeyTo: 2, Rows: 1, Cols: 2, Max: []float32{1, 2, 3, 4}},
		&ViewLoss{Method: "pi", NLL: []float32{1, 2}},
		&ViewRecall{Lengths: []int{1}, Depths: []float64{0, 1}, Right: []float32{0, 1}},
		&ViewExported{ID: 3, Name: "a.csv", Data: []byte("x")},
		&ViewStats{InvFreq: []float32{1}},
		&ViewDrag{Phase: "move", T: 2},
	} {
		f, err := EncodeView(m)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeView(f)
		if err != nil {
			t.Fatalf("%s: %v", m.viewKind(), err)
		}
		if !reflect.DeepEqual(got, m) {
			t.Errorf("%s: got %+v, want %+v", m.viewKind(), got, m)
		}
	}
}

func TestViewRefuses(t *testing.T) {
	for name, f := range map[string]ViewFrame{
		"version 99":     {Head: []byte(`{"v":99,"kind":"state","body":{}}`)},
		"unknown kind":   {Head: []byte(`{"v":1,"kind":"nonsense","body":{}}`)},
		"tables: want 2": {Head: []byte(`{"v":1,"kind":"model","body":{}}`)},
		"W_up has 0":     {Head: []byte(`{"v":1,"kind":"model","body":{"dims":4,"hidden":4}}`), Floats: [][]float32{nil, nil}},
		"too large":      {Head: []byte(`{"v":1,"kind":"recall","body":{"lengths":[1]}}`), Floats: [][]float32{{1, 2}, nil}},
		"header":         {Head: []byte(`{`)},
	} {
		_, err := DecodeView(f)
		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if name != "too large" && !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzDecodeView(f *testing.F) {
	f.Add([]byte(`{"v":1,"kind":"maps","body":{"layers":2,"heads":2,"layer":-1,"head":-1,"rows":1,"cols":1}}`), 4, 0, 0)
	f.Add([]byte(`{"v":1,"kind":"model","body":{"dims":-4,"hidden":4}}`), 8, 8, 2)
	f.Fuzz(func(t *testing.T, head []byte, a, b, tables int) {
		frame := ViewFrame{Head: head, Floats: make([][]float32, min(max(tables, 0), 8))}
		for i := range frame.Floats {
			frame.Floats[i] = make([]float32, min(max([]int{a, b}[i%2], 0), 64))
		}
		m, err := DecodeView(frame)
		if err != nil {
			return
		}
		if again, err := EncodeView(m); err != nil {
			t.Fatal(err)
		} else if _, err := DecodeView(again); err != nil {
			t.Fatal(err)
		}
	})
}
