package main

import (
	"fmt"
	"image/color"
	"math"
	"path/filepath"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"

	"clexlab/model/recall"
	"clexlab/model/train/evaluate"
)

// plots draws perplexity and recall by length and loss by position into root, once a row was measured on test/, or on the texts of -text.
func plots(root string, r *evaluate.Results) error {
	part := "test"
	if measuredLengths(r, part) == nil {
		part = textPart
	}
	if !slices.ContainsFunc(r.Rows, func(row evaluate.Row) bool { return row.Measured[part] != nil && plotted(&row) }) {
		return nil // a logarithmic axis with nothing on it has no ends
	}
	p := plot.New()
	p.Title.Text = fmt.Sprintf("%s: perplexity by length of text (%s/)", r.Model, part)
	p.X.Label.Text, p.Y.Label.Text = "tokens", "perplexity"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker = lengthTicks(r, part)
	p.Y.Tick.Marker = roundTicks
	for i := range r.Rows {
		row := &r.Rows[i]
		m := row.Measured[part]
		if m == nil || !plotted(row) {
			continue
		}
		points := make(plotter.XYs, len(m.Lengths))
		for k, n := range m.Lengths {
			points[k] = plotter.XY{X: float64(n), Y: m.Perplexity[k]}
		}
		if _, err := draw(p, i, row, points); err != nil {
			return err
		}
	}
	p.X.Max *= 8 // room for the legend
	if err := save(p, filepath.Join(root, "perplexity.png")); err != nil {
		return err
	}

	p = plot.New()
	p.Title.Text = fmt.Sprintf("%s: loss by position (%s/), trained window %d", r.Model, part, r.Window)
	p.X.Label.Text, p.Y.Label.Text = "position in tokens", "nats per token"
	for i := range r.Rows {
		row := &r.Rows[i]
		m := row.Measured[part]
		if m == nil || len(m.LossByPosition) == 0 || !plotted(row) {
			continue
		}
		points := make(plotter.XYs, len(m.LossByPosition))
		for k, loss := range m.LossByPosition {
			points[k] = plotter.XY{X: (float64(k) + 0.5) * float64(m.PositionStep), Y: loss}
		}
		if _, err := draw(p, i, row, points); err != nil {
			return err
		}
	}
	p.X.Max *= 1.3
	if err := save(p, filepath.Join(root, "loss-by-position.png")); err != nil {
		return err
	}
	return recallPlot(root, r, part)
}

// recallPlot draws how often one fact is found by the length of the text.
func recallPlot(root string, r *evaluate.Results, part string) error {
	p := plot.New()
	p.Title.Text = fmt.Sprintf("%s: one fact found, by length of text (%s/)", r.Model, part)
	p.X.Label.Text, p.Y.Label.Text = "tokens", "right answers in %"
	p.X.Scale, p.Y.Min, p.Y.Max = plot.LogScale{}, -3, 103
	var ticks plot.ConstantTicks
	var drawn []*plotter.Line
	for i := range r.Rows {
		row := &r.Rows[i]
		x := row.Measured[part].RecallOf(recall.Probes[0])
		if x == nil || !plotted(row) {
			continue
		}
		points := make(plotter.XYs, len(x.Lengths))
		for k, n := range x.Lengths {
			points[k] = plotter.XY{X: float64(n), Y: 100 * x.Right[k]}
			if !slices.ContainsFunc(ticks, func(t plot.Tick) bool { return t.Value == float64(n) }) {
				ticks = append(ticks, plot.Tick{Value: float64(n), Label: fmt.Sprint(n)})
			}
		}
		line, err := draw(p, i, row, points)
		if err != nil {
			return err
		}
		drawn = append(drawn, line)
	}
	if len(drawn) == 0 {
		return nil
	}
	// Most lie on each other: those below show beside those above.
	for k, line := range drawn {
		line.Width = vg.Points(1.2 + 6*float64(len(drawn)-1-k)/float64(len(drawn)))
	}
	p.X.Tick.Marker = ticks
	p.X.Max *= 3
	return save(p, filepath.Join(root, "recall.png"))
}

// plotted leaves second seeds and second rules out of the pictures.
func plotted(row *evaluate.Row) bool { return !evaluate.FurtherSeed(row.Variant) && row.TMin == 0 }

func draw(p *plot.Plot, i int, row *evaluate.Row, points plotter.XYs) (*plotter.Line, error) {
	name := label(row)
	line, err := plotter.NewLine(points)
	if err != nil {
		return nil, fmt.Errorf("plot of %s: %w", name, err)
	}
	line.Color, line.Dashes, line.Width = plotutil.Color(i), plotutil.Dashes(i), vg.Points(1.6)
	if row.Variant == "clex" && !row.LogN && row.TMin == 0 { // what it is all about
		line.Color, line.Dashes, line.Width = color.Black, nil, vg.Points(3)
	}
	p.Add(line)
	p.Legend.Add(name, line)
	return line, nil
}

// untrainedCLEX is the scheme that CLEX is before its field has learnt anything: NTK with α = 2t − 1, which is what dynamic NTK
// that grows by 2 makes of a text of t windows.
const untrainedCLEX = "dynamic"

// label names a row: the method, and whether the weights were tuned with it.
// PoSE and E2-LLM are ways of tuning, so they are called by their checkpoints.
func label(row *evaluate.Row) string {
	name := row.Scheme
	switch {
	case row.Variant != "base":
		name = row.Variant
	case row.Scheme == untrainedCLEX:
		name += " (CLEX before training)"
	}
	if row.LogN {
		name += " + log-n"
	}
	if row.TMin > 0 {
		name += fmt.Sprintf(" from t = %g", row.TMin)
	}
	if row.Trained && row.Variant != "base" {
		name += ", tuned"
	}
	return name
}

// roundTicks are few round numbers of every power of ten, all with their labels.
var roundTicks = plot.TickerFunc(func(lo, hi float64) []plot.Tick {
	var ticks []plot.Tick
	for power := math.Pow(10, math.Floor(math.Log10(lo))); power <= hi; power *= 10 {
		for _, m := range []float64{1, 1.5, 2, 3, 4, 5, 7} {
			if v := m * power; v >= lo && v <= hi {
				ticks = append(ticks, plot.Tick{Value: v, Label: fmt.Sprint(v)})
			}
		}
	}
	return ticks
})

func lengthTicks(r *evaluate.Results, part string) plot.ConstantTicks {
	var ticks plot.ConstantTicks
	for _, n := range measuredLengths(r, part) {
		ticks = append(ticks, plot.Tick{Value: float64(n), Label: fmt.Sprint(n)})
	}
	return ticks
}

func save(p *plot.Plot, path string) error {
	p.Legend.Top, p.Legend.Padding, p.Legend.ThumbnailWidth = true, vg.Points(2), vg.Points(32)
	return p.Save(20*vg.Centimeter, 11*vg.Centimeter, path)
}
