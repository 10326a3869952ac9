//go:build !js

package page

import (
	"encoding/base64"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// On the server there is no browser to talk to: the page is rendered once.

// begin gives the state what a document can show at once.
func begin(s *state.State) {
	if now := shipped.Load(); now != nil {
		s.Built = state.ParseStill([]byte(now.Still))
		s.Update(state.ModelsListed{Models: now.Models})
	}
}

// handedOn is the still as the document has it for the page's program: go-app does not escape quotes as HTML does.
func handedOn() string {
	if now := shipped.Load(); now != nil {
		return base64.RawURLEncoding.EncodeToString([]byte(now.Still))
	}
	return ""
}

func earlyWords() string { return "" }

func (p *Page) listen()       {}
func (p *Page) post(any)      {}
func (p *Page) checkPicture() {}
func (p *Page) checkNetwork() {}
func (p *Page) SetTheme()     {}
func (p *Page) dark() bool    { return p.s.Theme == "dark" }

func narrow() bool                           { return false }
func setVar(app.Value, string, float64)      {}
func focus(string)                           {}
func reveal(string, int)                     {}
func drawArcs(string, int, []int, []float64) {}
func copyText(string)                        {}
func pushAddress(string)                     {}

func saveFile(name, kind string, _ []byte) {}
func releaseFiles([]jobs.File)             {}

func chosenFiles(string) state.Message { return state.FilesBrought{} }

func takeLesson(app.Context, *sender, string) {}
