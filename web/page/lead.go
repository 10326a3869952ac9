package page

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets"
	"clexlab/viz/scene"
	"clexlab/web/state"
)

// account is what the page says of a scene beside its picture: a summary in words for those
// who do not see it, and its numbers as a table. Scenes that have none speak of frequencies.
type account struct {
	words func(*figures) string
	table func(*figures) (caption string, head []string, rows [][]string)
}

// accounts hold what is said of every scene.
var accounts = map[scene.Name]account{
	scene.Overview:    {func(f *figures) string { return f.lossWords() + f.attentionWords() }, (*figures).lossTable},
	scene.Attention:   {(*figures).attentionWords, (*figures).attentionTable},
	scene.Losses:      {(*figures).lossWords, (*figures).lossTable},
	scene.RecallGrids: {(*figures).recallWords, (*figures).recallTable},

	scene.Trajectories: {(*figures).frequencyWords, (*figures).frequencyTable},
	scene.Spectrum:     {(*figures).frequencyWords, (*figures).frequencyTable},
}

// accountOf is what is said of a scene, of the overview before there is one.
func accountOf(name scene.Name) account {
	if a, ok := accounts[name]; ok {
		return a
	}
	return accounts[scene.Overview]
}

// summary is the picture in words, for those who do not see it. While t is
// dragged it waits: nobody listens then, and it solves the ODE once more.
type summary struct {
	app.Compo
	Show     figures
	Dragging bool
	words    string
}

func (v *summary) Render() app.UI {
	if !v.Dragging || v.words == "" {
		v.words = v.Show.inWords()
	}
	return app.FigCaption().Class("sr").Text(v.words)
}

func (f *figures) inWords() string {
	row, _ := scene.Find(f.Scene)
	text := fmt.Sprintf("%s picture at %s. ", row.Label, state.ValueText(f.T, f.Window))
	var names []string
	for _, m := range f.Shown {
		if !row.Both || slices.Contains(f.Compared, m) {
			names = append(names, state.LabelOf(m))
		}
	}
	if len(names) > 0 {
		text += "Methods shown: " + strings.Join(names, ", ") + ". "
	}
	if row.Maps || row.Loss {
		text += "Measured on " + f.Subject + ". "
	}
	return text + accountOf(row.Name).words(f) + "The data table holds every number."
}

func (f *figures) frequencyWords() (text string) {
	for _, m := range f.Shown {
		// Copied, because the next call reuses the buffer.
		now := append([]float64(nil), f.schemes.frequencies(m, f.T, state.Length(f.T, f.Window))...)
		was := f.schemes.frequencies(m, 1, f.Window)
		if n := len(now); n > 0 && len(was) == n {
			text += fmt.Sprintf("%s: the fastest pair turns once in %.1f tokens, the slowest once in %s tokens, %.2f times as long as at t = 1. ",
				state.LabelOf(m), wavelength(now[0]), state.Count(int(wavelength(now[n-1]))), was[n-1]/now[n-1])
		}
	}
	return text
}

// attentionWords names the heads that look nearest and farthest.
func (f *figures) attentionWords() (text string) {
	for _, m := range f.Maps {
		if len(m.Lookback) == 0 {
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
			state.LabelOf(m.Method), m.QueryFrom+1, m.QueryTo, name(far), m.Lookback[far], name(near), m.Lookback[near])
	}
	if text == "" {
		return "No attention has been computed yet. "
	}
	return text
}

// lossWords compares the loss within the trained window with that beyond it.
func (f *figures) lossWords() (text string) {
	for _, m := range f.Shown {
		inside, ok := state.MeanLoss(f.loss(m), 0, f.Window, 1)
		if !ok {
			continue
		}
		text += fmt.Sprintf("%s: mean loss %.2f nats within the trained window", state.LabelOf(m), inside)
		if beyond, ok := state.MeanLoss(f.loss(m), f.Window, math.MaxInt, 1); ok {
			text += fmt.Sprintf(", %.2f beyond it", beyond)
		}
		text += ". "
	}
	if text == "" {
		return "No loss has been measured yet. "
	}
	return text
}

func (f *figures) recallWords() (text string) {
	for _, m := range assets.Methods {
		right, asked := 0, 0
		for _, c := range f.Cells {
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
