//go:build js && wasm

package main

import (
	"context"

	"clexlab/model"
	"clexlab/model/gpu"
	"clexlab/model/gpu/gputrain"
	"clexlab/model/train"
	"clexlab/wasm/engine/work"
)

// device is a browser's GPU.
type device struct{ gpu.Driver }

func openGPU(ctx context.Context) (work.GPU, error) {
	driver, err := gpu.Open(ctx)
	if err != nil {
		return nil, err
	}
	return device{driver}, nil
}

func (d device) Name() string   { return d.Adapter().Name }
func (d device) Software() bool { return d.Adapter().Software }

func (d device) Load(ctx context.Context, c model.Config, w *model.Weights) (work.GPUModel, error) {
	m, err := gpu.New(ctx, d.Driver, c, w)
	if err != nil {
		return nil, err
	}
	if err := m.SelfTest(ctx, w); err != nil {
		return nil, err
	}
	return loaded{m}, nil
}

// openTrainer begins a run of training on the browser's GPU, if that computes right.
func openTrainer(ctx context.Context, r *train.Recipe, v *train.Vectors) (train.Computer, string, func(), error) {
	driver, err := gpu.Open(ctx)
	if err != nil {
		return nil, "", nil, err
	}
	var c *gputrain.Computer
	if err = gputrain.SelfTest(ctx, driver, r); err == nil {
		c, err = gputrain.New(ctx, driver, r, v, nil)
	}
	if err != nil {
		driver.Close()
		return nil, "", nil, err
	}
	return c, driver.Adapter().Label(), driver.Close, nil
}

// loaded is a model on the GPU.
type loaded struct{ *gpu.Model }

func (m loaded) NewSession(ctx context.Context, capacity int) (model.Session, error) {
	s, err := m.NewSequence(ctx, capacity)
	if err != nil {
		return nil, err
	}
	return s, nil
}
