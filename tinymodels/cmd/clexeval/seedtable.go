package main

import (
	"fmt"
	"slices"
	"strings"

	"clexlab/model/train/evaluate"
)

// seedTables write what rows of several seeds score together, part by part.
func seedTables(b *strings.Builder, r *evaluate.Results) {
	for _, part := range parts {
		var rows []evaluate.Seeds
		var lengths []int
		for _, s := range r.Seeds {
			if s.Part == part.name {
				rows, lengths = append(rows, s), append(lengths, s.Lengths...)
			}
		}
		if len(rows) == 0 {
			continue
		}
		slices.Sort(lengths)
		lengths = slices.Compact(lengths)
		fmt.Fprintf(b, "## Several seeds on %s/\n\nPerplexity of the mean loss over windows and seeds, in brackets those of the best and the worst seed.\n\n", part.name)
		head(b, r, lengths, "method | seeds")
		for _, s := range rows {
			fmt.Fprintf(b, "| %s | %d |", s.Variant, s.Count)
			for _, n := range lengths {
				if i := slices.Index(s.Lengths, n); i >= 0 {
					fmt.Fprintf(b, " %.2f (%.2f–%.2f) |", s.Perplexity[i], s.Lowest[i], s.Highest[i])
				} else {
					b.WriteString(" – |")
				}
			}
			b.WriteString("\n")
		}
		b.WriteString("\nAgainst CLEX in %, the mean loss over the seeds compared window by window:\n\n")
		head(b, r, lengths, "method")
		for _, s := range rows {
			if s.Against == nil {
				continue
			}
			fmt.Fprintf(b, "| %s |", s.Variant)
			for _, n := range lengths {
				if i := slices.Index(s.Lengths, n); i >= 0 {
					change(b)(evaluate.Perplexity{Value: s.Against[i], Low: s.AgainstLow[i], High: s.AgainstHigh[i]}, nil)
				} else {
					b.WriteString(" – |")
				}
			}
			b.WriteString("\n")
		}
		b.WriteString("\n")
	}
}
