package work

import (
	"math"
	"slices"
	"strings"
	"testing"

	"clexlab/wasm/wire/jobs"
)

// A request's way of drawing positions and its largest t are the recipe's, whose shares are a whole; one that is unknown is refused.
func TestRecipesPositions(t *testing.T) {
	config := newBench(t).checkpoint.Config
	for s, want := range map[jobs.Sampler][]string{
		jobs.MixedPositions:      {"contiguous", "chunks", "drawn"},
		jobs.RunsOfNeighbours:    {"chunks"},
		jobs.DrawnPositions:      {"drawn"},
		jobs.ContiguousPositions: {"contiguous"},
	} {
		ask := lesson
		ask.Sampler, ask.TMax = s, 5
		r, err := recipeOf(&ask, config, false)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		sum := 0.0
		for _, c := range r.Positions {
			got, sum = append(got, c.Sampler), sum+c.Share
		}
		if !slices.Equal(got, want) || math.Abs(sum-1) > 1e-12 || r.T.Max != 5 || r.Scheme.TMax != 5 {
			t.Errorf("%q: %+v, t %+v, scheme %+v", s, r.Positions, r.T, r.Scheme)
		}
	}
	ask := lesson
	ask.Sampler = "spiral"
	if _, err := recipeOf(&ask, config, false); err == nil || !strings.Contains(err.Error(), `"spiral"`) {
		t.Errorf("an unknown sampler: %v", err)
	}
}
