//go:build js && wasm

package main

import (
	"context"

	"clexlab/model"
	"clexlab/model/gpu"
	"clexlab/wasm/engine/work"
)

// device is a browser's GPU with the model on it.
type device struct {
	driver gpu.Driver
	model  *gpu.Model
}

func openGPU(ctx context.Context) (work.GPU, error) {
	driver, err := gpu.Open(ctx)
	if err != nil {
		return nil, err
	}
	return &device{driver: driver}, nil
}

func (d *device) Label() string  { return d.driver.Adapter().Label() }
func (d *device) Software() bool { return d.driver.Adapter().Software }
func (d *device) Close()         { d.driver.Close() }
func (d *device) Destroy()       { d.driver.Destroy() }

func (d *device) Load(ctx context.Context, c model.Config, w *model.Weights) error {
	m, err := gpu.New(ctx, d.driver, c, w)
	if err != nil {
		return err
	}
	d.model = m
	return m.Prove(ctx, w)
}

func (d *device) NewText(ctx context.Context, capacity int) (model.Text, error) {
	s, err := d.model.NewSequence(ctx, capacity)
	if err != nil {
		return nil, err
	}
	return s, nil
}
