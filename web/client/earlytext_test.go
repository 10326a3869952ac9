package client

import (
	"testing"

	"clexlab/wasm/wire/jobs"
	"clexlab/web/page"
	"clexlab/web/state"
)

// The first worker writes before the page has asked: the page's own request is not sent if it is the same, and what was
// said before and after is the page's text; another request ends the early one, of which nothing is heard any more.
func TestEarlyTextIsTakenOverOrEnded(t *testing.T) {
	t.Parallel()
	write := jobs.Write{Method: "clex", Prompt: "once", MaxLength: 32, Temperature: 0.8, Seed: 7}
	tokens := func(id int, text string) jobs.Answer {
		return jobs.Answer{ID: id, Kind: jobs.Writing, Tokens: &jobs.Tokens{List: []jobs.Token{{Text: text}}}}
	}
	for name, want := range map[string]jobs.Write{"the same": write, "another prompt": {Method: "clex", Prompt: "twice", MaxLength: 32, Temperature: 0.8, Seed: 7}} {
		early := write
		f := &fake{catalogue: catalogue, asked: Ahead{Loads: true, Write: &early}}
		var said []state.Message
		p := NewPool(page.Host{Send: func(m state.Message) { said = append(said, m) }, Resolve: func(path string) string { return path }, Option: func(string) string { return "" }}, f)
		p.List()
		do(p, state.LoadModel{ID: "small"})
		ready(p, firstText)
		p.Answer(firstText, tokens(jobs.EarlyJob, "upon"))
		if _, ok := find[state.TokensWritten](said); ok {
			t.Errorf("%s: words come before the page has asked for any", name)
		}
		do(p, state.StartWriting{Pane: 0, Job: 3, Write: want})
		p.Answer(firstText, tokens(jobs.EarlyJob, " a time"))
		var words string
		for _, m := range said {
			if w, ok := m.(state.TokensWritten); ok && w.Job == 3 {
				words += w.Tokens[0].Text
			}
		}
		r := f.posted[firstText]
		if name != "the same" {
			if words != "" || len(r) != 2 || r[0].Cancel != jobs.Writing || r[0].ID != jobs.EarlyJob || r[1].Write == nil || r[1].ID != 3 {
				t.Errorf("%s: heard %q, asked %+v", name, words, r)
			}
			continue
		}
		if words != "upon a time" || len(r) != 0 {
			t.Errorf("%s: heard %q, asked %+v", name, words, r)
		}
		// What concerns it goes under the worker's number, what the worker has under the page's.
		do(p, state.SetFactor{Job: 3, FactorRule: jobs.FactorRule{T: 2}})
		do(p, state.CancelJob{Job: 3})
		if r := f.posted[firstText]; len(r) != 2 || r[0].ID != jobs.EarlyJob || r[0].SetFactor == nil || r[1].ID != jobs.EarlyJob || r[1].Cancel != jobs.Writing {
			t.Errorf("asked %+v", r)
		}
		p.Call()
		p.Answer(firstText, jobs.Answer{ID: p.calls, Kind: jobs.Calling, Has: []jobs.Job{{Kind: jobs.Writing, ID: jobs.EarlyJob}}})
		if m, ok := find[state.JobFailed](said); ok {
			t.Errorf("a text that is being written counts as lost: %+v", m)
		}
		p.Answer(firstText, jobs.Answer{ID: jobs.EarlyJob, Kind: jobs.Writing, Done: true, StopReason: jobs.StopCancelled})
		if m, ok := find[state.JobDone](said); !ok || m.Job != 3 {
			t.Errorf("its end is not heard: %+v", m)
		}
	}
}
