package server

import (
	"encoding/json"
	"fmt"
	"io/fs"

	"clexlab/model/train/evaluate"
	"clexlab/wasm/wire/jobs"
)

// measured is what a model's evaluation says on texts on which nothing was chosen, each row once: second and third seeds are
// for RESULTS.md.
func measured(fsys fs.FS, name string) (*jobs.Measured, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	var r evaluate.Results
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("server: %s: %w", name, err)
	}
	const part = "test"
	out := &jobs.Measured{On: "novels on which nothing was trained, tuned or chosen", Tail: evaluate.Tail}
	for _, row := range r.Rows {
		if m := row.Measured[part]; m != nil && len(out.Lengths) < len(m.Lengths) {
			out.Lengths, out.Windows = m.Lengths, nil
			for _, l := range m.Losses {
				out.Windows = append(out.Windows, len(l))
			}
		}
	}
	for _, row := range r.Rows {
		m := row.Measured[part]
		if m == nil || evaluate.FurtherSeed(row.Variant) || row.LogN {
			continue
		}
		to := jobs.MeasuredRow{Method: row.Scheme, Weights: row.Variant, Tuned: row.Trained, T: row.Factor, Least: max(1, row.TMin), Most: row.TMax}
		for _, n := range out.Lengths {
			p := 0.0
			if i := m.At(n); i >= 0 {
				p = m.Perplexity[i]
			}
			to.Perplexity = append(to.Perplexity, p)
		}
		out.Rows = append(out.Rows, to)
	}
	if len(out.Rows) == 0 {
		return nil, nil
	}
	return out, nil
}
