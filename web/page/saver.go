package page

import (
	"net/url"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/viz/scene"
	"clexlab/web/state"
)

// saver writes the settings into the address, not more often than browsers
// allow: Safari refuses more than a hundred changes in thirty seconds.
type saver struct {
	waiting bool
	// scene and tab are the picture and the part in front that the address shows, "" before anything was saved.
	scene scene.Name
	tab   string
	// gone is set while the reader has gone to another address that the page does not show yet.
	gone bool
	// quiet is until when nothing is written, as the reader has just gone back or forward.
	quiet time.Time
}

const saveEvery = 350 * time.Millisecond

// Whoever has gone one step back often goes another, or forward again, and an address that is written
// while the browser is on its way ends the step.
const quietAfterStep = 2 * time.Second

func (s *saver) save(p *Page) {
	if s.waiting {
		return
	}
	s.waiting = true
	p.ctx.After(max(saveEvery, time.Until(s.quiet)), func(ctx app.Context) {
		s.waiting = false
		if s.gone {
			return // back will save
		}
		if time.Now().Before(s.quiet) {
			s.save(p)
			return
		}
		u := *p.address()
		was := u.RawQuery
		u.RawQuery = query(p.s.Settings, u.Query())
		if u.RawQuery == was && s.scene != "" {
			return // and a step back that the browser has begun goes on: writing an address would end it
		}
		if s.scene != "" && (s.scene != p.s.Scene || inFront(s.tab) != inFront(p.s.Tab)) {
			// Another picture or tab is another page of the reader's: Back leads to the one before.
			pushAddress(u.String())
		} else {
			ctx.Page().ReplaceURL(&u)
		}
		s.scene, s.tab = p.s.Scene, p.s.Tab
	})
}

// inFront is what a tab shows: where the picture stands beside the text, its tab is the text's.
func inFront(tab string) string {
	if tab == "picture" && !narrow() {
		return "text"
	}
	return tab
}

// version is the build of the page.
func version() string { return app.Getenv("GOAPP_VERSION") }

func (p *Page) address() *url.URL { return p.ctx.Page().URL() }

// query is the settings and, behind them, what else the address held that chooses how the page runs and not what it shows.
func query(s state.Settings, held url.Values) string {
	q := s.Query()
	for _, key := range []string{"backend", "models", "fail"} {
		// Which machine computes is a setting; without SIMD is not.
		if v, ok := held[key]; ok && (key != "backend" || v[0] == "scalar") {
			q[key] = v
		}
	}
	return q.Encode()
}

// back shows the picture and the tab of an address that the reader has gone back to.
func (p *Page) back(query url.Values) {
	settings, _ := state.Parse(query)
	p.saver.gone = false
	p.saver.quiet = time.Now().Add(quietAfterStep)
	p.saver.scene, p.saver.tab = settings.Scene, settings.Tab
	p.send(state.ChooseTab{Tab: settings.Tab})
	p.send(state.ChooseScene{Scene: settings.Scene})
	p.saver.save(p) // what was due when the reader went
}
