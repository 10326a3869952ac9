package page

import (
	"fmt"
	"math"
	"slices"

	"clexlab/assets"
	"clexlab/viz/scene"
	"clexlab/web/state"
)

// account is what the page says of a scene beside its picture: a summary in words for those
// who do not see it, and its numbers as a table. Scenes that have none speak of frequencies.
type account struct {
	words func(*Page) string
	table func(*table) (caption string, head []string, rows [][]string)
}

// accounts hold the scenes that have something of their own to say.
var accounts = map[scene.Name]account{
	scene.Overview:    {func(p *Page) string { return p.lossWords() + p.attentionWords() }, (*table).loss},
	scene.Attention:   {(*Page).attentionWords, (*table).attention},
	scene.Losses:      {(*Page).lossWords, (*table).loss},
	scene.RecallGrids: {(*Page).recallWords, (*table).recall},
}

// accountOf is what is said of a scene.
func accountOf(name scene.Name) account {
	if a, ok := accounts[name]; ok {
		return a
	}
	return account{(*Page).frequencyWords, (*table).frequencies}
}

// lead says in a sentence or two what the picture shows: of the first look, what was measured.
func (p *Page) lead(row scene.Scene) string {
	if row.Both {
		return p.s.Headline()
	}
	return row.Lead
}

// summary is the picture in words, for those who do not see it. While t is
// dragged it waits: nobody listens then, and it solves the ODE once more.
func (p *Page) summary() string {
	s := &p.s
	if s.Dragging && p.words != "" {
		return p.words
	}
	row, _ := scene.Find(p.s.Scene)
	text := fmt.Sprintf("%s picture at %s. ", row.Label, state.ValueText(s.T, s.Window()))
	names := ""
	for _, m := range assets.Methods {
		if row.Both && !slices.Contains(s.Compared(), m.Name) || !s.Shows(m.Name) {
			continue
		}
		if names != "" {
			names += ", "
		}
		names += m.Label
	}
	if names != "" {
		text += "Methods shown: " + names + ". "
	}
	if row.Maps || row.Loss {
		text += "Measured on " + s.SubjectWords() + ". "
	}
	p.words = text + accountOf(row.Name).words(p) + "The data table holds every number."
	return p.words
}

func (p *Page) frequencyWords() (text string) {
	s := &p.s
	for _, m := range assets.Methods {
		if !s.Shows(m.Name) {
			continue
		}
		// Copied, because the next call reuses the buffer.
		now := append([]float64(nil), p.schemes.frequencies(m.Name, s.T, state.Length(s.T, s.Window()))...)
		was := p.schemes.frequencies(m.Name, 1, s.Window())
		if n := len(now); n > 0 && len(was) == n {
			text += fmt.Sprintf("%s: the fastest pair turns once in %.1f tokens, the slowest once in %s tokens, %.2f times as long as at t = 1. ",
				m.Label, wavelength(now[0]), state.Count(int(wavelength(now[n-1]))), was[n-1]/now[n-1])
		}
	}
	return text
}

// attentionWords names the heads that look nearest and farthest.
func (p *Page) attentionWords() (text string) {
	for _, method := range p.s.Compared() {
		m := p.s.Maps[method]
		if m == nil || len(m.Lookback) == 0 {
			continue
		}
		near, far := 0, 0
		for k, v := range m.Lookback {
			if v < m.Lookback[near] {
				near = k
			}
			if v > m.Lookback[far] {
				far = k
			}
		}
		name := func(k int) string { return fmt.Sprintf("layer %d, head %d", k/m.Heads+1, k%m.Heads+1) }
		text += fmt.Sprintf("Attention of %s over tokens %d to %d: %s looks farthest back, %.0f tokens on average; %s nearest, %.0f tokens. ",
			state.LabelOf(method), m.QueryFrom+1, m.QueryTo, name(far), m.Lookback[far], name(near), m.Lookback[near])
	}
	if text == "" {
		return "No attention has been computed yet. "
	}
	return text
}

// lossWords compares the loss within the trained window with that beyond it.
func (p *Page) lossWords() (text string) {
	s := &p.s
	for _, m := range assets.Methods {
		if !s.Shows(m.Name) {
			continue
		}
		inside, ok := s.MeanLoss(m.Name, 0, s.Window(), 1)
		if !ok {
			continue
		}
		text += fmt.Sprintf("%s: mean loss %.2f nats within the trained window", m.Label, inside)
		if beyond, ok := s.MeanLoss(m.Name, s.Window(), math.MaxInt, 1); ok {
			text += fmt.Sprintf(", %.2f beyond it", beyond)
		}
		text += ". "
	}
	if text == "" {
		return "No loss has been measured yet. "
	}
	return text
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
