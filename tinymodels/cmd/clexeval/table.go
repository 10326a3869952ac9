package main

import (
	"fmt"
	"strings"

	"clexlab/model/train/evaluate"
)

// table writes results as Markdown: perplexity with its interval, then recall.
func table(r *evaluate.Results) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Results of %q\n\n%d parameters, trained window %d tokens. ", r.Model, r.Parameters, r.Window)
	fmt.Fprintf(&b, "Perplexity of the last %d tokens of windows of two novels that were never trained on, with 95 %% bootstrap intervals; ", evaluate.Tail)
	b.WriteString("recall of one fact in a novel's prose, at five depths (an answer is right if it is the most probable token of the whole vocabulary). ")
	b.WriteString("Rows marked `tuned` were trained with their method, at the same cost each; the others run it on the base model as it is. ")
	b.WriteString("`n/L` lets the length scaling factor t follow the length of the text, rounded up; a number is the one t a model was tuned at.\n\n")
	for _, part := range []struct {
		title string
		cell  func(row *evaluate.Row, i int) string
	}{
		{"Perplexity", func(row *evaluate.Row, i int) string {
			return fmt.Sprintf("%.2f (%.2f–%.2f)", row.Perplexity[i], row.Low[i], row.High[i])
		}},
		{"Recall", func(row *evaluate.Row, i int) string {
			if i >= len(row.Recall) {
				return "–"
			}
			return fmt.Sprintf("%.0f %%", 100*row.Recall[i])
		}},
		{"How many", func(row *evaluate.Row, i int) string {
			return fmt.Sprintf("%d, %d", row.Windows[i], row.Questions)
		}},
	} {
		if len(r.Rows) == 0 {
			break
		}
		fmt.Fprintf(&b, "## %s\n\n| method | t |", part.title)
		for _, n := range r.Rows[0].Lengths {
			fmt.Fprintf(&b, " %d (%g×) |", n, float64(n)/float64(r.Window))
		}
		b.WriteString("\n|---|---|" + strings.Repeat("---|", len(r.Rows[0].Lengths)) + "\n")
		for k := range r.Rows {
			row := &r.Rows[k]
			fmt.Fprintf(&b, "| %s | %s |", label(row), factor(row))
			for i := range row.Lengths {
				fmt.Fprintf(&b, " %s |", part.cell(row, i))
			}
			b.WriteString("\n")
		}
		b.WriteString("\n")
	}
	b.WriteString("The last table gives windows and questions behind each figure.\n\n")
	taleTable(&b, r.Tales)
	return b.String()
}

func factor(row *evaluate.Row) string {
	if row.Factor > 0 {
		return fmt.Sprintf("%g", row.Factor)
	}
	return "n/L"
}
