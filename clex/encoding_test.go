package clex

import (
	"math"
	"strings"
	"testing"
)

// TestUsesLength: a scheme that says it looks at t alone does, for every length; one that says it looks at the length does.
func TestUsesLength(t *testing.T) {
	r := Rotary{HeadDim: 64, Dims: 64, Base: 10000, Window: 256}
	for _, m := range Methods() {
		s, err := New(m.Name, r, Options{LogN: true})
		if err != nil {
			t.Fatal(err)
		}
		changes := false
		for _, at := range []float64{1, 3.5, 16} {
			var first, other Encoding
			if err := s.Encode(&first, at, 0); err != nil {
				t.Fatal(err)
			}
			for _, length := range []int{1, 255, 256, 257, 900, 4096, 100_000} {
				if err := s.Encode(&other, at, length); err != nil {
					t.Fatal(err)
				}
				changes = changes || !first.Equal(&other)
			}
		}
		if changes != s.UsesLength() {
			t.Errorf("%s: the encoding changes with the length: %v, UsesLength says %v", m.Name, changes, s.UsesLength())
		}
	}
}

// TestDynamicIsNotNTK: with the growth that it has by default, the row is one of its own past the window.
func TestDynamicIsNotNTK(t *testing.T) {
	r := Rotary{HeadDim: 64, Dims: 64, Base: 10000, Window: 256}
	for _, length := range []int{512, 1024, 4096} {
		n := float64(length)
		e := encodeOf(t, "dynamic", r, Options{}, n/256, length)
		// As transformers computes it: a base raised by (2·n/L - 1)^(d/(d-2)).
		base := 10000 * math.Pow(2*n/256-1, 64./62)
		for i, got := range e.InvFreq {
			nearRel(t, "dynamic", []float64{got}, []float64{math.Pow(base, -float64(2*i)/64)}, 1e-12)
		}
		ntk := encodeOf(t, "ntk", r, Options{}, n/256, length)
		if e.InvFreq[31] > 0.7*ntk.InvFreq[31] {
			t.Errorf("%d tokens: lowest frequency %v, NTK has %v", length, e.InvFreq[31], ntk.InvFreq[31])
		}
	}
}

func TestEncodingCheck(t *testing.T) {
	r := Rotary{HeadDim: 8, Dims: 4, Base: 10000, Window: 256}
	if plain := r.Plain(); plain.Check(r) != nil || plain.InvFreq[1] != 0.01 {
		t.Errorf("plain: %+v, %v", plain, plain.Check(r))
	}
	for text, spoil := range map[string]func(e *Encoding){
		"3 inverse":           func(e *Encoding) { e.InvFreq = append(e.InvFreq, 1) },
		"frequency 1":         func(e *Encoding) { e.InvFreq[1] = math.NaN() },
		"factor is 0":         func(e *Encoding) { e.AttentionFactor = 0 },
		"factor is +Inf":      func(e *Encoding) { e.AttentionFactor = math.Inf(1) },
		"LogN is 1":           func(e *Encoding) { e.LogN = 1 },
		"Local 3 and Shift 3": func(e *Encoding) { e.Remap = &Remap{Shift: 3, Local: 3} },
	} {
		e := r.Plain()
		spoil(&e)
		if err := e.Check(r); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if err := (*Encoding)(nil).Check(r); err == nil {
		t.Error("no encoding passes")
	}
}

// TestEncodingCopies: a copy is equal, shares nothing, and each field tells encodings apart.
func TestEncodingCopies(t *testing.T) {
	full := Encoding{InvFreq: []float64{1, 0.5}, AttentionFactor: 1.2, LogN: 64, Remap: &Remap{Shift: 9, Local: 2}}
	var e Encoding
	e.CopyFrom(&full)
	if !e.Equal(&full) || !full.Equal(&e) {
		t.Fatalf("a copy is %+v", e)
	}
	for name, change := range map[string]func(){
		"InvFreq":         func() { e.InvFreq[0] = 2 },
		"AttentionFactor": func() { e.AttentionFactor = 1 },
		"LogN":            func() { e.LogN = 0 },
		"Remap":           func() { e.Remap.Local = 1 },
		"no Remap":        func() { e.Remap = nil },
		"pairs":           func() { e.InvFreq = e.InvFreq[:1] },
	} {
		e.CopyFrom(&full)
		change()
		if e.Equal(&full) || full.Equal(&e) {
			t.Errorf("%s: not told apart", name)
		}
		keys := name == "LogN" || strings.HasSuffix(name, "Remap")
		if e.RotatesKeysLike(&full) != keys {
			t.Errorf("%s: keys are the same: %v", name, !keys)
		}
	}
	if full.Remap.Local != 2 || full.InvFreq[0] != 1 {
		t.Errorf("the copies changed their original: %+v", full)
	}
	e.CopyFrom(&full)
	if n := testing.AllocsPerRun(10, func() { e.CopyFrom(&full) }); n > 0 {
		t.Errorf("%v allocations to copy", n)
	}
}
