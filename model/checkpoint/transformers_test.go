package checkpoint

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"clexlab/model"
)

// TestWrittenByTransformers reads checkpoints that transformers 5.17.0 wrote itself (save_pretrained; testdata/write_with_transformers.py
// makes them anew) and compares logits with its own, computed there in float64. Their texts of 44 tokens are longer than
// the window of 32, so that what follows the length acts.
func TestWrittenByTransformers(t *testing.T) {
	folders, err := filepath.Glob("testdata/transformers/*")
	if err != nil || len(folders) < 14 {
		t.Fatalf("%d folders, %v", len(folders), err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			c, err := Read(context.Background(), os.DirFS(folder), nil)
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(filepath.Join(folder, "logits.json"))
			if err != nil {
				t.Fatal(err)
			}
			var want struct {
				IDs    []int32
				At     []int
				Logits [][]float64
			}
			if err := json.Unmarshal(data, &want); err != nil {
				t.Fatal(err)
			}
			m, err := model.New(c.Config, c.Weights)
			if err != nil {
				t.Fatal(err)
			}
			s, err := m.NewSequence(len(want.IDs))
			if err != nil {
				t.Fatal(err)
			}
			scheme, rule, err := c.Scheme()
			if err != nil {
				t.Fatal(err)
			}
			e := &model.Extension{Scheme: scheme, Rule: rule}
			if _, err := e.Fit(t.Context(), s, len(want.IDs)); err != nil {
				t.Fatal(err)
			}
			from := 0
			for i, at := range want.At {
				if err := s.Prefill(t.Context(), want.IDs[from:at+1], nil); err != nil {
					t.Fatal(err)
				}
				from = at + 1
				for k, x := range want.Logits[i] {
					// Keys and values are of 16 bits here, which models as small as these feel.
					if got := float64(s.Logits()[k]); !(math.Abs(got-x) <= 5e-3*max(1, math.Abs(x))) {
						t.Fatalf("logit %d after token %d is %v, transformers has %v", k, at, got, x)
					}
				}
			}
		})
	}
}
