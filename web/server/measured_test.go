package server

import (
	"encoding/json"
	"io/fs"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"clexlab/tinymodels"
)

// TestMeasuredIsTheEvaluation: the page's table is exp of the mean of the windows' losses on test/, of every row but further seeds.
func TestMeasuredIsTheEvaluation(t *testing.T) {
	for _, model := range []string{"small", "medium"} {
		data, err := fs.ReadFile(tinymodels.Files, model+"/results.json")
		if err != nil {
			t.Fatal(err)
		}
		var r struct {
			Rows []struct {
				Variant  string
				Measured map[string]struct {
					Lengths []int
					Losses  [][]float64
				}
			}
		}
		if err := json.Unmarshal(data, &r); err != nil {
			t.Fatal(err)
		}
		m, err := measured(tinymodels.Files, model+"/results.json")
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for _, row := range r.Rows {
			test, ok := row.Measured["test"]
			if !ok || strings.Contains(row.Variant, "-seed") {
				continue
			}
			got := m.Rows[at]
			at++
			if got.Weights != row.Variant {
				t.Fatalf("%s: row %d is of %s, want %s", model, at, got.Weights, row.Variant)
			}
			for i, n := range m.Lengths {
				want := 0.0
				for k, length := range test.Lengths {
					if length != n {
						continue
					}
					for _, l := range test.Losses[k] {
						want += l / float64(len(test.Losses[k]))
					}
					want = math.Exp(want)
				}
				if math.Abs(got.Perplexity[i]-want) > 2e-4*want {
					t.Errorf("%s, %s at %d tokens: %v, want %v", model, row.Variant, n, got.Perplexity[i], want)
				}
			}
		}
		if at != len(m.Rows) || at < 4 {
			t.Errorf("%s: %d rows, want %d", model, len(m.Rows), at)
		}
	}
	if _, err := measured(fstest.MapFS{"a/results.json": {Data: []byte("{")}}, "a/results.json"); err == nil || !strings.Contains(err.Error(), "a/results.json") {
		t.Errorf("damaged: %v", err)
	}
}
