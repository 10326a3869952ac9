package main

import (
	"fmt"
	"slices"
	"strings"

	"clexlab/model/recall"
	"clexlab/model/train/evaluate"
)

// recallTables write the right answers by part and probe.
func recallTables(b *strings.Builder, r *evaluate.Results) {
	for _, part := range parts {
		first := true
		prose := fmt.Sprintf("a novel's prose (%s/)", part.name)
		if part.name == textPart {
			prose = "the texts"
		}
		for _, probe := range recall.Probes {
			var lengths []int
			for k := range r.Rows {
				if x := r.Rows[k].Measured[part.name].RecallOf(probe); x != nil {
					lengths = append(lengths, x.Lengths...)
				}
			}
			if len(lengths) == 0 {
				continue
			}
			slices.Sort(lengths)
			lengths = slices.Compact(lengths)
			if first {
				fmt.Fprintf(b, "## Recall on %s/\n\nFacts are hidden in %s at five depths and asked for at the end; an answer is right if it is the most probable token of the whole vocabulary, "+
					"where two are asked for both must be. How many were right of how many; of 15 right answers of 15 the 95 %% interval (Wilson) begins at %.0f %%, of 40 of 40 at %.0f %%.\n\n",
					part.name, prose, 100*leastOfAllRight(15), 100*leastOfAllRight(40))
				first = false
			}
			fmt.Fprintf(b, "### %s (%s/)\n\n", probeTitles[probe], part.name)
			head(b, r, lengths, "method | t")
			for k := range r.Rows {
				row := &r.Rows[k]
				x := row.Measured[part.name].RecallOf(probe)
				if x == nil {
					continue
				}
				fmt.Fprintf(b, "| %s | %s |", label(row), factor(row))
				for _, n := range lengths {
					i := x.At(n)
					if i < 0 {
						b.WriteString(" – |")
						continue
					}
					fmt.Fprintf(b, " %.0f of %d |", x.Right[i]*float64(x.Questions[i]), x.Questions[i])
				}
				b.WriteString("\n")
			}
			b.WriteString("\n")
		}
	}
}

// leastOfAllRight is where the 95 % interval of a share begins (Wilson 1927) when n of n answers are right.
func leastOfAllRight(n float64) float64 {
	const z = 1.959964
	return n / (n + z*z)
}

var probeTitles = map[string]string{
	"one": "One fact", "four": "Four facts, one asked for", "eight": "Eight facts, one asked for",
	"table": "A table of twelve rows, one asked for", "two of four": "Two of four facts, one after the other",
	"long table": "A table of sixteen rows, one asked for", "chain": "A chain of two: a name, then who stands beside that one",
}
