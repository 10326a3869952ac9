//go:build js && wasm

package gpu

import (
	"context"
	"strings"
	"syscall/js"
	"testing"
)

// claiming is a device that says of itself what it can do, and whose compiler sees what change makes of kernels.
type claiming struct {
	Driver
	subgroups, halves bool
	change            func(s *Shader)
}

func (d claiming) Adapter() Adapter {
	a := d.Driver.Adapter()
	a.Subgroups, a.ShaderF16 = d.subgroups, d.halves
	return a
}

func (d claiming) Compile(ctx context.Context, list []Shader) ([]Pipeline, []error, error) {
	if d.change != nil {
		for i := range list {
			d.change(&list[i])
		}
	}
	return d.Driver.Compile(ctx, list)
}

// Where the kernels have forms of their own for this device, the plain ones know the answers too.
func TestPlainFormsKnowTheAnswers(t *testing.T) {
	d := claiming{Driver: open(t)}
	for _, s := range tried() {
		m := proven(t, d, s)
		if r := m.Report(); r != "plain WGSL" {
			t.Errorf("%s: the kernels use %s", s.name, r)
		}
	}
}

// A form that the device refuses, or computes wrongly, is replaced kernel by
// kernel; the others stay, and one line says which and why.
func TestFormsThatFailAreReplaced(t *testing.T) {
	real := open(t)
	s := shapes[1]
	w := s.weights()
	have := real.Adapter()
	d := claiming{Driver: real, subgroups: have.Subgroups, halves: true, change: func(s *Shader) {
		switch s.Name {
		case "loss " + subgroups:
			s.WGSL = strings.Replace(s.WGSL, "let mine = subgroupAdd(v);", "let mine = 1.5 * subgroupAdd(v);", 1)
		case "sample " + subgroups:
			s.WGSL += "this is no WGSL"
		}
	}}
	m, err := New(t.Context(), d, s.cfg, w)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SelfTest(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	t.Log(m.Report())
	uses, fallbacks, _ := strings.Cut(m.Report(), "failed here: ")
	if have.Subgroups && (!strings.Contains(uses, "subgroups") || !strings.Contains(fallbacks, "loss SUBGROUPS (value") || !strings.Contains(fallbacks, "sample SUBGROUPS (the GPU refused")) {
		t.Errorf("the report is %q", m.Report())
	}
	if !have.ShaderF16 && (strings.Contains(uses, "16-bit") || !strings.Contains(fallbacks, "F16 (the GPU refused")) {
		t.Errorf("without 16-bit floats the report is %q", m.Report())
	}
	if have.ShaderF16 && strings.Contains(fallbacks, "F16") {
		t.Errorf("with 16-bit floats the report is %q", m.Report())
	}
	// A form that fails while its plain form is as wrong is an error, not a fallback.
	spoiled := s.weights()
	spoiled.Layers[0].Down.Scale[3] *= 2
	if err := m.SelfTest(t.Context(), spoiled); err == nil || !strings.Contains(err.Error(), "down") {
		t.Errorf("a wrong weight: %v", err)
	}
}

// Every form of every kernel is WGSL to a compiler that knows all features and only checks.
func TestEveryFormIsWGSL(t *testing.T) {
	checker := js.Global().Get("clexlabChecker")
	if !checker.Truthy() {
		t.Skip("only under Node: a browser has no adapter that only checks")
	}
	navigator := js.Global().Get("navigator")
	real := navigator.Get("gpu")
	navigator.Set("gpu", checker)
	d, err := Open(t.Context())
	navigator.Set("gpu", real)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, s := range shapes {
		m, err := New(t.Context(), d, s.cfg, s.weights())
		if err != nil {
			t.Fatal(err)
		}
		want := "subgroups"
		if s.int8 {
			want += " and 16-bit floats"
		}
		if got := m.Report(); got != want {
			t.Errorf("%s: the kernels use %s", s.name, got)
		}
	}
}
