package state

import (
	"math"
	"slices"

	"clexlab/assets"
)

// Scene is one tab of the picture.
type Scene string

// The scenes in the order of their tabs.
const (
	Overview     Scene = "overview"
	Trajectories Scene = "trajectories"
	Spectrum     Scene = "spectrum"
	Attention    Scene = "attention"
	Loss         Scene = "loss"
	Recall       Scene = "recall"
)

// Scenes lists every scene in the order of the tabs.
var Scenes = []Scene{Overview, Trajectories, Spectrum, Attention, Loss, Recall}

// Label is the scene's name on its tab.
func (s Scene) Label() string {
	switch s {
	case Overview:
		return "Overview"
	case Trajectories:
		return "Trajectories"
	case Spectrum:
		return "Spectrum"
	case Attention:
		return "Attention"
	case Loss:
		return "Loss"
	case Recall:
		return "Recall"
	}
	return string(s)
}

// Bounds of the settings. T is the length scaling factor.
const (
	MinT, MaxT       = 1.0, 16.0
	MaxTemperature   = 2.0
	MaxTopK          = 200
	MaxPromptBytes   = 64 << 10
	MinStep, MaxStep = 0.001, 1.0
	MinTol, MaxTol   = 1e-12, 1e-2
)

// Lengths are the lengths of text on offer, in trained windows.
var Lengths = []int{1, 2, 4, 8, 16}

// Sampling says how the next token is drawn. Zero TopK, and TopP 1, MinP 0, switch a filter off.
type Sampling struct {
	Temperature float64
	TopK        int
	TopP, MinP  float64
	Seed        uint64
}

// Settings is the part of the page's state that its address carries.
type Settings struct {
	// Model is the checkpoint's identifier; empty means the first on offer.
	Model string
	// Shown lists the methods drawn in the pictures, in the order of assets.Methods.
	Shown []string
	// First is the method that writes the text, Second the one beside it or "".
	First, Second string
	// T is the length scaling factor; Auto lets it follow the text: ceil(n/L).
	T    float64
	Auto bool
	// Scene is the picture's tab.
	Scene Scene
	// Prompt is what the model continues, Windows how long the text gets, in trained windows.
	Prompt  string
	Windows int
	Sampling
	// Solver names the ODE solver; Step is its fixed step in t, Tol the adaptive
	// solver's tolerance.
	Solver    string
	Step, Tol float64
	// Theme is "light", "dark" or "" for the system's choice.
	Theme string
	// Hidden is the set of controls that are not shown.
	Hidden Controls
	// Lesson and Page say where in which guided lesson the reader is; "" is none.
	Lesson string
	Page   int
	// Pair is the rotary pair in the spectrum; Layer and Head the enlarged attention
	// map, -1 for the grid; Pool how tiles of tokens become a cell, "max" or "mean".
	Pair, Layer, Head int
	Pool              string
	// Field draws the vector field under the trajectories.
	Field bool
	// Present is the presenter's view: large type, for a projector.
	Present bool
	// Backend is what computes.
	Backend Backend
}

// Defaults returns the settings of a bare address.
func Defaults() Settings {
	return Settings{
		Shown:    []string{"clex", "rope", "pi", "ntk", "yarn"},
		First:    "clex",
		T:        1,
		Auto:     true,
		Scene:    Overview,
		Prompt:   "Once upon a time there was a little fox who lived",
		Windows:  4,
		Sampling: Sampling{Temperature: 0.8, TopK: 40, TopP: 0.95, Seed: 7},
		// The reference solves with "rk38" in steps of 0.01; near t = 16 that takes longer than a
		// frame, the adaptive method under a millisecond at a smaller error.
		Solver: "dopri5",
		Step:   0.01,
		Tol:    1e-6,
		Pair:   -1, Layer: -1, Head: -1, Pool: "max",
	}
}

// ClampT brings t into [1, 16]; what is no number becomes 1. It keeps a
// hundredth of t: finer differences cannot be seen and make long links.
func ClampT(t float64) float64 {
	if math.IsNaN(t) {
		return MinT
	}
	t = min(MaxT, max(MinT, t))
	return math.Round(t*100) / 100
}

// AutoT is the paper's t for a text of n tokens: ceil(n/L), at most 16.
func AutoT(n, window int) float64 {
	if window <= 0 || n <= window {
		return MinT
	}
	return min(MaxT, float64((n+window-1)/window))
}

// known reports whether assets has a method of that name.
func known(method string) bool {
	_, ok := assets.Lookup(method)
	return ok
}

// Shows reports whether the method is drawn in the pictures, as the one that
// writes the text always is.
func (s Settings) Shows(method string) bool {
	return method == s.First || slices.Contains(s.Shown, method)
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
