//go:build !js

package main

import (
	"context"
	"errors"

	"clexlab/model/train"
)

// onGPU says how a GPU is reached.
func onGPU(context.Context, *train.Trainer, *train.Parameters) (func(failed bool), error) {
	return nil, errors.New("a GPU is reached under Node only: make train BACKEND=gpu")
}
