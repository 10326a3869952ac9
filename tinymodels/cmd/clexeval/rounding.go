package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/stat"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/train"
	"clexlab/model/train/evaluate"
)

// rounding prints what int8 costs: the perplexity of the base's float32 weights,
// as training left them in a folder of states, and of the same weights rounded
// for shipping, over the same windows at the model's own window.
func (e *evaluation) rounding(ctx context.Context, states string) error {
	data, err := os.ReadFile(filepath.Join(e.dir, "recipes", e.name, "base.json"))
	if err != nil {
		return err
	}
	recipe, err := train.ParseRecipe(data)
	if err != nil {
		return err
	}
	p, steps, err := train.ReadParameters(filepath.Join(states, e.name, "base"), recipe)
	if err != nil {
		return err
	}
	exact := p.Weights()
	n := p.Config.Rotary.Window
	windows, err := evaluate.Windows(e.documents["valid"], e.plan.Windows, n)
	if err != nil {
		return err
	}
	losses := func(w *model.Weights) ([]float64, error) {
		m, err := model.New(p.Config, w)
		if err != nil {
			return nil, err
		}
		scheme, err := clex.New("rope", p.Config.Rotary, clex.Options{})
		if err != nil {
			return nil, err
		}
		r, err := evaluate.NewReader(m, scheme, clex.AtT(1), n+1)
		if err != nil {
			return nil, err
		}
		means, _, err := r.WindowLosses(ctx, e.documents["valid"], windows, n, 0, nil)
		return means, err
	}
	float32s, err := losses(exact)
	if err != nil {
		return err
	}
	int8s, err := losses(model.Quantize(exact))
	if err != nil {
		return err
	}
	change := make([]float64, len(windows))
	for i := range change {
		change[i] = int8s[i] - float32s[i]
	}
	// Paired: windows differ from each other far more than the two roundings of one do.
	ratio := evaluate.Bootstrap(change, 1)
	fmt.Printf("base at step %d, %d windows of %d tokens: perplexity %.3f in float32, %.3f in int8: %+.3f %% (95 %% interval %+.3f to %+.3f)\n",
		steps, len(windows), n, math.Exp(stat.Mean(float32s, nil)), math.Exp(stat.Mean(int8s, nil)), 100*(ratio.Value-1), 100*(ratio.Low-1), 100*(ratio.High-1))
	return nil
}
