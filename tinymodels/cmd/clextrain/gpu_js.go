package main

import (
	"context"
	"fmt"

	"clexlab/model/gpu"
	"clexlab/model/gpu/gputrain"
	"clexlab/model/train"
)

// onGPU lets a GPU make the steps of a run; start are the weights it began with, nil for noise.
func onGPU(ctx context.Context, t *train.Trainer, start *train.Parameters) (release func(), err error) {
	d, err := gpu.Open(ctx)
	if err != nil {
		return nil, err
	}
	var teacher []float32
	if start != nil {
		teacher = start.Flat
	}
	c, err := gputrain.New(ctx, d, t.Recipe, t.Vectors(), teacher)
	if err != nil {
		return nil, err
	}
	fmt.Println("on", d.Adapter().Label())
	t.Compute(c)
	return func() {
		c.Close()
		d.Close()
	}, nil
}
