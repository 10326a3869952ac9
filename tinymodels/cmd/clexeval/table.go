package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"clexlab/model/train/evaluate"
)

// parts are the parts of the corpus in the order of the tables, with what they are.
var parts = []struct{ name, what string }{
	{"test", "three novels on which nothing was trained, tuned or chosen"},
	{"valid", "two novels that were never trained on, on which recipes were chosen"},
	{textPart, ""},
}

// textPart is what was measured on texts that -text names.
const textPart = "text"

// table writes results as Markdown: perplexity with its interval and beside CLEX, then recall.
// own says that the model was not made here: what it was trained on is not known.
func table(r *evaluate.Results, own bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Results of %q\n\n%d parameters, trained window %d tokens. ", r.Model, r.Parameters, r.Window)
	books, tuned := "books that were never trained on", "Rows marked `tuned` were trained with their method; the others run it on the base model as it is. "
	if own {
		books, tuned = "the texts", "The row marked `tuned` is the method that the model's file asks for; the others run theirs on its weights as they are. "
	}
	fmt.Fprintf(&b, "Perplexity of the last %d tokens of windows of %s, with 95 %% bootstrap intervals. ", evaluate.Tail, books)
	b.WriteString("All rows are read on the same windows; `against CLEX` is by how much a row's perplexity is higher or lower than that of CLEX on the same windows, in %, with the interval of the paired differences. ")
	b.WriteString(tuned)
	b.WriteString("`n/L` lets the length scaling factor t follow the length of the text, rounded up and within the bounds given; a number is the one t a model was tuned at.\n\n")
	for _, part := range parts {
		lengths := measuredLengths(r, part.name)
		if len(lengths) == 0 {
			continue
		}
		fmt.Fprintf(&b, "## Perplexity on %s/", part.name)
		if part.what != "" && !own {
			b.WriteString(": " + part.what)
		}
		b.WriteString("\n\n")
		head(&b, r, lengths, "method | t")
		for k := range r.Rows {
			row := &r.Rows[k]
			m := row.Measured[part.name]
			if m == nil {
				continue
			}
			fmt.Fprintf(&b, "| %s | %s |", label(row), factor(row))
			for _, n := range lengths {
				i := m.At(n)
				if i < 0 {
					b.WriteString(" – |")
					continue
				}
				fmt.Fprintf(&b, " %s (%s–%s) |", number(m.Perplexity[i]), number(m.Low[i]), number(m.High[i]))
			}
			b.WriteString("\n")
		}
		b.WriteString("\nWindows:")
		for i, n := range lengths {
			if i > 0 {
				b.WriteString(",")
			}
			fmt.Fprintf(&b, " %d of %d tokens", windowsAt(r, part.name, n), n)
		}
		b.WriteString(".\n\n")
		compared(&b, r, part.name, lengths)
		tuning(&b, r, part.name, lengths)
		growth(&b, r, part.name, lengths)
	}
	seedTables(&b, r)
	recallTables(&b, r)
	writingTable(&b, r)
	sampleTable(&b, r.LongSamples)
	return b.String()
}

func head(b *strings.Builder, r *evaluate.Results, lengths []int, first string) {
	fmt.Fprintf(b, "| %s |", first)
	for _, n := range lengths {
		fmt.Fprintf(b, " %d (%g×) |", n, float64(n)/float64(r.Window))
	}
	b.WriteString("\n|" + strings.Repeat("---|", strings.Count(first, "|")+1+len(lengths)) + "\n")
}

// compared writes the paired differences from CLEX.
func compared(b *strings.Builder, r *evaluate.Results, part string, lengths []int) {
	clex := rowOf(r, "clex")
	if clex == nil || clex.Measured[part] == nil {
		return
	}
	fmt.Fprintf(b, "### Against CLEX on %s/, in %%\n\n", part)
	head(b, r, lengths, "method")
	for k := range r.Rows {
		row := &r.Rows[k]
		m := row.Measured[part]
		if m == nil || row == clex {
			continue
		}
		fmt.Fprintf(b, "| %s |", label(row))
		for _, n := range lengths {
			change(b)(m.Paired(clex.Measured[part], n))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}

// tuning writes the paired differences of weights that were tuned for a method from those of the base under it.
func tuning(b *strings.Builder, r *evaluate.Results, part string, lengths []int) {
	first := true
	for k := range r.Rows {
		row := &r.Rows[k]
		m, as := row.Measured[part], row.Scheme
		if as == "clex" {
			as = untrainedCLEX
		}
		at := slices.IndexFunc(r.Rows, func(o evaluate.Row) bool {
			return o.Variant == "base" && o.Scheme == as && (!o.Trained || as == "rope") && !o.LogN && o.Measured[part] != nil
		})
		if m == nil || !row.Trained || row.Variant == "base" || row.LogN || row.TMin != 0 || at < 0 || evaluate.FurtherSeed(row.Variant) {
			continue
		}
		if first {
			fmt.Fprintf(b, "### Tuned against the same method on the base on %s/, in %%\n\n", part)
			head(b, r, lengths, "method | on the base")
			first = false
		}
		fmt.Fprintf(b, "| %s | %s |", label(row), label(&r.Rows[at]))
		for _, n := range lengths {
			change(b)(m.Paired(r.Rows[at].Measured[part], n))
		}
		b.WriteString("\n")
	}
	if !first {
		b.WriteString("\n")
	}
}

// growth writes what each length costs a row.
func growth(b *strings.Builder, r *evaluate.Results, part string, lengths []int) {
	if len(lengths) < 2 {
		return
	}
	fmt.Fprintf(b, "### Against its own %d tokens on %s/, in %%\n\nWindows that end at the same token: below 0 the longer text helps.\n\n", lengths[0], part)
	head(b, r, lengths[1:], "method")
	for k := range r.Rows {
		row := &r.Rows[k]
		m := row.Measured[part]
		if m.At(lengths[0]) != 0 {
			continue
		}
		fmt.Fprintf(b, "| %s |", label(row))
		for _, n := range lengths[1:] {
			change(b)(m.Growth(n))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}

// change writes a ratio of perplexities as a cell, in % or, where it is more than 2, as how many times.
func change(b *strings.Builder) func(p evaluate.Perplexity, err error) {
	return func(p evaluate.Perplexity, err error) {
		switch {
		case err != nil:
			b.WriteString(" – |")
		case p.Value > 2:
			fmt.Fprintf(b, " %.1f times (%.1f–%.1f) |", p.Value, p.Low, p.High)
		default:
			fmt.Fprintf(b, " %+.1f (%+.1f to %+.1f) |", 100*(p.Value-1), 100*(p.Low-1), 100*(p.High-1))
		}
	}
}

func rowOf(r *evaluate.Results, variant string) *evaluate.Row {
	for i := range r.Rows {
		if r.Rows[i].Variant == variant && r.Rows[i].Trained && !r.Rows[i].LogN && r.Rows[i].TMin == 0 {
			return &r.Rows[i]
		}
	}
	return nil
}

// measuredLengths are those of the row that has most.
func measuredLengths(r *evaluate.Results, part string) (lengths []int) {
	for _, row := range r.Rows {
		if m := row.Measured[part]; m != nil && len(m.Lengths) > len(lengths) {
			lengths = m.Lengths
		}
	}
	return lengths
}

// windowsAt is on how many windows most rows stand at a length.
func windowsAt(r *evaluate.Results, part string, n int) (most int) {
	for _, row := range r.Rows {
		if m := row.Measured[part]; m.At(n) >= 0 {
			most = max(most, len(m.Losses[m.At(n)]))
		}
	}
	return most
}

// number writes a perplexity with three or four digits.
func number(x float64) string {
	if x >= 100 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.*f", max(0, 3-int(math.Log10(max(1, x)))-1), x)
}

// factor is the length scaling factor that a row is read at.
func factor(row *evaluate.Row) string {
	if row.Factor > 0 {
		return fmt.Sprintf("%g", row.Factor)
	}
	switch row.Scheme {
	case "rope":
		return "1"
	case "longrope":
		return "its list's"
	}
	if row.TMin > 0 {
		return fmt.Sprintf("n/L, %g to %g", row.TMin, row.TMax)
	}
	return fmt.Sprintf("n/L to %g", row.TMax)
}
