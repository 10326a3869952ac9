package state

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"clexlab/viz/scene"
)

// Still is what the build measured of the model that ships, on the text that a page without wishes begins with. It stands
// where the page's own measurement will, until that has come, and is said to be the build's.
type Still struct {
	// Sum names the weights that it was measured on.
	Sum string `json:"sum"`
	// Window is their trained length, Tokens how long a text was read.
	Window int          `json:"window"`
	Tokens int          `json:"tokens"`
	Curves []StillCurve `json:"curves"`
}

// StillCurve is a method's part.
type StillCurve struct {
	Method string  `json:"method"`
	T      float64 `json:"t"`
	// Means are the mean losses of StillPieces equal parts of the text, Inside and Beyond those within the trained window and
	// past it, all in nats.
	Means  []float64 `json:"means"`
	Inside float64   `json:"inside"`
	Beyond float64   `json:"beyond"`
}

// StillPieces is in how many pieces a text's loss is averaged for a still.
const StillPieces = 24

// NewStill makes one of measured losses.
func NewStill(sum string, window int, losses []*scene.Loss) (*Still, error) {
	s := &Still{Sum: sum, Window: window}
	round := func(v float64) float64 { return math.Round(v*1000) / 1000 }
	for _, c := range losses {
		s.Tokens = c.From + len(c.NLL)
		inside, ok := MeanLoss(c, 0, window, window/2)
		beyond, also := MeanLoss(c, window, math.MaxInt, beyondEnough)
		curve := StillCurve{Method: c.Method, T: c.T, Inside: round(inside), Beyond: round(beyond)}
		for _, v := range MeanLosses(c, s.Tokens, StillPieces) {
			also = also && v == v
			curve.Means = append(curve.Means, round(v))
		}
		if !ok || !also {
			return nil, fmt.Errorf("state: a still of %d tokens of %s: parts of it were not measured", s.Tokens, c.Method)
		}
		s.Curves = append(s.Curves, curve)
	}
	return s, nil
}

// ParseStill reads one from its JSON, nil from what is none.
func ParseStill(data []byte) *Still {
	var s Still
	if err := json.Unmarshal(data, &s); err != nil || len(s.Curves) == 0 || s.Window < 1 || s.Tokens <= s.Window {
		return nil
	}
	for _, c := range s.Curves {
		if len(c.Means) != StillPieces || !(c.T >= 1) {
			return nil
		}
	}
	return &s
}

// Curve is a method's, nil where it has none.
func (s *Still) Curve(method string) *StillCurve {
	if i := slices.IndexFunc(s.Curves, func(c StillCurve) bool { return c.Method == method }); i >= 0 {
		return &s.Curves[i]
	}
	return nil
}

// StillShown is the still while it stands for what is about to be measured: the same model, text, length and methods, each
// at its t; nil otherwise.
func (s *State) StillShown() *Still {
	b := s.Built
	if b == nil || s.On != OnBook || s.Engine.Error != "" || s.modelsChosen > 0 || s.Model != "" || s.Window() != b.Window || s.Target() != b.Tokens || !s.Comparing() {
		return nil
	}
	if !slices.ContainsFunc(s.Compared(), func(m string) bool { return s.Losses[m] == nil }) {
		return nil // it has come
	}
	for _, m := range s.Compared() {
		c := b.Curve(m)
		if c == nil || m != JudgeMethod && c.T != s.rule().At(s.Target(), s.Window(), s.MaxT()) {
			return nil
		}
	}
	return b
}

// words say what the still shows.
func (b *Still) words(s *State) string {
	var said []string
	for _, m := range []string{s.Beside, s.Active} {
		c := b.Curve(m)
		name := LabelOf(m)
		if m != JudgeMethod {
			name += " at t = " + Factor(c.T)
		}
		said = append(said, course(name, c.Inside, c.Beyond))
	}
	return s.past(said) + " So the build read it; measuring it here …"
}
