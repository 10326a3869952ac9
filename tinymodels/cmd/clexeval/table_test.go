package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clexlab/model/train/evaluate"
)

// measurement is two windows at one length, both with a loss of so much.
func measurement(loss float64) *evaluate.Measurement {
	return &evaluate.Measurement{Lengths: []int{256}, Losses: [][]float64{{loss, loss}}, Perplexity: []float64{20, 22}, Low: []float64{19, 21}, High: []float64{21, 23}}
}

// The table says by how much a row is above CLEX on the same windows, and which probes it was asked; rows
// that several processes left in files come together by what they are.
func TestTable(t *testing.T) {
	e := evaluation{name: "tiny", rows: t.TempDir()}
	clex := evaluate.Row{Scheme: "clex", Variant: "clex", Trained: true, TMax: 64}
	ntk := evaluate.Row{Scheme: "ntk", Variant: "ntk", Trained: true, Factor: 64}
	valid := measurement(3)
	valid.Lengths, valid.Losses = append(valid.Lengths, 512), append(valid.Losses, []float64{3.0953102})
	valid.Recall = []evaluate.Recall{{Probe: "eight", Lengths: []int{256}, Questions: []int{15}, Right: []float64{0.4}}}
	for name, f := range map[string]rowFile{
		"a.json": {"tiny", 10, 256, evaluate.Row{Scheme: "clex", Variant: "clex", Trained: true, TMax: 64, Measured: map[string]*evaluate.Measurement{"test": measurement(3)}}},
		"b.json": {"tiny", 10, 256, evaluate.Row{Scheme: "clex", Variant: "clex", Trained: true, TMax: 64, Measured: map[string]*evaluate.Measurement{"valid": valid}}},
		"c.json": {"tiny", 10, 256, evaluate.Row{Scheme: "ntk", Variant: "ntk", Trained: true, Factor: 64, Measured: map[string]*evaluate.Measurement{"test": measurement(3.0953102)}}},
		"d.json": {"other", 10, 256, evaluate.Row{Scheme: "pi", Variant: "pi"}},
	} {
		if err := writeJSON(filepath.Join(e.rows, name), f); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.collect(); err != nil {
		t.Fatal(err)
	}
	if len(e.results.Rows) != 2 || !e.results.Rows[0].Same(&clex) || len(e.results.Rows[0].Measured) != 2 || !e.results.Rows[1].Same(&ntk) {
		t.Fatalf("collected %+v", e.results.Rows)
	}
	text := table(&e.results, false)
	for _, want := range []string{
		"| ntk, tuned | 64 | 20.0 (19.0–21.0) |", "| clex, tuned | n/L to 64 |",
		"| ntk, tuned | +10.0 (+10.0 to +10.0) |", // e^0.0953102 is 1.1
		"### Against its own 256 tokens on valid/", "| clex, tuned | +10.0 (+10.0 to +10.0) |",
		"## Recall on valid/", "### Eight facts, one asked for (valid/)", "| clex, tuned | n/L to 64 | 6 of 15 |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q:\n%s", want, text)
		}
	}
	if err := os.WriteFile(filepath.Join(e.rows, "e.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := e.collect(); err == nil || !strings.Contains(err.Error(), "e.json") {
		t.Errorf("a damaged row: %v", err)
	}
}

// Results that hold nothing of test/ yet have nothing to plot.
func TestPlotsOfNothing(t *testing.T) {
	dir := t.TempDir()
	r := evaluate.Results{Model: "tiny", Window: 256, Rows: []evaluate.Row{{Scheme: "clex", Variant: "clex", Trained: true, Measured: map[string]*evaluate.Measurement{"valid": measurement(3)}}}}
	if err := plots(dir, &r); err != nil {
		t.Fatal(err)
	}
	if names, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(names) > 0 {
		t.Errorf("plots of nothing: %v, %v", names, err)
	}
}

// What is read from a larger t on is a row of its own, and never the one that others are compared with.
func TestRowsFromALargerT(t *testing.T) {
	from := evaluate.Row{Scheme: "clex", Variant: "clex", Trained: true, TMax: 64, TMin: 4}
	plain := from
	plain.TMin = 0
	if from.Same(&plain) {
		t.Error("both rules are one row")
	}
	r := evaluate.Results{Rows: []evaluate.Row{from, plain}}
	if got := rowOf(&r, "clex"); got == nil || got.TMin != 0 {
		t.Errorf("CLEX's row is %v", got)
	}
	if got := label(&from) + "; " + factor(&from); got != "clex from t = 4, tuned; n/L, 4 to 64" {
		t.Error(got)
	}
	// A list of frequencies is the same at every length.
	listed := evaluate.Row{Scheme: "longrope", Variant: "longrope", Trained: true, TMax: 16}
	if got := factor(&listed); got != "its list's" {
		t.Error(got)
	}
}
