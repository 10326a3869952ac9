//go:build !js

package main

import (
	"fmt"
	"strings"

	"clexlab/model"
)

// product is one of the shapes that a model multiplies with.
type product struct{ In, Out int }

func shapes(c model.Config) []product {
	return []product{{c.Dim, c.Dim}, {c.Dim, c.HiddenDim}, {c.HiddenDim, c.Dim}, {c.Dim, c.Vocab}}
}

// kernels are the kinds of products, as the page calls them, with the rows of activations.
var kernels = []struct {
	kind string
	rows int
	name string
}{
	{"float32", 256, "float32, 256 rows"}, {"int8", 256, "int8 weights, 256 rows"}, {"float32", 1, "float32, 1 row"}, {"int8", 1, "int8 weights, 1 row"},
}

// productTable prints, for every kind, our GFLOP/s and how much more that is than each twin's, by shape.
func productTable(model string, shapes []product, rates map[string]map[string][]float64, twins []string) {
	fmt.Printf("\n| %s, GFLOP/s of ours |", model)
	for _, s := range shapes {
		fmt.Printf(" %d×%d |", s.Out, s.In)
	}
	fmt.Printf("\n|---|%s\n", strings.Repeat("---|", len(shapes)))
	for _, k := range kernels {
		fmt.Printf("| %s |", k.name)
		for _, s := range shapes {
			cell := rates[fmt.Sprintf("%s %d %d %d", k.kind, k.rows, s.In, s.Out)]
			fmt.Printf(" %.1f", median(cell[mine]))
			for _, twin := range twins {
				if k.kind == "int8" && twin != "C" {
					continue // there is nothing relaxed in it
				}
				ratios := make([]float64, len(cell[twin]))
				for i, v := range cell[twin] {
					ratios[i] = cell[mine][i] / v
				}
				fmt.Printf(", ÷ %s %.2f", twin, median(ratios))
			}
			fmt.Print(" |")
		}
		fmt.Println()
	}
}
