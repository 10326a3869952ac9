package state

import (
	"slices"
	"strings"
	"testing"

	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
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

// tuned is a page on whose model CLEX, plain RoPE and YaRN have weights of their own, YaRN's tuned at t = 64.
func tuned(t *testing.T) *State {
	t.Helper()
	s := opened(t)
	s.Models[0].Tuned = map[string]Weights{"rope": {Name: "base"}, "yarn": {Name: "yarn", Factor: 64}}
	s.Models[0].TMax = 64
	s.Shown = []string{"clex", "rope", "pi", "yarn"}
	s.Active, s.Beside = "clex", "yarn"
	return s
}

// A caption names the methods that the picture draws and no other, each with its weights and with the t that it was read at
// where that is not the page's; and the build.
func TestCaptionTellsWhatWasRead(t *testing.T) {
	t.Parallel()
	const clex, yarn, rope, pi = "CLEX on clex weights", "YaRN on yarn weights read at t = 64", "Plain RoPE on base weights", "PI on pi weights"
	for name, want := range map[scene.Name]string{
		scene.Overview: clex + ", " + yarn, scene.Attention: clex, scene.Losses: clex + ", " + rope + ", " + pi + ", " + yarn,
		scene.RecallGrids: clex + ", " + rope, scene.Trajectories: "CLEX, Plain RoPE, PI, YaRN", scene.Spectrum: "CLEX, Plain RoPE, PI, YaRN",
	} {
		s := tuned(t)
		s.Scene = name
		caption := s.Story("", "v7").Caption
		if last := caption[len(caption)-1]; last != want+". Build v7." {
			t.Errorf("%s: %q, want %q and the build", name, last, want)
		}
	}
	s := tuned(t)
	s.Active, s.Scene = "yarn", scene.Attention
	if c := s.Story("", "").Caption; c[len(c)-1] != yarn+"." {
		t.Errorf("the map of YaRN: %q", c)
	}
}

// While a text is read anew, what stands in the picture was read at the t before.
func TestCaptionTellsTheTOfTheFigures(t *testing.T) {
	t.Parallel()
	s := tuned(t)
	s.T, s.Auto, s.Beside = 8, false, "rope"
	for _, m := range []string{"clex", "rope"} {
		s.Losses[m], s.Maps[m] = &scene.Loss{Method: m, T: 4}, &scene.MapsSummary{Method: m, T: 4}
	}
	for name, want := range map[scene.Name]string{
		scene.Overview: "CLEX on clex weights read at t = 4, Plain RoPE on base weights.", scene.Attention: "CLEX on clex weights read at t = 4.",
		scene.Trajectories: "CLEX, Plain RoPE, PI, YaRN.",
	} {
		s.Scene = name
		if c := s.Story("", "").Caption; c[len(c)-1] != want || !strings.HasSuffix(c[0], "· t = 8") {
			t.Errorf("%s: %q, want %q", name, c, want)
		}
	}
	s.Losses["clex"].T, s.Maps["clex"].T = 8, 8
	for _, name := range []scene.Name{scene.Overview, scene.Attention} {
		s.Scene = name
		if c := s.Story("", "").Caption; strings.Contains(c[len(c)-1], "read at") {
			t.Errorf("%s: %q, when all is read at the page's t", name, c)
		}
	}
}

// The recall probe's picture tells the rule and the seed that its grid was asked by, whatever the page has been set to since.
func TestCaptionOfRecall(t *testing.T) {
	t.Parallel()
	s := tuned(t)
	s.Scene, s.Auto, s.T, s.Seed = scene.RecallGrids, false, 16, 5
	run(s, RunProbe{}, ProbeAnswered{Job: s.Probe.Job, Recalled: jobs.Recalled{Cell: Cell{Method: "clex", Tokens: 256, Depth: 0.5, Trials: 1, Right: 1}}})
	s.Probe.Cells = []Cell{{Method: "clex", Tokens: 256, Trials: 1}}
	s.T, s.Seed = 2, 6
	story := s.Story("", "")
	if c := story.Caption; !strings.HasSuffix(c[0], "· t = 16") || c[1] != "Asked in questions of the recall probe, seed 5." || story.Seed != "5" {
		t.Errorf("asked at t = 16 with seed 5: %+v", story)
	}
	run(s, SwitchAuto{true}, RunProbe{})
	s.Probe.Cells = []Cell{{Method: "clex", Tokens: 256, Trials: 1}}
	run(s, SwitchAuto{false})
	if c := s.Story("", "").Caption; !strings.HasSuffix(c[0], "· t follows the length of each text") {
		t.Errorf("asked with t following: %q", c)
	}
}

// A text that was written here is told with its length, seed and prompt, the book and where nothing is measured without a seed.
func TestStoryTellsTheText(t *testing.T) {
	t.Parallel()
	s := writing(t, 300)
	s.Scene, s.On = scene.Losses, OnBook
	if story := s.Story("", ""); story.Tokens != 1024 || story.Seed+story.Prompt != "" || !strings.Contains(story.Text, "(1906") {
		t.Errorf("the book: %+v", story)
	}
	s.On = OnText
	story := s.Story("", "")
	if story.Tokens != 300 || story.Seed != "7" || story.Prompt != s.Prompt || !strings.Contains(story.Caption[1], "seed 7, temperature 0.8, top-k 40, top-p 0.95, prompt “Once upon a time") || !strings.HasSuffix(story.Caption[1], ", 300 tokens.") {
		t.Errorf("a text of 300 tokens: %+v", story)
	}
	d := &s.Panes[0].Document
	d.By[0].TopK, d.By[0].TopP, d.By[0].MinP = 0, 1, 0.05
	if story := s.Story("", ""); !strings.Contains(story.Text, "temperature 0.8, min-p 0.05, prompt") {
		t.Errorf("drawn by another filter: %q", story.Text)
	}
	other := d.By[0]
	other.From, other.Seed = 200, 9
	d.By = append(slices.Clone(d.By), other)
	if story := s.Story("", ""); story.Seed != "7, then 9 from token 201" || !strings.Contains(story.Text, "seed "+story.Seed) {
		t.Errorf("written on with another seed: %+v", story)
	}
	s.Scene = scene.Spectrum
	if story := s.Story("", ""); story.Text+story.Seed+story.Prompt != "" || story.Tokens != 0 {
		t.Errorf("where nothing is measured: %+v", story)
	}
}
