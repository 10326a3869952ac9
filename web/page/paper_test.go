package page

import (
	"strings"
	"testing"

	"clexlab/viz/scene"
	"clexlab/web/state"
)

// On paper there are the curves with their names and scales and what was measured; words of the reader's are words.
func TestOnPaper(t *testing.T) {
	t.Parallel()
	p := &Page{s: state.New(state.Defaults())}
	m := state.Model{ID: "small", Model: scene.Model{Name: "small", Layers: 4, Heads: 4}}
	m.Rotary.HeadDim, m.Rotary.Dims, m.Rotary.Base, m.Rotary.Window = 32, 32, 10000, 256
	for _, x := range []state.Message{state.ModelsListed{Models: []state.Model{m}}, state.EditPrompt{Text: "<img src=x>"}, state.EngineReady{}, state.ChooseSubject{On: state.OnText}} {
		p.s.Update(x)
	}
	tokens := make([]state.Token, 400)
	for i := range tokens {
		tokens[i] = state.Token{ID: int32(i), Text: "x"}
	}
	p.s.Update(state.PromptTokens{Job: p.s.Panes[0].Job, Tokens: tokens})
	id, _, _, _ := p.s.Subject()
	for i, name := range []string{"clex", "rope"} {
		c := &scene.Loss{Method: name, Subject: id, NLL: make([]float32, 400)}
		for k := range c.NLL {
			c.NLL[k] = float32(3 + i*k/200)
		}
		p.s.Update(state.LossMeasured{Loss: c})
	}
	html := p.paper("")
	for _, want := range []string{`class="ln thick m-clex"`, `class="ln thick m-rope"`, "CLEX</span>", "Plain RoPE</span>", "tokens 1 to 400 across, 2.9 to 4.1 nats up", "trained window, 256 tokens", "Measured on a text written by CLEX", "Text 1: a text written by CLEX", ", seed 7, ", "&lt;img", "<td>1 to 64</td><td>3.00 (20)</td>"} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q on paper: %s", want, html)
		}
	}
	if strings.Contains(html, "<img") {
		t.Error("a prompt is markup on paper")
	}
	p.s.Update(state.ChooseScene{Scene: scene.Attention})
	if html = p.paper(""); strings.Contains(html, "<svg") || !strings.Contains(html, "does not run here") {
		t.Errorf("a picture that has no curves here: %s", html)
	}
	if html = p.paper("<svg>drawn</svg>"); !strings.HasPrefix(html, "<svg>drawn</svg>") || !strings.Contains(html, "a text written by CLEX") {
		t.Errorf("a picture that its program drew: %s", html)
	}
}
