package main

import (
	"context"
	"fmt"

	"clexlab/model/gpu"
	"clexlab/model/gpu/gputrain"
	"clexlab/model/train"
)

// device is one for all runs of a process: its kernels stay compiled.
var device gpu.Driver

// onGPU lets a GPU make the steps of a run; start are the weights it began with, nil for noise.
func onGPU(ctx context.Context, t *train.Trainer, start *train.Parameters) (release func(), err error) {
	if device == nil {
		if device, err = gpu.Open(ctx); err != nil {
			return nil, err
		}
	}
	var teacher []float32
	if start != nil {
		teacher = start.Flat
	}
	c, err := gputrain.New(ctx, device, t.Recipe, t.Vectors(), teacher)
	if err != nil {
		return nil, err
	}
	fmt.Println("on", device.Adapter().Label())
	t.Compute(c)
	return c.Close, nil
}
