package page

import (
	"fmt"

	"clexlab/assets"
	"clexlab/web/state"
)

// lead says in two or three sentences what the picture shows.
func lead(s state.Scene) string {
	switch s {
	case state.Overview:
		return "One slider, three consequences: how fast each rotary pair turns, where attention looks, and how surprised the model is by the text."
	case state.Trajectories:
		return "Each curve is one rotary pair: how far it turns per token as t grows. CLEX integrates a learned rate from 1 to t; the others are formulas."
	case state.Spectrum:
		return "All pairs at this t, fast ones left. A pair that never finishes a turn within the trained window meets new angles in a longer text; a good method brings them back."
	case state.Attention:
		return "Who looks at whom: one map per head, queries down, keys across. Choose one to enlarge it; move t and see the far side light up or fall apart."
	case state.Loss:
		return "Surprise by position, smoothed. Left of the mark lies the length that the model was trained on; right of it a method holds the line or lets go."
	case state.Recall:
		return "A fact is hidden in a long text and asked for at the end. Each cell is one length and one depth; a filled cell is a right answer."
	}
	return ""
}

// summary is the picture in words, for those who do not see it.
func (p *Page) summary() string {
	s := &p.s
	text := fmt.Sprintf("%s picture at %s. ", s.Scene.Label(), state.ValueText(s.T, s.Window()))
	names := ""
	for _, m := range assets.Methods {
		if s.Shows(m.Name) {
			if names != "" {
				names += ", "
			}
			names += m.Label
		}
	}
	if names != "" {
		text += "Methods shown: " + names + ". "
	}
	for _, m := range assets.Methods {
		if !s.Shows(m.Name) {
			continue
		}
		// Copied, because the next call reuses the buffer.
		now := append([]float64(nil), p.facts.frequencies(m.Name, s.T, state.Length(s.T, s.Window()))...)
		was := p.facts.frequencies(m.Name, 1, s.Window())
		if n := len(now); n > 0 && len(was) == n {
			text += fmt.Sprintf("%s: the fastest pair turns once in %.1f tokens, the slowest once in %s tokens, %.2f times as long as at t = 1. ",
				m.Label, wavelength(now[0]), state.Count(int(wavelength(now[n-1]))), was[n-1]/now[n-1])
		}
	}
	return text + "The data table holds every number."
}
