//go:build !js

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"clexlab/tinymodels"
	"clexlab/viz/scene"
	"clexlab/web/browsertest"
	"clexlab/web/server"
)

// The benchmarks drive the page as it ships, with the model that ships. They want
// the programs and their compressed twins in CLEXLAB_DIST: see make bench. A
// headless browser draws on the processor, which a laptop's browser does not:
// frames are slower here than there, tasks of the main thread are not.

// bench serves the product and opens a browser of its own, whose cache is empty.
func bench(b *testing.B) (tab func(width, height int64) *browsertest.Tab, url string) {
	return benchAround(b, asItIs)
}

// asItIs answers nothing otherwise.
func asItIs(http.ResponseWriter, *http.Request) bool { return false }

// benchAround is bench with some of the requests answered otherwise.
func benchAround(b *testing.B, otherwise func(http.ResponseWriter, *http.Request) bool) (tab func(width, height int64) *browsertest.Tab, url string) {
	b.Helper()
	url = benchServed(b, otherwise)
	browser, err := browsertest.Start()
	if err != nil {
		b.Skip(err)
	}
	b.Cleanup(browser.Close)
	return func(width, height int64) *browsertest.Tab { return browser.Tab(b, width, height) }, url
}

// benchServed serves the product and returns its address.
func benchServed(b *testing.B, otherwise func(http.ResponseWriter, *http.Request) bool) string {
	b.Helper()
	dist := os.Getenv("CLEXLAB_DIST")
	if dist == "" {
		b.Skip("CLEXLAB_DIST names no built programs: make bench does")
	}
	h, err := server.New(server.Options{Dist: os.DirFS(dist), Models: tinymodels.Files})
	if err != nil {
		b.Fatal(err)
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !otherwise(w, r) {
			h.ServeHTTP(w, r)
		}
	}))
	b.Cleanup(web.Close)
	return web.URL + "/"
}

// machine waits, where CLEXLAB_MACHINE names one (WebGPU), until the page says that it computes on it, and logs what it says.
func machine(b *testing.B, t *browsertest.Tab) {
	b.Helper()
	if want := os.Getenv("CLEXLAB_MACHINE"); want != "" {
		t.Until("the page computes on "+want, fmt.Sprintf(`document.querySelector("#status b").textContent.includes(%q)`, want))
	}
	var said string
	t.Eval(`document.querySelector("#status b").textContent + ". " + (document.querySelector("#status").title || document.querySelector("#status b").title)`, &said)
	b.Log(said)
}

const firstText = `document.querySelector("#stop") === null && document.querySelectorAll("#story-0 .tk").length > 200`

// BenchmarkDrag drags the slider for five seconds, there and back, over a text of
// 1,024 tokens, and reports frames and the main thread's tasks: beside the curves, and beside
// the first look, whose attention maps are computed anew all the while; then beside the curves while a model is trained and a
// text is written.
func BenchmarkDrag(b *testing.B) {
	for _, s := range []scene.Name{scene.Trajectories, scene.Overview} {
		b.Run(string(s), func(b *testing.B) { benchDrag(b, s, func(*browsertest.Tab) {}) })
	}
	b.Run("training", func(b *testing.B) {
		benchDrag(b, scene.Trajectories, func(t *browsertest.Tab) {
			t.Click("#side-train")
			t.Until("the panel is open", `document.querySelector("#train-now:not(:disabled)")`)
			t.Click("#train-now")
			t.Until("a step is made", `/step [1-9]/.test(document.querySelector("#train-progress")?.textContent)`)
			t.Click("#side-text") // the training goes on
			t.Click("#generate")
			t.Until("it writes", `document.querySelector("#stop") !== null`)
		})
	})
}

func benchDrag(b *testing.B, shown scene.Name, busy func(*browsertest.Tab)) {
	for b.Loop() {
		b.StopTimer()
		tab, url := bench(b)
		t := tab(1440, 900)
		t.Visit(url + "?windows=4&scene=" + string(shown))
		t.Until("the text is written", firstText)
		t.Until("the picture is alive", `document.querySelector("iframe#view.live") !== null`)
		machine(b, t)
		busy(t)
		var box struct{ X, Y, W, H float64 }
		t.Eval(`(() => { const r = document.querySelector("#t").getBoundingClientRect(); return {X: r.x, Y: r.y, W: r.width, H: r.height} })()`, &box)
		t.Run(`window.frames60 = []; let last = 0; window.counting = true;
			const f = now => { if (last) frames60.push(now - last); last = now; if (counting) requestAnimationFrame(f) }; requestAnimationFrame(f)`)
		var moves int
		tasks := t.Tasks(func() {
			y := box.Y + box.H/2
			at := func(share float64) float64 { return box.X + 11 + share*(box.W-22) }
			t.Do(chromedp.MouseEvent(input.MousePressed, at(0.2), y, chromedp.ButtonLeft))
			for start := time.Now(); time.Since(start) < 5*time.Second; moves++ {
				phase := time.Since(start).Seconds() / 2.5
				if phase > 1 {
					phase = 2 - phase
				}
				t.Do(chromedp.MouseEvent(input.MouseMoved, at(phase), y, chromedp.ButtonLeft))
				time.Sleep(8 * time.Millisecond)
			}
			t.Do(chromedp.MouseEvent(input.MouseReleased, at(0.2), y, chromedp.ButtonLeft))
		})
		var frames []float64
		t.Eval(`(() => { counting = false; return frames60 })()`, &frames)
		slices.Sort(frames)
		at := func(share float64) float64 { return frames[int(share*float64(len(frames)-1))] }
		b.ReportMetric(at(0.5), "ms-frame-median")
		b.ReportMetric(at(0.95), "ms-frame-p95")
		b.ReportMetric(at(1), "ms-frame-worst")
		var cpu []float64
		for _, k := range tasks {
			cpu = append(cpu, float64(k.CPU.Microseconds())/1000)
		}
		slices.Sort(cpu)
		if len(cpu) > 0 {
			sum := 0.0
			for _, v := range cpu {
				sum += v
			}
			b.ReportMetric(sum/float64(len(frames)), "ms-tasks-a-frame")
			b.ReportMetric(cpu[int(0.99*float64(len(cpu)-1))], "ms-task-p99")
			b.ReportMetric(cpu[len(cpu)-1], "ms-task-worst")
			over := 0
			for _, v := range cpu {
				if v > 33 {
					over++
				}
			}
			b.ReportMetric(float64(over), "tasks-over-33ms")
		}
		b.ReportMetric(float64(moves)/5, "moves/s")
		b.StartTimer()
	}
}

// BenchmarkAttention measures from a change of t to the fine maps of every head on
// the page, for texts of several lengths, and the speed at which they were written.
func BenchmarkAttention(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		tab, url := bench(b)
		for _, n := range []int{128, 256, 512, 1024} {
			t := tab(1440, 900)
			t.Visit(url + fmt.Sprintf("?windows=%d&scene=attention&on=text&vs=", max(1, n/256)))
			t.Until("the text is written", firstText)
			var speed float64
			t.Eval(`parseFloat((document.querySelector("#story-0-stat").textContent.match(/([\d.]+)\/s/) || [0, 0])[1])`, &speed)
			if n >= 256 {
				b.ReportMetric(speed, "tok/s-"+strconv.Itoa(n))
			} else {
				t.Run(`document.querySelector('#story-0 [data-i="127"]').click()`)
				t.Until("the token is held", `document.querySelector("#cut") !== null`)
				t.Run(`document.querySelector("#cut").click()`)
				t.Until("the text is cut", `document.querySelectorAll("#story-0 .tk").length === 128`)
			}
			t.Click("#table")
			whole := fmt.Sprintf(`over tokens 1 to %d.`, n)
			t.Until("the maps are there", `document.querySelector("#data-table caption")?.textContent.endsWith("`+whole+`")`)
			var took float64
			t.Eval(`new Promise(done => {
				const s = document.querySelector("#t-box"), start = performance.now();
				s.value = "3.5"; s.dispatchEvent(new Event("change", {bubbles: true}));
				const look = () => { const c = document.querySelector("#data-table caption")?.textContent ?? "";
					if (c.includes("t = 3.5 ") && c.endsWith("`+whole+`")) done(performance.now() - start); else setTimeout(look, 2) };
				look(); })`, &took)
			b.ReportMetric(took, "ms-maps-"+strconv.Itoa(n))
		}
		b.StartTimer()
	}
}

// BenchmarkHeadline measures from a t that stands still to the sentence with losses measured at it and the words tinted by them,
// on the excerpt of 1,024 and of 4,096 tokens: the median of five turns.
func BenchmarkHeadline(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		tab, url := bench(b)
		for _, n := range []int{1024, 4096} {
			t := tab(1440, 900)
			t.Visit(url + fmt.Sprintf("?windows=%d", n/256))
			t.Until("the texts are written and the losses measured", `document.querySelector("#stop") === null && /rises from (?!.*the build)/.test(document.querySelector("#lead").textContent)`)
			t.Until("the picture is alive", `document.querySelector("iframe#view.live") !== null`)
			machine(b, t)
			t.Do(chromedp.Sleep(2 * time.Second)) // maps, and the judge, who does not follow t
			var took []float64
			for turn := range 5 {
				at := 3.5 + float64(turn)
				var ms float64
				t.Eval(fmt.Sprintf(`new Promise(done => {
					const s = document.querySelector("#t-box"), start = performance.now();
					s.value = "%g"; s.dispatchEvent(new Event("change", {bubbles: true}));
					const look = () => { const lead = document.querySelector("#lead").textContent;
						if (lead.includes("CLEX at t = %g ") && document.querySelector("#passage").title.includes("CLEX at t = %g:")) done(performance.now() - start); else setTimeout(look, 2) };
					look(); })`, at, at, at), &ms)
				took = append(took, ms)
				t.Do(chromedp.Sleep(time.Second))
			}
			slices.Sort(took)
			b.ReportMetric(took[2], "ms-headline-"+strconv.Itoa(n))
		}
		b.StartTimer()
	}
}

// BenchmarkTrain trains in the page with one, two and four workers, in batches larger than the page's own, as a
// benchmark of kernels would, and reports the tokens a second that the page says.
func BenchmarkTrain(b *testing.B) {
	for _, model := range []string{"small", "medium"} {
		for _, rows := range []int{8, 64} {
			for _, workers := range []int{1, 2, 4} {
				b.Run(fmt.Sprintf("%s/%d-tokens/%d-workers", model, 256*rows, workers), func(b *testing.B) {
					for b.Loop() {
						b.StopTimer()
						loader, err := os.ReadFile(filepath.Join(os.Getenv("CLEXLAB_DIST"), "engine.js"))
						if err != nil {
							b.Skip(err)
						}
						tab, url := benchAround(b, func(w http.ResponseWriter, r *http.Request) bool {
							if !strings.HasSuffix(r.URL.Path, "/engine.js") {
								return false
							}
							w.Header().Set("Content-Type", "text/javascript")
							w.Write(append([]byte(cores(workers)), loader...)) // workers look for themselves
							return true
						})
						t := tab(1440, 900)
						t.Early(cores(workers) + fmt.Sprintf(`if (top === self) { const post = Worker.prototype.postMessage;
							Worker.prototype.postMessage = function (m, ...rest) {
								if (typeof m === "string" && m.includes('"train":{')) m = m.replace('"rows":4', '"rows":%d');
								return post.call(this, m, ...rest);
							}; }`, rows))
						t.Visit(url + "?windows=1&backend=cpu&vs=&tint=own&scene=trajectories&model=" + model)
						t.Until("a text of the model stands there", rested+fmt.Sprintf(` && document.querySelector("#model").value === %q`, model))
						t.Click("#side-train")
						t.Until("the panel is open", `document.querySelector("#train-now:not(:disabled)")`)
						t.Patience = 5 * time.Minute
						t.Click("#train-now")
						t.Until("steps are made", fmt.Sprintf(`+/step ([0-9]+)/.exec(document.querySelector("#train-progress")?.textContent)?.[1] >= %d`, max(4, 160/rows)))
						var rate float64
						t.Eval(`+/([0-9]+) tokens.s/.exec(document.querySelector("#train-progress").textContent)[1]`, &rate)
						if said, want := t.Text("#train-progress"), fmt.Sprintf("%d workers", workers); workers > 1 != strings.Contains(said, "workers") || workers > 1 && !strings.Contains(said, want) {
							b.Errorf("the page says %q, want %s", said, want)
						}
						b.ReportMetric(rate, "tokens/s")
						b.StartTimer()
					}
				})
			}
		}
	}
}

// BenchmarkTrainGPU presses Train with the page's own recipe of 200 steps where the browser has a GPU, and reports the seconds
// from the press to the end, compiling and all, and the tokens a second that the page says.
func BenchmarkTrainGPU(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		tab, url := bench(b)
		t := tab(1440, 900)
		t.Visit(url + "?windows=1&backend=webgpu&vs=&tint=own&scene=trajectories")
		t.Until("a text stands there", rested)
		var machine string
		t.Eval(`document.querySelector("#status b").textContent`, &machine)
		if machine != "WebGPU" {
			b.Skip("the page computes on " + machine)
		}
		t.Click("#side-train")
		t.Until("the panel is open", `document.querySelector("#train-now:not(:disabled)")`)
		t.Run(`const n = document.querySelector("#train-steps"); n.value = "200"; n.dispatchEvent(new Event("change", {bubbles: true}))`)
		t.Click("#train-now")
		start := time.Now()
		t.Patience = 5 * time.Minute
		t.Until("steps are made", `(window.said = /step ([0-9]+) .* ([0-9]+) tokens.s/.exec(document.querySelector("#train-progress")?.textContent)) && +said[1] >= 100`)
		var rate float64
		t.Eval(`+said[2]`, &rate)
		t.Until("it is done", `document.querySelector("#train-use")`)
		b.ReportMetric(time.Since(start).Seconds(), "s-200-steps")
		b.ReportMetric(rate, "tokens/s")
		b.StartTimer()
	}
}
