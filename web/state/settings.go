package state

import (
	"math"
	"slices"

	"clexlab/assets"
	"clexlab/viz/scene"
)

// Bounds of the settings. T is the length scaling factor, whose upper bound is the model's.
const (
	MinT             = 1.0
	MaxTemperature   = 2.0
	MaxTopK          = 200
	MaxPromptBytes   = 8 << 10 // a link holds it
	MinStep, MaxStep = 0.001, 1.0
	MinTol, MaxTol   = 1e-12, 1e-2
)

// Sampling says how the next token is drawn. Zero TopK, and TopP 1, MinP 0, switch a filter off.
type Sampling struct {
	Temperature float64
	TopK        int
	TopP, MinP  float64
	Seed        uint64
}

// Settings is the part of the page's state that its address carries.
type Settings struct {
	// State is what the picture is told; Theme may be "" here, the system's choice. Active
	// writes the first text and Beside the second, "" for none.
	scene.State
	// Auto lets T follow the length of the text: ceil(n/L).
	Auto bool
	// Model is the checkpoint's identifier; empty means the first on offer.
	Model string
	// On is the text that figures are measured on.
	On Subject
	// OwnTint tints each text by its writer's loss instead of the judge's.
	OwnTint bool
	// Prompt is what the model continues, Windows how long the text gets, in trained windows: a power of two, below 1 a part of one.
	Prompt  string
	Windows float64
	Sampling
	// Hidden is the set of controls that are not shown.
	Hidden Controls
	// Tab is the part in front: one of tabs. Where there is room the picture stands beside the rest.
	Tab string
	// Lesson and Page say where in which guided lesson the reader is; "" is none.
	Lesson string
	Page   int
	// Backend is what computes.
	Backend Backend
}

// Defaults returns the settings of a bare address.
func Defaults() Settings {
	return Settings{
		State: scene.State{
			Scene: scene.Scenes[0].Name, T: 1, Active: "clex", Beside: "rope",
			Shown: []string{"clex", "rope", "pi", "ntk", "yarn"},
			// The reference solves with "rk38" in steps of 0.01; near t = 16 that takes longer than a
			// frame, the adaptive method under a millisecond at a smaller error.
			Solver: "dopri5", Step: 0.01, Tol: 1e-6,
			Pair: -1, Layer: -1, Head: -1, Token: -1,
		},
		Auto:     true,
		Tab:      "picture",
		Prompt:   "Once upon a time there was a little fox who lived",
		Windows:  4,
		Sampling: Sampling{Temperature: 0.8, TopK: 40, TopP: 0.95, Seed: 7},
	}
}

// tabs are the parts of the page that can be in front.
var tabs = []string{"picture", "text", "recall", "train", "guide"}

// firstTab is the part in front where a link does not say: what it is for.
func (s *Settings) firstTab() string {
	switch {
	case s.Lesson != "":
		return "guide"
	case s.Hidden.Has(HidePicture):
		return "text"
	}
	return "picture"
}

// hides reports whether a part of the page is one that is not shown.
func (s *Settings) hides(tab string) bool {
	own := map[string]Controls{"picture": HidePicture, "text": HideText, "recall": HideText | HideRecall, "train": HideText | HideTrain, "guide": HideText | HideGuide}
	return s.Hidden&own[tab] != 0
}

// clampT brings t into [1, t_max]; what is no number becomes 1. It keeps a
// hundredth of t: finer differences cannot be seen and make long links.
func (s *State) clampT(t float64) float64 {
	if math.IsNaN(t) {
		return MinT
	}
	return scene.RoundT(min(s.MaxT(), max(MinT, t)))
}

// known reports whether assets has a method of that name.
func known(method string) bool {
	_, ok := assets.Lookup(method)
	return ok
}

// toggled returns list with method added or removed, in the order of assets.Methods.
func toggled(list []string, method string) []string {
	out := make([]string, 0, len(list)+1)
	for _, m := range assets.Methods {
		if slices.Contains(list, m.Name) != (m.Name == method) {
			out = append(out, m.Name)
		}
	}
	return out
}
