package page

import (
	"fmt"
	"math"
	"slices"
	"strconv"

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

// named is a method's label where it stands for frequencies.
func (f *figures) named(method string) string {
	if f.Pictured == nil {
		return state.LabelOf(method)
	}
	return f.Pictured.Named(method, state.LabelOf(method))
}

// shownAt is the t at which a method's frequencies are shown: that of the page, as far as the method goes.
func (f *figures) shownAt(method string) float64 {
	if f.Pictured == nil {
		return f.T
	}
	return min(f.T, f.Pictured.Reach(method))
}

// atWords head a column of frequencies at a t.
func (f *figures) atWords(t float64) string {
	if t < f.T {
		return " at t = " + state.Factor(t)
	}
	return " at t"
}

func (f *figures) frequencyWords() (text string) {
	for _, m := range f.Shown {
		// Copied, because the next call reuses the buffer.
		at := f.shownAt(m)
		now := append([]float64(nil), f.schemes.frequencies(m, at, scene.Length(at, f.Window))...)
		was := f.schemes.frequencies(m, 1, f.Window)
		if n := len(now); n > 0 && len(was) == n {
			text += fmt.Sprintf("%s: the fastest pair turns once in %.1f tokens, the slowest once in %s tokens, %.2f times as long as at t = 1. ",
				f.named(m), wavelength(now[0]), state.Count(int(wavelength(now[n-1]))), was[n-1]/now[n-1])
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
	for _, m := range f.withLosses() {
		inside, ok := state.MeanLoss(f.loss(m), 0, f.Window, 1)
		if !ok {
			continue
		}
		text += fmt.Sprintf("%s: mean loss %.2f nats within the trained window", state.LabelOf(m)+state.AtT(m, f.loss(m).T), inside)
		perplexity := state.Perplexity(inside)
		if beyond, ok := state.MeanLoss(f.loss(m), f.Window, math.MaxInt, 1); ok {
			text += fmt.Sprintf(", %.2f beyond it", beyond)
			perplexity += " and " + state.Perplexity(beyond)
		}
		text += " (perplexity " + perplexity + "). "
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

// frequencyTable lists every pair: trained, and under each method shown at t.
func (f *figures) frequencyTable() (string, []string, [][]string) {
	window := f.Window
	length := scene.Length(f.T, window)
	was := append([]float64(nil), f.schemes.frequencies("rope", 1, window)...)
	head := []string{"Pair", "Trained, rad per token", "Wavelength, tokens", "Turns in the window"}
	rows := make([][]string, len(was))
	for i, th := range was {
		rows[i] = []string{strconv.Itoa(i), digits(th), digits(wavelength(th)), digits(float64(window) / wavelength(th))}
	}
	for _, m := range f.Shown {
		at := f.shownAt(m)
		head = append(head, f.named(m)+f.atWords(at))
		for i, th := range f.schemes.frequencies(m, at, scene.Length(at, window)) {
			if i < len(rows) {
				rows[i] = append(rows[i], digits(th))
			}
		}
	}
	if f.schemes.prior != nil {
		at := f.shownAt("clex")
		head = append(head, "CLEX’s prior"+f.atWords(at))
		for i, th := range f.schemes.at(f.schemes.prior, at, scene.Length(at, window)) {
			if i < len(rows) {
				rows[i] = append(rows[i], digits(th))
			}
		}
	}
	if len(was) == 0 {
		return "The model's rotary geometry is still loading.", head, nil
	}
	return fmt.Sprintf("Inverse frequencies of the %d rotary pairs in radians per token; t = %s, %s.",
		len(was), state.Factor(f.T), state.Tokens(length)), head, rows
}

// lossTable gives each method's mean loss by quarters of a window.
func (f *figures) lossTable() (string, []string, [][]string) {
	step := max(1, f.Window/4)
	head := []string{"Tokens"}
	longest := 0
	losses := slices.DeleteFunc(slices.Clone(f.Losses), func(c *scene.Loss) bool { return !slices.Contains(f.withLosses(), c.Method) })
	for _, c := range losses {
		words := state.LabelOf(c.Method)
		if w := state.WeightsOf(f.Model, c.Method); w != "" {
			words += ", " + w + " weights"
		}
		if t := f.Model.Tuned[c.Method].Factor; t > 0 {
			words += " at t = " + state.Factor(t)
		} else {
			words += state.AtT(c.Method, c.T)
		}
		head = append(head, words)
		longest = max(longest, c.From+len(c.NLL))
	}
	var rows [][]string
	for from := 0; from < longest; from += step {
		to := min(longest, from+step)
		row := []string{fmt.Sprintf("%s to %s", state.Count(from+1), state.Count(to))}
		for _, c := range losses {
			words := "not measured"
			if mean, ok := state.MeanLoss(c, from, to, 1); ok {
				words = fmt.Sprintf("%.2f (%s)", mean, state.Perplexity(mean))
			}
			row = append(row, words)
		}
		rows = append(rows, row)
	}
	return "Mean loss in nats per token, with perplexity, by position in " + f.Subject + ".", head, rows
}

// attentionTable sums each head up: where its weight lies on average.
func (f *figures) attentionTable() (string, []string, [][]string) {
	head := []string{"Head", "Largest weight", "Mean weight of the nearest tokens", "Mean weight of the farthest"}
	i := slices.IndexFunc(f.Maps, func(m *scene.MapsSummary) bool { return m.Method == f.Active })
	if i < 0 {
		return "No attention has been computed yet; it needs a text.", head, nil
	}
	m := f.Maps[i]
	var rows [][]string
	for k, largest := range m.Largest {
		near, far := "not measured", "not measured"
		if k < len(m.Nearest) {
			near, far = digits(float64(m.Nearest[k])), digits(float64(m.Farthest[k]))
		}
		rows = append(rows, []string{fmt.Sprintf("layer %d, head %d", k/m.Heads+1, k%m.Heads+1), state.Percent(float64(largest)), near, far})
	}
	return fmt.Sprintf("Attention of %s on %s at t = %s over tokens %d to %d.", state.LabelOf(m.Method), f.Subject, state.Factor(m.T), m.QueryFrom+1, m.QueryTo), head, rows
}

func (f *figures) recallTable() (string, []string, [][]string) {
	head := []string{"Method", "Length, tokens", "Depth", "Right", "Asked"}
	var rows [][]string
	for _, c := range f.Cells {
		rows = append(rows, []string{state.LabelOf(c.Method), state.Count(c.Tokens), fmt.Sprintf("%.0f %%", 100*c.Depth), strconv.Itoa(c.Right), strconv.Itoa(c.Trials)})
	}
	return "Recall: facts found again, by method, length and depth.", head, rows
}

// digits writes a number with four significant digits.
func digits(v float64) string {
	if math.Abs(v) >= 1000 {
		return state.Count(int(math.Round(v)))
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}
