package state

import "strings"

// Controls is a set of parts of the page, used to hide them for a class.
type Controls uint32

// The parts that a link can hide.
const (
	HideMethods Controls = 1 << iota
	HideCompare
	HideSlider
	HideAuto
	HideTabs
	HideSave
	HideTable
	HideSolver
	HidePrompt
	HideSampling
	HideLength
	HideRecall
	HideGuide
	HideModel
	HideShare
	HideTheme
	HideStats
	HideText
	HidePicture
	HideTrain
	controlsEnd
)

// Control describes one part for the list in the share panel.
type Control struct {
	Bit   Controls
	Name  string // as in the address
	Label string
}

// AllControls lists every part that a link can hide.
var AllControls = []Control{
	{HideMethods, "methods", "Method chips"},
	{HideCompare, "compare", "Second method"},
	{HideSlider, "slider", "Slider"},
	{HideAuto, "auto", "Auto switch"},
	{HideTabs, "tabs", "Picture tabs"},
	{HideSave, "save", "Save buttons"},
	{HideTable, "table", "Data table"},
	{HideSolver, "solver", "Solver"},
	{HidePrompt, "prompt", "Prompt"},
	{HideSampling, "sampling", "Sampling"},
	{HideLength, "length", "Length"},
	{HideRecall, "recall", "Recall probe"},
	{HideTrain, "train", "Training"},
	{HideGuide, "guide", "Guide"},
	{HideModel, "model", "Model"},
	{HideShare, "share", "Share"},
	{HideTheme, "theme", "Theme"},
	{HideStats, "stats", "Speed and memory"},
	{HideText, "text", "Text column"},
	{HidePicture, "picture", "Picture column"},
}

// Has reports whether every part of c is hidden.
func (s Controls) Has(c Controls) bool { return s&c == c }

// String lists the hidden parts as they stand in the address: "prompt,share".
func (s Controls) String() string {
	var names []string
	for _, c := range AllControls {
		if s.Has(c.Bit) {
			names = append(names, c.Name)
		}
	}
	return strings.Join(names, ",")
}

// ParseControls reads a list such as "prompt,share" and returns the names it does not know.
func ParseControls(list string) (set Controls, unknown []string) {
next:
	for name := range strings.SplitSeq(list, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "" {
			continue
		}
		for _, c := range AllControls {
			if c.Name == name {
				set |= c.Bit
				continue next
			}
		}
		unknown = append(unknown, name)
	}
	return set, unknown
}
