package checkpoint_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"clexlab/clex"
	"clexlab/model/checkpoint"
	"clexlab/model/modeltest"
)

// A folder in Hugging Face's layout says which length-extension method its weights were made for, and how texts are read.
func ExampleRead() {
	files, _, _, err := modeltest.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	folder := fstest.MapFS{checkpoint.ConfigFile: {Data: files.Config}, checkpoint.WeightsFile: {Data: files.Weights}}
	c, err := checkpoint.Read(context.Background(), folder, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	scheme, rule, err := c.Scheme()
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := rule.T(100, c.Config.Rotary.Window)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v with %d parameters, made for %s up to t = %g; 100 tokens are read at t = %g\n",
		c.Config.Architecture, c.Weights.Parameters(c.Config), scheme.Name(), c.TMax(), t)
	// Output: LLaMA with 27296 parameters, made for clex up to t = 16; 100 tokens are read at t = 4
}

// Any scheme at one t is a list of factors that other programs read as longrope.
func ExamplePortable() {
	ntk, err := clex.New("ntk", clex.Rotary{HeadDim: 8, Dims: 8, Base: 10000, Window: 256}, clex.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	block, err := checkpoint.Portable(ntk, 8)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %.4f\n", block.Type, block.LongFactor)
	// Output: longrope: [1.0000 2.0000 4.0000 8.0000]
}
