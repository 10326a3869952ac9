package state

import (
	"strings"
	"testing"

	"clexlab/viz/scene"
)

// Where nothing is measured a picture's caption speaks of no weights and of no t but the page's.
func TestCaptionNamesWeightsWhereTheyCount(t *testing.T) {
	t.Parallel()
	s := opened(t)
	s.Models[0].Tuned = map[string]Weights{"rope": {Name: "base"}, "yarn": {Name: "yarn", Factor: 64}}
	for _, row := range scene.Scenes {
		s.Scene = row.Name
		story := s.Story("", "")
		named := strings.Contains(strings.Join(story.Caption, "\n"), " weights") && len(story.Weights) > 0
		if want := row.Maps || row.Loss || row.Recall; named != want {
			t.Errorf("%s: weights are named: %t, want %t: %q", row.Name, named, want, story.Caption)
		}
	}
}
