//go:build !js

package main

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"

	"clexlab/model/checkpoint"
	"clexlab/model/modeltest"
	"clexlab/wasm/wire/jobs"
	"clexlab/web/browsertest"
	"clexlab/web/state"
)

// soak is a page that is used and hurt at random.
type soak struct {
	*testing.T
	b      *browsertest.Tab
	random *rand.Rand
	url    string
	models map[string]modeltest.Files
	// cut is set while nobody reaches the server.
	cut   *atomic.Bool
	trail []string
	texts map[string]string // that were written natively, by what was asked for
	rare  time.Time         // of the last rare step
}

// TestSoak uses the page for CLEXLAB_SOAK minutes in random order, by a seed (CLEXLAB_SEED), and causes failures. After
// each step the page must come back: it writes what the engine writes outside of any browser, and says no figure that
// is none. Memory must not grow over the second half.
func TestSoak(t *testing.T) {
	minutes, err := strconv.ParseFloat(os.Getenv("CLEXLAB_SOAK"), 64)
	if err != nil {
		t.Skip("CLEXLAB_SOAK says no number of minutes: make soak does")
	}
	seed, err := strconv.ParseUint(os.Getenv("CLEXLAB_SEED"), 10, 64)
	if err != nil {
		seed = 1
	}
	s := builtSite(t)
	whole := time.Duration(minutes * float64(time.Minute))
	k := &soak{T: t, random: rand.New(rand.NewPCG(seed, 18)), cut: new(atomic.Bool), texts: map[string]string{}}
	dir := t.TempDir()
	if k.models, err = twoModels(dir); err != nil {
		t.Fatal(err)
	}
	k.url = s.serveAround(t, "", dir, func(http.ResponseWriter, *http.Request) bool {
		if k.cut.Load() {
			panic(http.ErrAbortHandler)
		}
		return false
	})
	k.b = gpuBrowsers.take(t).TabFor(t, 1440, 900, whole+10*time.Minute)
	k.b.Early(hurt)
	k.b.Visit(k.url + "?prompt=the+little+fox&windows=2")
	k.b.Until("the text is written", rested)
	k.b.Eval(`navigator.serviceWorker.ready.then(() => true)`, nil)
	var renderer []int64
	begun := time.Now()
	counts := map[string]int{}
	for time.Since(begun) < whole {
		step := steps[k.random.IntN(len(steps))]
		if k.random.IntN(3) == 0 {
			step = faults[k.random.IntN(len(faults))]
		}
		if step.rare && time.Since(k.rare) < rareEvery {
			continue
		} else if step.rare {
			k.rare = time.Now()
		}
		k.trail = append(k.trail, step.name)
		t.Logf("%v: %s", time.Since(begun).Round(time.Second), step.name)
		step.do(k)
		k.comesBack(step.itself)
		counts[step.name]++
		renderer = append(renderer, k.b.Usage().Renderer)
	}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%3d × %s", counts[name], name)
	}
	mean := func(of []int64) (m float64) {
		for _, v := range of {
			m += float64(v) / float64(len(of)) / (1 << 20)
		}
		return m
	}
	// Lengths, methods and reloads change what is held from step to step: eighths of the run are compared.
	n := len(renderer)
	part := max(1, n/8)
	var first float64
	for at := 0; at+part <= max(part, n/2); at += part {
		first = max(first, mean(renderer[at:at+part]))
	}
	last := mean(renderer[n-part:])
	t.Logf("%d steps; renderer %.0f MB after the first, %.0f MB in the largest eighth of the first half, %.0f MB in the last, %.0f MB at most", n, mean(renderer[:1]), first, last, float64(slices.Max(renderer))/(1<<20))
	if n >= 40 && last > 1.1*first {
		t.Errorf("the renderer grew from %.0f to %.0f MB in the second half", first, last)
	}
}

// twoModels writes the model of the tests twice, with other weights under the name rug.
func twoModels(dir string) (map[string]modeltest.Files, error) {
	files, ck, _, err := modeltest.New()
	if err != nil {
		return nil, err
	}
	other, gained := files, *ck.Weights
	gained.FinalNorm.Weight = slices.Clone(gained.FinalNorm.Weight)
	for i := range gained.FinalNorm.Weight {
		gained.FinalNorm.Weight[i] *= 1 + float32(i%5)/4
	}
	ck.Weights = &gained
	var weights bytes.Buffer
	if err := ck.WriteWeights(&weights, checkpoint.F32); err != nil {
		return nil, err
	}
	other.Weights = weights.Bytes()
	if err := other.Write(dir); err != nil {
		return nil, err
	}
	if err := os.Rename(filepath.Join(dir, "rig"), filepath.Join(dir, "rug")); err != nil {
		return nil, err
	}
	return map[string]modeltest.Files{"": files, "rig-clex": files, "rug-clex": other}, files.Write(dir)
}

// step is something that happens to the page.
type step struct {
	name string
	do   func(k *soak)
	// itself is set where the text that was asked for last has to be right, and not only the next one.
	itself bool
	// rare is set for what takes a minute.
	rare bool
}

const rareEvery = 5 * time.Minute

var steps = []step{
	{name: "drag", do: func(k *soak) { k.front("text"); dragFor(k.b, time.Second) }},
	{name: "drag while it writes", do: func(k *soak) { k.click("#generate"); dragFor(k.b, 500*time.Millisecond) }},
	{name: "write", do: func(k *soak) { k.click("#generate") }},
	{name: "write and stop", do: func(k *soak) { k.click("#generate"); k.pause(300); k.click("#stop") }},
	{name: "go on", do: func(k *soak) { k.click("#continue") }},
	{name: "another picture", do: func(k *soak) {
		k.click("#scene-" + []string{"overview", "trajectories", "attention", "loss", "spectrum", "recall"}[k.random.IntN(6)])
	}},
	{name: "another part", do: func(k *soak) { k.front([]string{"picture", "text", "recall", "train", "guide"}[k.random.IntN(5)]) }},
	{name: "another method", do: func(k *soak) { k.choose("#method-0") }},
	{name: "compare", do: func(k *soak) { k.choose("#method-1") }},
	{name: "another model", do: func(k *soak) { k.choose("#model") }},
	{name: "longer or shorter", do: func(k *soak) { k.choose("#windows") }},
	{name: "undo and redo", do: func(k *soak) { k.click("#undo"); k.pause(200); k.click("#redo") }},
	{name: "open and close", do: func(k *soak) {
		at := "#" + []string{"sampling", "solver", "share", "read", "models", "table", "inspect"}[k.random.IntN(7)]
		k.click(at)
		k.pause(500)
		k.click(at)
	}},
	{name: "hold a token", do: func(k *soak) {
		k.b.Run(fmt.Sprintf(`const all = document.querySelectorAll("#story-0 .tk"); all[%d %% all.length]?.click()`, k.random.IntN(1000)))
	}},
	{name: "reload", do: func(k *soak) { k.b.Reload() }},
}

var faults = []step{
	{name: "the engine runs out of memory", do: func(k *soak) {
		k.b.Run(fmt.Sprintf(`const all = hurt.alive(); all[%d %% all.length]?.send(JSON.stringify({v: %d, id: 0, fault: "memory"}))`, k.random.IntN(100), jobs.Version))
		k.pause(1500)
	}},
	{name: "no network", do: func(k *soak) {
		k.cut.Store(true)
		k.choose("#method-0")
		k.choose("#model")
		k.pause(500)
		if k.random.IntN(2) == 0 {
			k.b.Reload()
		}
		k.pause(1000)
		k.cut.Store(false)
	}},
	{name: "no room in storage", do: func(k *soak) {
		origin := strings.TrimSuffix(k.url, "/")
		k.b.Do(storage.OverrideQuotaForOrigin(origin).WithQuotaSize(0))
		k.choose("#model")
		k.choose("#method-0")
		k.pause(500)
		k.b.Reload()
		k.pause(500)
		k.b.Do(storage.OverrideQuotaForOrigin(origin))
	}},
	{name: "the tab is hidden", do: func(k *soak) {
		k.click("#generate")
		k.b.Do(page.SetWebLifecycleState(page.SetWebLifecycleStateStateFrozen), chromedp.Sleep(time.Second), page.SetWebLifecycleState(page.SetWebLifecycleStateStateActive))
	}},
	{name: "a request is said twice", do: func(k *soak) { k.b.Run(`hurt.twice = 1`); k.click("#generate"); k.pause(500) }},
	{name: "an answer is said twice", do: func(k *soak) { k.hurtAnswer("again") }, itself: true},
	{name: "an answer is lost", do: func(k *soak) { k.hurtAnswer("drop") }, itself: true},
	{name: "the GPU is lost", do: func(k *soak) { k.loseGPU() }, rare: true},
	{name: "a request is lost", do: func(k *soak) { k.b.Run(`hurt.lose = 1`); k.click("#generate"); k.pause(500) }},
	{name: "a worker is killed without a word", do: func(k *soak) {
		k.b.Run(fmt.Sprintf(`const all = hurt.alive(); all[%d %% all.length]?.kill()`, k.random.IntN(100)))
		k.click("#generate")
	}},
	{name: "kept files are damaged", do: func(k *soak) {
		k.b.Eval(`caches.keys().then(names => Promise.all(names.map(async n => {
			const c = await caches.open(n);
			for (const r of await c.keys()) if (r.url.endsWith(".safetensors")) await c.put(r, new Response("half"));
		}))).then(() => true)`, nil)
		k.b.Reload()
	}},
}

// hurt keeps hold of the page's workers and of what is said to them and by them.
const hurt = `window.hurt = {workers: [], twice: 0, again: 0, lose: 0, drop: 0, alive() { return this.workers.filter(w => !w.over) }};
window.Worker = class extends Worker {
	constructor(...a) { super(...a); hurt.workers = [...hurt.alive(), this] }
	terminate() { this.over = true; super.terminate() }
	send(m) { super.postMessage(m) }
	kill() { super.terminate() }
	postMessage(m, ...more) {
		if (hurt.lose > 0) { hurt.lose--; return }
		super.postMessage(m, ...more);
		if (hurt.twice > 0 && typeof m === "string") { hurt.twice--; super.postMessage(m) }
	}
	set onmessage(f) {
		super.onmessage = f && (e => {
			if (this.over) return;
			if (hurt.drop > 0 && --hurt.drop === 0) return;
			f(e);
			if (hurt.again > 0 && --hurt.again === 0 && !this.over) f(e);
		});
	}
};`

func (k *soak) pause(milliseconds int) {
	time.Sleep(time.Duration(k.random.IntN(milliseconds)) * time.Millisecond)
}

// click clicks what is there and can be clicked.
func (k *soak) click(selector string) {
	k.b.Run(`const e = document.querySelector(` + strconv.Quote(selector) + `); if (e && !e.disabled) e.click()`)
}

func (k *soak) choose(selector string) {
	k.b.Run(fmt.Sprintf(`const e = document.querySelector(%q); if (e && !e.disabled) {
		e.selectedIndex = %d %% e.options.length;
		e.dispatchEvent(new Event("change", {bubbles: true}));
	}`, selector, k.random.IntN(1000)))
}

func (k *soak) front(part string) { k.click("#side-" + part) }

// hurtAnswer has a text written and one of the next answers of the workers lost, or said twice.
func (k *soak) hurtAnswer(how string) {
	k.b.Run(fmt.Sprintf(`hurt.%s = %d`, how, 1+k.random.IntN(10)))
	k.click("#generate")
	k.pause(500)
}

// loseGPU has a text written on the GPU, which then goes, and the CPU chosen again by the page.
func (k *soak) loseGPU() {
	choose := func(backend string) {
		k.click(`#sampling[aria-expanded="false"]`)
		k.b.Until("the machine can be chosen", `document.querySelector("#backend")`)
		k.b.Set("#backend", backend, "change")
		k.b.Until("it is chosen", fmt.Sprintf(`(new URLSearchParams(location.search).get("backend") ?? "") === %q`, backend))
		k.click(`#sampling[aria-expanded="true"]`)
		k.b.Until("the drawer is closed", `!document.querySelector("#backend")`)
	}
	choose("webgpu")
	k.click("#generate")
	k.pause(6000)
	k.b.Run(fmt.Sprintf(`for (const w of hurt.alive()) w.send(JSON.stringify({v: %d, id: 0, fault: "gpu"}))`, jobs.Version))
	k.pause(1000)
	choose("")
}

// comesBack wants the page to write the native text, after "Try again" where the page offers that, and to show nothing odd. With itself
// it does not ask for that text anew.
func (k *soak) comesBack(itself bool) {
	k.Helper()
	k.front("text")
	k.click(`#auto[aria-checked="false"]`)
	deadline := time.Now().Add(k.b.Patience)
	asked, rests := time.Time{}, time.Time{}
	if itself {
		asked = time.Now()
	}
	for {
		var at struct {
			Rested, Stopped      bool
			Text, Search, Method string
			Odd                  []string
		}
		k.b.Eval(`(() => {
			const notice = [...document.querySelectorAll(".notice.failure button, .notice.warning button")].find(b => ["Try again", "Start again", "Reload"].includes(b.textContent));
			if (notice) notice.click();
			return {
				Rested: document.querySelector("#generate:not(:disabled)") !== null && document.querySelector("#stop") === null, Stopped: !!notice,
				Text: [...document.querySelectorAll("#story-0 .tk")].map(e => e.textContent).join(""), Search: location.search,
				Method: document.querySelector("#method-0")?.value ?? "",
				Odd: document.body.innerText.match(/[^\n]*\b(NaN|undefined|Infinity|\+Inf|null|%!)[^\n]*/g) ?? [],
			};
		})()`, &at)
		if len(at.Odd) > 0 {
			k.Fatalf("after %q the page says %q", k.last(), at.Odd)
		}
		switch {
		case at.Stopped:
			asked = time.Time{}
		case !at.Rested:
			rests = time.Time{}
		case rests.IsZero():
			// What was clicked last may not have been heard of yet.
			rests = time.Now()
		case asked.IsZero() && time.Since(rests) > 500*time.Millisecond:
			k.click("#generate")
			asked = time.Now()
		case !asked.IsZero() && time.Since(asked) > 300*time.Millisecond && at.Text == k.native(at.Search, at.Method):
			return
		}
		if time.Now().After(deadline) {
			var where string
			k.b.Eval(`document.body.innerText.slice(0, 1500)`, &where)
			k.Fatalf("after %q the page at %s writes\n%q\nnatively it is\n%q\n%s", k.last(), at.Search, at.Text, k.native(at.Search, at.Method), where)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (k *soak) last() []string { return k.trail[max(0, len(k.trail)-6):] }

// native is the text that a page of an address writes.
func (k *soak) native(search, method string) string {
	k.Helper()
	query, err := url.ParseQuery(strings.TrimPrefix(search, "?"))
	if err != nil {
		k.Fatal(err)
	}
	set, _ := state.Parse(query)
	files, ok := k.models[set.Model]
	if !ok {
		return ""
	}
	key := fmt.Sprint(set.Model, method, set.Prompt, set.Windows, set.Sampling)
	if text, ok := k.texts[key]; ok {
		return text
	}
	window := modeltest.Config.Rotary.Window
	var b strings.Builder
	for _, tok := range nativeText(k.T, files, jobs.Write{Method: method, Prompt: set.Prompt, MaxLength: int(math.Min(float64(set.Windows), 16)) * window, FactorRule: jobs.FactorRule{Auto: true},
		Temperature: set.Temperature, TopP: set.TopP, MinP: set.MinP, TopK: set.TopK, Seed: set.Seed}) {
		b.WriteString(tok.Text)
	}
	k.texts[key] = b.String()
	return k.texts[key]
}
