//go:build !js

package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// What browsers may lack, taken from them before the page's scripts run.

func TestNoWebAssembly(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1440, 900)
	b.Early(`delete window.WebAssembly`)
	b.Open(s.serve(t, "", ""))
	b.Until("it says what is missing and what to do", `/no WebAssembly.*another browser/.test(document.querySelector("#app-wasm-loader-label")?.textContent)`)
	b.Until("the document stays readable", `document.querySelector("#story-0").textContent.includes("little fox")`)
}

func TestProgramDoesNotCome(t *testing.T) {
	s := builtSite(t)
	url := s.serveAround(t, "", s.models, func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/app.wasm") {
			// The connection breaks off, as it does when a train enters a tunnel.
			panic(http.ErrAbortHandler)
		}
		return false
	})
	b := s.tab(t, 1440, 900)
	b.Open(url)
	b.Until("it says what happened and what to do", `/could not be loaded.*connection and reload/.test(document.querySelector("#app-wasm-loader-label")?.textContent)`)
}

func TestNoSIMD(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1440, 900)
	b.Early(`WebAssembly.validate = () => false`)
	b.Visit(s.serve(t, "", "") + alone + "&windows=1")
	b.Until("it says so", `document.querySelector(".notice.warning[data-key=simd]")?.textContent.includes("several times slower")`)
	b.Until("it writes all the same", rested)
	if got := b.Text("#status"); !strings.HasPrefix(got, "CPU") || strings.Contains(got, "SIMD") {
		t.Errorf("status %q", got)
	}
}

func TestNoWebGL(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1440, 900)
	b.Early(`HTMLCanvasElement.prototype.getContext = () => null`)
	b.Visit(s.serve(t, "", "") + "?prompt=the+little+fox&windows=1&scene=loss")
	b.Until("it says what is missing and what to do", `/no WebGL 2.*hardware acceleration/.test(document.querySelector(".notice.failure[data-key=view]")?.textContent)`)
	b.Until("the curves stand still", `document.querySelectorAll(".fallback path.ln").length > 0`)
	b.Until("it writes all the same", rested)
	b.Click("#table")
	b.Until("loss is measured without a picture", `document.querySelectorAll("#data-table thead th").length === 6`)
}

// TestPicturesCanBeSaved saves every scene in each form and looks at what the
// browser is given to keep.
func TestPicturesCanBeSaved(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1024, 768)
	b.Early(`if (top === self) { window.kept = []; const make = URL.createObjectURL;
		URL.createObjectURL = blob => { blob.text().then(text => kept.push({type: blob.type, size: blob.size, head: text.slice(0, 200)})); return make.call(URL, blob) } }`)
	b.Visit(s.serve(t, "", "") + "?prompt=the+little+fox&windows=2")
	b.Until("the text is written", rested)
	b.Until("the picture is alive", `document.querySelector("iframe#view").className === "live"`)
	b.Until("loss has been measured", `document.querySelector("#stop") === null`)
	n := 0
	for scene, column := range map[string]string{"overview": "", "trajectories": "inverse_frequency_rad_per_token", "spectrum": "slowed_by",
		"attention": "weight_max", "loss": "loss_nats", "recall": "depth"} {
		b.Run(`document.getElementById("scene-` + scene + `").click()`)
		var kept struct {
			Type, Head string
			Size       int
		}
		for _, format := range []string{"png", "svg", "csv"} {
			n++
			b.Click("#save-" + format)
			b.Until(scene+" is given as "+format, fmt.Sprintf(`kept.length >= %d`, n))
			b.Eval(`kept[kept.length-1]`, &kept)
			switch {
			case format == "png" && (kept.Type != "image/png" || kept.Size < 5000):
				t.Errorf("%s as PNG: %s of %d bytes", scene, kept.Type, kept.Size)
			case format == "svg" && (kept.Type != "image/svg+xml" || kept.Size < 5000 || !strings.Contains(kept.Head, "<title>clexlab · ")):
				t.Errorf("%s as SVG: %s of %d bytes, %q", scene, kept.Type, kept.Size, kept.Head)
			case format == "csv" && (kept.Type != "text/csv" || !strings.Contains(kept.Head, column)):
				t.Errorf("%s as CSV: %s %q", scene, kept.Type, kept.Head)
			}
		}
	}
	b.Clean()
}
