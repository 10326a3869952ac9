//go:build js && wasm

package gpu

import (
	"errors"
	"strings"
	"testing"

	"clexlab/model"
)

// Every kernel of every variant against its scalar reference.
func TestKnownAnswers(t *testing.T) {
	d := open(t)
	for _, s := range tried() {
		proven(t, d, s)
	}
}

// proven is a model of shape s on d, after its kernels were asked what is known.
func proven(t *testing.T, d Driver, s shape) *Model {
	t.Helper()
	w := s.weights()
	m, err := New(t.Context(), d, s.cfg, w)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SelfTest(t.Context(), w); err != nil {
		t.Errorf("%s: %v", s.name, err)
	}
	return m
}

// The known answers can tell: each weight that differs from the device's is found, by the kernel that uses it.
func TestKnownAnswersNotice(t *testing.T) {
	d := open(t)
	for i, spoils := range map[int]map[string]func(w *model.Weights){
		0: {
			"embed":           func(w *model.Weights) { w.Embedding.F32 = spoiled(w.Embedding.F32) },
			"matmul NORM qkv": func(w *model.Weights) { w.Layers[0].V.F32[7] += 3 },
			"GATED":           func(w *model.Weights) { w.Layers[0].Up.F32[9] += 3 },
			"down":            func(w *model.Weights) { w.Layers[0].Down.F32[11] += 5 },
		},
		3: {
			"attention": func(w *model.Weights) { w.Layers[0].AttentionNorm.Bias[5] += 1 },
			"MLP":       func(w *model.Weights) { w.Layers[0].MLPNorm.Weight[6] += 1 },
			"final":     func(w *model.Weights) { w.FinalNorm.Bias[2] += 1 },
			"GELU":      func(w *model.Weights) { w.Layers[0].Up.Bias[9] += 3 },
			"head":      func(w *model.Weights) { w.Head.F32[9] += 3 },
		},
	} {
		s := shapes[i]
		m, err := New(t.Context(), d, s.cfg, s.weights())
		if err != nil {
			t.Fatal(err)
		}
		for kernel, spoil := range spoils {
			w := s.weights()
			spoil(w)
			var trouble *Error
			if err := m.SelfTest(t.Context(), w); !errors.As(err, &trouble) || trouble.Kind != Wrong || !strings.Contains(trouble.Text, kernel) {
				t.Errorf("%s: a wrong weight of %s: %v", s.name, kernel, err)
			}
		}
	}
}

func spoiled(v []float32) []float32 {
	out := append([]float32(nil), v...)
	for i := range out {
		out[i] *= 1.01
	}
	return out
}

// LayerNorm is exact where a row's mean is a hundred times what it spreads.
func TestLayerNormFarFromZero(t *testing.T) {
	s := shapes[3]
	w := s.weights()
	for i := range w.Embedding.F32 {
		w.Embedding.F32[i] += 20
	}
	m, err := New(t.Context(), open(t), s.cfg, w)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SelfTest(t.Context(), w); err != nil {
		t.Error(err)
	}
}
