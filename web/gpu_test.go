//go:build !js

package main

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"clexlab/web/browsertest"
)

// gpuTab opens a tab in a browser whose WebGPU is computed in software. Its
// kernels take long to compile, so the tab is patient.
func gpuTab(t *testing.T) (*site, *browsertest.Tab) {
	t.Helper()
	s := builtSite(t)
	b := gpuBrowsers.take(t).Tab(t, 1440, 900)
	b.Patience = 150 * time.Second
	return s, b
}

// A GPU taken away in the middle of a text: the text is that of a CPU that was
// never disturbed, one line says what happened, and the GPU can be tried again.
// That a GPU writes what the CPU writes is tested where its model is.
func TestLostGPUKeepsTheText(t *testing.T) {
	s, b := gpuTab(t)
	b.Visit(s.serve(t, "", "") + alone + "&windows=2&seed=5&backend=webgpu&fail=gpu")
	b.Until("it says that the GPU was lost", `document.querySelector(".notice[data-key=gpu]")?.textContent.includes("lost")`)
	b.Until("the text is written", rested)
	if got, want := story(b, 0), s.native(t, "clex", 5, 64); got != want {
		t.Errorf("with the GPU lost on the way the page writes\n%q\nnative:\n%q", got, want)
	}
	b.Until("the CPU is in view", `document.querySelector("#status b").textContent === "CPU SIMD"`)
	b.Do(chromedp.Evaluate(`[...document.querySelectorAll(".notice button")].find(x => x.textContent === "Try the GPU again").click()`, nil))
	b.Until("the GPU is in view", `document.querySelector("#status b").textContent === "WebGPU" && document.querySelector(".notice[data-key=gpu]") === null`)
	b.Until("without trouble", `document.querySelector(".notice[data-key=gpu]") === null && document.querySelector(".notice[data-key=measure]") === null`)
}

// A software adapter is named and not chosen; the person can choose, and the choice stands in the address.
func TestSoftwareAdapterIsNotChosen(t *testing.T) {
	s, b := gpuTab(t)
	b.Visit(s.serve(t, "", "") + alone + "&windows=1")
	b.Until("the text is written", rested)
	b.Until("the adapter is named", `document.querySelector("#status b").title.includes("SwiftShader (software adapter)")`)
	b.Until("the CPU computes", `document.querySelector("#status b").textContent === "CPU SIMD"`)
	b.Click("#sampling")
	b.Until("the reason is in sight", `document.querySelector("#backend-why")?.textContent.includes("software adapter")`)
	b.Do(chromedp.Evaluate(`(() => { const m = document.querySelector("#backend"); m.value = "webgpu"; m.dispatchEvent(new Event("change")) })()`, nil))
	b.Until("the choice is in view and in the address", `document.querySelector("#status b").textContent === "WebGPU" && location.search.includes("backend=webgpu")`)
	b.Clean()
}
