package page

import (
	"clexlab/assets"
	"clexlab/viz/scene"
	"clexlab/web/state"
)

// figures is what the picture draws, as plain values: its summary, its table, its fallback and its print are made of them.
type figures struct {
	Scene   scene.Name
	T, MaxT float64
	// Window is the trained length in tokens.
	Window int
	// Shown are the methods that are drawn, Compared those that the first look sets side by side, Active the first of them.
	Shown, Compared []string
	Active          string
	// Model is the one in use, Pictured the one whose frequencies are shown.
	Model, Pictured *state.Model
	// Subject names the text that was measured, Losses and Maps are what was measured of it, Cells the recall probe's answers.
	Subject string
	Losses  []*scene.Loss
	Maps    []*scene.MapsSummary
	Cells   []state.Cell

	// Built is what stands for losses that are about to be measured, nil for nothing.
	Built *state.Still

	schemes *schemes
}

func figuresOf(s *state.State, f *schemes) figures {
	out := figures{Scene: s.Scene, T: s.T, MaxT: s.MaxT(), Window: s.Window(), Compared: s.Compared(), Active: s.Active, Model: s.Current(), Pictured: s.Pictured(),
		Subject: s.SubjectWords(), Cells: s.Probe.Cells, Built: s.StillShown(), schemes: f}
	for _, m := range assets.Methods {
		if s.Shows(m.Name) {
			out.Shown = append(out.Shown, m.Name)
		}
		if c := s.Losses[m.Name]; c != nil {
			out.Losses = append(out.Losses, c)
		}
	}
	for _, m := range out.Compared {
		if maps := s.Maps[m]; maps != nil {
			out.Maps = append(out.Maps, maps)
		}
	}
	return out
}

// withLosses are the methods whose losses the picture draws: the first look sets two side by side, whatever else was measured.
func (f *figures) withLosses() []string {
	if row, _ := scene.Find(f.Scene); row.Both {
		return f.Compared
	}
	return f.Shown
}

// loss is a method's, nil where it is not known.
func (f *figures) loss(method string) *scene.Loss { return lossOf(f.Losses, method) }

func lossOf(losses []*scene.Loss, method string) *scene.Loss {
	for _, c := range losses {
		if c.Method == method {
			return c
		}
	}
	return nil
}
