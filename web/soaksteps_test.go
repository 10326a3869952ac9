//go:build !js

package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"

	"clexlab/wasm/wire/jobs"
)

// step is something that happens to the page.
type step struct {
	name string
	do   func(k *soak)
	// itself is set where the text that was asked for last has to be right, and not only the next one.
	itself bool
	// rare is set for what takes a minute.
	rare bool
}

// rareEvery is how long a run goes before the first rare step, and between two.
const rareEvery = 5 * time.Minute

// deck gives steps out in random order: each comes once before any comes again.
type deck struct {
	of   []step
	left []int
}

func (d *deck) draw(random *rand.Rand) step {
	if len(d.left) == 0 {
		d.left = random.Perm(len(d.of))
	}
	next := d.of[d.left[0]]
	d.left = d.left[1:]
	return next
}

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
	{name: "compare", do: func(k *soak) { k.click("#compare"); k.choose("#method-1") }},
	{name: "another model", do: func(k *soak) { k.choose("#model") }},
	{name: "longer or shorter", do: func(k *soak) { k.choose("#windows") }},
	{name: "undo and redo", do: func(k *soak) { k.click("#undo"); k.pause(200); k.click("#redo") }},
	{name: "open and close", do: func(k *soak) { k.openAndClose(panels[k.random.IntN(len(panels))]) }},
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
			for (const r of await c.keys()) if (/\.(safetensors|difference)$/.test(r.url)) await c.put(r, new Response("half"));
		}))).then(() => true)`, nil)
		k.b.Reload()
	}},
}

// panels are what opens and closes at a click of a button: the button, and what is there while it is open.
var panels = [][2]string{{"#sampling", "#sampling-body"}, {"#solver", "#solver-body"}, {"#share", "#share-panel"}, {"#read", "#read-text"},
	{"#models", "#models-panel"}, {"#table", "#data-table"}, {"#chips-more", ".chips.others"}}

// openAndClose opens a panel and closes it, or the other way round where it stands open, unless its button is not there.
func (k *soak) openAndClose(panel [2]string) {
	var there, open bool
	k.b.Eval(fmt.Sprintf(`document.querySelector("%s:not(:disabled)") !== null`, panel[0]), &there)
	if !there {
		return
	}
	k.b.Eval(fmt.Sprintf(`document.querySelector(%q) !== null`, panel[1]), &open)
	for range 2 {
		open = !open
		k.click(panel[0])
		k.b.Until(fmt.Sprintf("%s is open: %t", panel[1], open), fmt.Sprintf(`(document.querySelector(%q) !== null) === %t`, panel[1], open))
		k.pause(500)
	}
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
