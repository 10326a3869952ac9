package main

import (
	"context"
	"errors"
	"fmt"

	"clexlab/model/gpu"
	"clexlab/model/gpu/gputrain"
	"clexlab/model/train"
)

// device is one for all runs of a process, while it is good: its kernels stay compiled.
var device gpu.Driver

// onGPU lets a GPU make the steps of a run; start are the weights it began with, nil for noise. Where the GPU turns out to be no good it says so and leaves
// the run to the processor; where there is none, or none for such a model, that is an error.
func onGPU(ctx context.Context, t *train.Trainer, start *train.Parameters) (release func(failed bool), err error) {
	c, err := compute(ctx, t, start)
	var trouble *gpu.Error
	if errors.As(err, &trouble) && trouble.Kind != gpu.Missing && trouble.Kind != gpu.Unfit {
		fmt.Printf("%v; the processor computes\n", trouble)
		leave()
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	fmt.Println("on", device.Adapter().Label())
	t.Compute(c)
	return func(failed bool) {
		if c.Close(); failed {
			leave()
		}
	}, nil
}

func compute(ctx context.Context, t *train.Trainer, start *train.Parameters) (c *gputrain.Computer, err error) {
	if device == nil {
		if device, err = gpu.Open(ctx); err != nil {
			return nil, err
		}
	}
	if err := gputrain.SelfTest(ctx, device, t.Recipe); err != nil {
		return nil, err
	}
	var teacher []float32
	if start != nil {
		teacher = start.Flat
	}
	return gputrain.New(ctx, device, t.Recipe, t.Vectors(), teacher)
}

// leave gives the device back: the next run opens it anew.
func leave() {
	device.Close()
	device = nil
}
