package page

import (
	"fmt"
	"math"

	"clexlab/assets"
	"clexlab/wasm/wire"
	"clexlab/web/state"
)

// lead says in two or three sentences what the picture shows.
func (p *Page) lead(s state.Scene) string {
	switch s {
	case state.Overview:
		return p.claim()
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

// beyondEnough is how many tokens past the trained window make a figure worth saying.
const beyondEnough = 64

// claim is what the page is about, with what was measured on the text on screen
// once there is something to compare.
func (p *Page) claim() string {
	window := p.s.Window()
	plain, ok := p.perplexities("rope")
	clex, also := p.perplexities("clex")
	if !ok || !also {
		return fmt.Sprintf("Trained on texts of %s, this small model writes on past them, in your browser. Plain RoPE falls apart out there; CLEX need not. Drag t.",
			state.Tokens(window))
	}
	// The t that was measured at: while t is dragged, nothing is measured anew.
	t := p.view.loss["clex"].T
	if t == 0 {
		t = state.AutoT(len(p.s.Panes[0].Tokens), window)
	}
	return fmt.Sprintf("Perplexity on this text, within the %s of training and beyond them: plain RoPE %s, then %s; CLEX (t = %s) %s, then %s. Drag t.",
		state.Tokens(window), state.Count(int(plain[0]+0.5)), state.Count(int(plain[1]+0.5)),
		state.Factor(t), state.Count(int(clex[0]+0.5)), state.Count(int(clex[1]+0.5)))
}

// perplexities are those of a method within the trained window and beyond it, if
// both have been measured on the text on screen.
func (p *Page) perplexities(method string) (v [2]float64, ok bool) {
	c, window := p.view.loss[method], p.s.Window()
	if c == nil || !p.s.Shows(method) || c.Revision != p.s.Panes[0].Revision || c.From+len(c.NLL) < window+beyondEnough {
		return v, false
	}
	v = [2]float64{math.Exp(meanLoss(c, 0, window)), math.Exp(meanLoss(c, window, math.MaxInt))}
	return v, v[0] < 1e6 && v[1] < 1e6
}

// summary is the picture in words, for those who do not see it. While t is
// dragged it waits: nobody listens then, and it solves the ODE once more.
func (p *Page) summary() string {
	s := &p.s
	if s.Dragging && p.words != "" {
		return p.words
	}
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
	switch s.Scene {
	case state.Attention:
		text += p.attentionWords()
	case state.Loss:
		text += p.lossWords()
	case state.Recall:
		text += p.recallWords()
	case state.Overview:
		text += p.frequencyWords() + p.attentionWords() + p.lossWords()
	default:
		text += p.frequencyWords()
	}
	p.words = text + "The data table holds every number."
	return p.words
}

func (p *Page) frequencyWords() (text string) {
	s := &p.s
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
	return text
}

// attentionWords names the heads that look nearest and farthest.
func (p *Page) attentionWords() string {
	m := p.view.maps
	if m == nil || m.Rows == 0 || len(m.Queries) < m.Sent()*m.Rows {
		return "No attention has been computed yet. "
	}
	near, far := 0, 0
	reach := make([]float64, m.Sent())
	for k := range reach {
		for _, v := range m.Queries[k*m.Rows : (k+1)*m.Rows] {
			reach[k] += float64(v) / float64(m.Rows)
		}
		if reach[k] < reach[near] {
			near = k
		}
		if reach[k] > reach[far] {
			far = k
		}
	}
	name := func(k int) string {
		if m.Layer >= 0 {
			return fmt.Sprintf("layer %d, head %d", m.Layer+1, m.Head+1)
		}
		return fmt.Sprintf("layer %d, head %d", k/m.Heads+1, k%m.Heads+1)
	}
	return fmt.Sprintf("Attention over tokens %d to %d: %s looks farthest back, %.0f tokens on average; %s nearest, %.0f tokens. ",
		m.QueryFrom+1, m.QueryTo, name(far), reach[far], name(near), reach[near])
}

// lossWords compares the loss within the trained window with that beyond it.
func (p *Page) lossWords() (text string) {
	for _, m := range assets.Methods {
		c := p.view.loss[m.Name]
		if c == nil || !p.s.Shows(m.Name) {
			continue
		}
		inside, beyond := meanLoss(c, 0, p.s.Window()), meanLoss(c, p.s.Window(), math.MaxInt)
		if math.IsNaN(inside) {
			continue
		}
		text += fmt.Sprintf("%s: mean loss %.2f nats within the trained window", m.Label, inside)
		if !math.IsNaN(beyond) {
			text += fmt.Sprintf(", %.2f beyond it", beyond)
		}
		text += ". "
	}
	if text == "" {
		return "No loss has been measured yet. "
	}
	return text
}

// meanLoss is the mean over positions [from, to), NaN where none was measured.
func meanLoss(c *wire.ViewLoss, from, to int) float64 {
	sum, n := 0.0, 0.0
	for i, v := range c.NLL {
		if at := c.From + i; at >= from && at < to && !math.IsNaN(float64(v)) {
			sum, n = sum+float64(v), n+1
		}
	}
	return sum / n
}

func (p *Page) recallWords() (text string) {
	for _, m := range assets.Methods {
		right, asked := 0, 0
		for _, c := range p.s.Probe.Cells {
			if c.Method == m.Name {
				right, asked = right+c.Right, asked+c.Trials
			}
		}
		if asked > 0 {
			text += fmt.Sprintf("%s: %d of %d facts found again. ", m.Label, right, asked)
		}
	}
	if text == "" {
		return "Nothing has been asked yet: fill the grid in the recall probe. "
	}
	return text
}
