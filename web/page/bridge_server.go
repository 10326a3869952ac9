//go:build !js

package page

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// On the server there is no browser to talk to: the page is rendered once.

func (p *Page) listen()       {}
func (p *Page) post(any)      {}
func (p *Page) checkPicture() {}
func (p *Page) checkNetwork() {}
func (p *Page) putTheme()     {}
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
