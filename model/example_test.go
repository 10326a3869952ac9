package model_test

import (
	"context"
	"fmt"
	"math"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/modeltest"
)

// open makes the test model, a random transformer with a window of 32 tokens.
func open() (*model.Model, *checkpoint.Checkpoint, error) {
	_, c, _, err := modeltest.New()
	if err != nil {
		return nil, nil, err
	}
	m, err := model.New(c.Config, c.Weights)
	return m, c, err
}

// A model reads a prompt and goes on from it, t following the length of the text.
func ExampleGenerate() {
	m, c, err := open()
	if err != nil {
		fmt.Println(err)
		return
	}
	scheme, rule, err := c.Scheme()
	if err != nil {
		fmt.Println(err)
		return
	}
	x := &model.Extension{Scheme: scheme, Rule: rule}
	s, err := m.NewSequence(100)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, prompt := context.Background(), modeltest.Text(10)
	if _, err := x.Fit(ctx, s, len(prompt)); err != nil {
		fmt.Println(err)
		return
	}
	if err := s.Prefill(ctx, prompt, nil); err != nil {
		fmt.Println(err)
		return
	}
	last := 1.0
	for token, err := range model.Generate(ctx, s, model.Options{MaxTokens: 70, Extension: x, Sampling: model.Sampling{Temperature: 0.8, Seed: 1}}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if token.T != last {
			last = token.T
			fmt.Printf("t = %g from token %d on\n", token.T, token.N)
		}
		if token.Stop != model.NotStopped {
			fmt.Printf("%d tokens: %s\n", token.N, token.Stop)
		}
	}
	// Output:
	// t = 2 from token 33 on
	// t = 3 from token 65 on
	// 80 tokens: token limit
}

// The position encoding changes in the middle of a text: cached keys are rotated anew from keys that never were, so that going
// back restores every bit.
func ExampleSequence_SetEncoding() {
	m, c, err := open()
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := m.NewSequence(64)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := s.Prefill(context.Background(), modeltest.Text(60), nil); err != nil {
		fmt.Println(err)
		return
	}
	before := append([]float32(nil), s.Logits()...)
	scheme, err := clex.New("yarn", c.Config.Rotary, clex.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	// under reads the last token once more under a t, and says how far the logits moved.
	under := func(t float64) {
		var e clex.Encoding
		if err := scheme.Encode(&e, t, 0); err != nil {
			fmt.Println(err)
			return
		}
		if err := s.SetEncoding(&e); err != nil {
			fmt.Println(err)
			return
		}
		if err := s.Refresh(); err != nil {
			fmt.Println(err)
			return
		}
		var most float64
		for i, l := range s.Logits() {
			most = max(most, math.Abs(float64(l-before[i])))
		}
		fmt.Printf("t = %g: moved by less than 1e-5: %v\n", t, most < 1e-5)
	}
	under(2)
	under(1)
	// Output:
	// t = 2: moved by less than 1e-5: false
	// t = 1: moved by less than 1e-5: true
}

// Attention is captured while a text is read: as a map of at most so many cells, or as whole rows.
func ExampleObserver() {
	m, _, err := open()
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := m.NewSequence(48)
	if err != nil {
		fmt.Println(err)
		return
	}
	mean := &model.AttentionMap{Layer: 1, Head: 0, MaxCells: 8}
	last := &model.AttentionRows{Layer: 1, Head: 0, From: 47, To: 48}
	loss := &model.LossTrace{}
	o := &model.Observer{Maps: []*model.AttentionMap{mean}, Rows: []*model.AttentionRows{last}, Loss: loss}
	if err := s.Prefill(context.Background(), modeltest.Text(48), o); err != nil {
		fmt.Println(err)
		return
	}
	var sum float64
	for _, w := range last.Weights[0] {
		sum += float64(w)
	}
	fmt.Printf("a map of %d×%d cells\n", mean.Rows, mean.Cols)
	fmt.Printf("the last query sees %d keys, with weights that add up to %.4f\n", len(last.Weights[0]), sum)
	fmt.Printf("%d losses from token %d on\n", len(loss.NLL), loss.First)
	// Output:
	// a map of 8×8 cells
	// the last query sees 48 keys, with weights that add up to 1.0000
	// 47 losses from token 1 on
}

// Weights in int8 take a quarter of the memory.
func ExampleQuantize() {
	c := modeltest.Config
	w := model.RandomWeights(c, 1, 1.5, false)
	q := model.Quantize(w)
	row := q.Layers[0].Q
	fmt.Printf("a query matrix of %d×%d: %d bytes and %d scales\n", row.Rows, row.Cols, len(row.I8), len(row.Scale))
	// Output: a query matrix of 32×32: 1024 bytes and 32 scales
}
