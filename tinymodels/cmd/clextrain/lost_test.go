package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"clexlab/model/gpu"
	"clexlab/model/train"
)

// passing is a computer that changes the weights in a way of its own; after so many steps its device is lost, for what is read as well.
type passing struct {
	shards, left int
	vectors      train.Vectors
	stop         func()
}

func (p *passing) lost() error {
	if p.left > 0 {
		return nil
	}
	return &gpu.Error{Kind: gpu.Lost, Text: "gone"}
}

func (p *passing) Step(context.Context, *train.Batch, train.Update) (train.Outcome, error) {
	if err := p.lost(); err != nil {
		return train.Outcome{}, err
	}
	p.left--
	for i := range p.vectors.Weights {
		p.vectors.Weights[i] *= 0.9
	}
	if p.stop != nil {
		p.stop()
	}
	return train.Outcome{Losses: make([]float64, p.shards), GradientNorm: 1}, nil
}

func (p *passing) Store(_ context.Context, v *train.Vectors) error {
	if p.stop == nil && p.left == 0 {
		clear(v.Weights)
		return p.lost()
	}
	copy(v.Weights, p.vectors.Weights)
	return nil
}

// opening has computers made that are lost after so many steps.
func opening(steps int, stop func(), released *[]bool) func(context.Context, *train.Trainer, *train.Parameters) (func(bool), error) {
	return func(_ context.Context, t *train.Trainer, _ *train.Parameters) (func(bool), error) {
		v := t.Vectors()
		t.Compute(&passing{t.Recipe.Batch / t.Recipe.ShardRows, steps, train.Vectors{Weights: slices.Clone(v.Weights)}, stop})
		return func(failed bool) { *released = append(*released, failed) }, nil
	}
}

// output is what is printed while do runs.
func output(t *testing.T, do func()) string {
	t.Helper()
	was := os.Stdout
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout = w
	read := make(chan string)
	go func() {
		text, _ := io.ReadAll(r)
		read <- string(text)
	}()
	do()
	os.Stdout = was
	w.Close()
	return <-read
}

// A GPU that is lost leaves the run to the processor, from the last saved state: from the beginning where none is, and from where
// a run was stopped. What comes of it is, to the bit, what the processor makes of that state.
func TestLostGPULeavesTheRunToTheProcessor(t *testing.T) {
	for _, c := range []struct {
		name, line string
		// stopped is whether a run before was stopped, by a person, after its first step; steps are those before the loss.
		stopped bool
		steps   int
	}{
		{"at once", "step 0: the GPU was lost: gone; going on from the state of step 0 on the processor", false, 0},
		{"after two steps", "step 2: the GPU was lost: gone; going on from the state of step 0", false, 2},
		{"at the last reading", "step 3: the GPU was lost: gone; going on from the state of step 0", false, 3},
		{"after a stop", "step 2: the GPU was lost: gone; going on from the state of step 1", true, 1},
	} {
		var files [2][]byte
		for i := range files {
			o := workshop(t)
			o.only = []string{"base"}
			var released []bool
			if c.stopped {
				ctx, stop := context.WithCancel(t.Context())
				o.open = opening(9, stop, &released)
				if err := o.run(ctx); err == nil || ctx.Err() == nil || len(released) != 1 || released[0] {
					t.Fatalf("%s: a stopped run: %v, the GPU was released %v", c.name, err, released)
				}
				released = nil
			}
			if o.open = nil; i == 0 {
				o.open = opening(c.steps, nil, &released)
			}
			said := output(t, func() {
				if err := o.run(t.Context()); err != nil {
					t.Fatalf("%s: %v", c.name, err)
				}
			})
			if i == 0 && (!strings.Contains(said, c.line) || len(released) != 1 || !released[0]) {
				t.Errorf("%s: the GPU was released %v; said\n%s", c.name, released, said)
			}
			var err error
			if files[i], err = os.ReadFile(filepath.Join(o.states, "tiny", "base", "latest.state")); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(files[0], files[1]) {
			t.Errorf("%s: it ends elsewhere than on the processor", c.name)
		}
	}
}
