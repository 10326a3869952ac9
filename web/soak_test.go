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
	// settled is what the renderer held when the page had opened and rested, in bytes.
	settled int64
	// compared counts the steps after which there were two texts.
	compared int
}

// mostOfSettled is how many times what the page held at first it may hold after any step. Two small models, two texts and the
// figures of each are far less; workers of a page that was left are held until the browser has ended them.
const mostOfSettled = 2

// TestSoak uses the page for CLEXLAB_SOAK minutes in random order, by a seed (CLEXLAB_SEED), and causes failures. After
// each step the page must come back: both texts are what the engine writes outside of any browser, it says no figure that
// is none, and the renderer comes down to mostOfSettled times what it held at first. Where the run is longer than rareEvery, memory
// must not grow over the second half either. The models are the two small ones of twoModels, 0.1 MB each, and not the one that ships:
// what the renderer holds is page, picture and workers.
func TestSoak(t *testing.T) {
	minutes, err := strconv.ParseFloat(os.Getenv("CLEXLAB_SOAK"), 64)
	if err != nil {
		t.Skip("CLEXLAB_SOAK says no number of minutes: make soak does, and make test for two")
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
	// A run that is too short for what is rare needs no GPU, whose kernels take a software adapter long to compile.
	k.rare = time.Now()
	browsers := gpuBrowsers
	if whole <= rareEvery {
		browsers = cpuBrowsers
	}
	k.b = browsers.take(t).TabFor(t, 1440, 900, whole+10*time.Minute)
	k.b.Early(hurt)
	// Of 140 texts of these models that are drawn at random (each model, method and length), 15 part between scalar kernels and native
	// vectors by a rounding, and others in WebAssembly. The likeliest tokens are the same in all three in all 140.
	k.b.Visit(k.url + "?prompt=the+little+fox&windows=2&temp=0")
	k.b.Until("the text is written", rested)
	k.b.Eval(`navigator.serviceWorker.ready.then(() => true)`, nil)
	k.b.Until("the picture is alive", `document.querySelector("iframe#view.live") !== null`)
	k.settled = k.b.Usage().Renderer
	t.Logf("at first the renderer holds %d MB", k.settled>>20)
	// Which steps come is the seed's alone; what is drawn while one is taken may differ, as it depends on how long things take.
	order, used, hurts := rand.New(rand.NewPCG(seed, 17)), deck{of: steps}, deck{of: faults}
	var renderer []int64
	begun := time.Now()
	counts := map[string]int{}
	for time.Since(begun) < whole {
		of := &used
		if order.IntN(3) == 0 {
			of = &hurts
		}
		step := of.draw(order)
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
		renderer = append(renderer, k.held())
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
	if n >= 20 && k.compared == 0 {
		t.Error("there was never a second text")
	}
	t.Logf("%d steps, %d with two texts; renderer %.0f MB after the first, %.0f MB in the largest eighth of the first half, %.0f MB in the last, %.0f MB at most", n, k.compared, mean(renderer[:1]), first, last, float64(slices.Max(renderer))/(1<<20))
	if whole > rareEvery && last > 1.1*first {
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

// held is what the renderer holds after a step, in bytes, once that is no more than it may be.
func (k *soak) held() (most int64) {
	k.Helper()
	limit := mostOfSettled * k.settled
	for deadline := time.Now().Add(k.b.Patience); ; time.Sleep(time.Second) {
		now := k.b.Usage().Renderer
		most = max(most, now)
		if now <= limit {
			break
		}
		if time.Now().After(deadline) {
			k.Fatalf("after %q the renderer holds %d MB, at first it held %d", k.last(), now>>20, k.settled>>20)
		}
	}
	return most
}

// comesBack wants the page to write the native texts, after "Try again" where the page offers that, and to show nothing odd. With itself
// it does not ask for those texts anew.
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
			Rested, Stopped bool
			Search          string
			Methods, Texts  []string // of one text or two
			Odd             []string
		}
		k.b.Eval(`(() => {
			const notice = [...document.querySelectorAll(".notice.failure button, .notice.warning button")].find(b => ["Try again", "Start again", "Reload"].includes(b.textContent));
			if (notice) notice.click();
			return {
				Rested: document.querySelector("#generate:not(:disabled)") !== null && document.querySelector("#stop") === null, Stopped: !!notice,
				Search: location.search,
				Methods: [...document.querySelectorAll("#method-0, #method-1")].map(e => e.value),
				Texts: [...document.querySelectorAll("#story-0, #story-1")].map(s => [...s.querySelectorAll(".tk")].map(e => e.textContent).join("")),
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
		case !asked.IsZero() && time.Since(asked) > 300*time.Millisecond && len(at.Texts) > 0 && slices.Equal(at.Texts, k.natives(at.Search, at.Methods)):
			k.compared += len(at.Texts) - 1
			return
		}
		if time.Now().After(deadline) {
			var where string
			k.b.Eval(`document.body.innerText.slice(0, 1500)`, &where)
			k.Fatalf("after %q the page at %s writes by %q\n%q\nnatively it is\n%q\n%s", k.last(), at.Search, at.Methods, at.Texts, k.natives(at.Search, at.Methods), where)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (k *soak) last() []string { return k.trail[max(0, len(k.trail)-6):] }

// natives are the texts that a page of an address writes by these methods.
func (k *soak) natives(search string, methods []string) (texts []string) {
	k.Helper()
	for _, method := range methods {
		texts = append(texts, k.native(search, method))
	}
	return texts
}

// native is the text that a page of an address writes by a method.
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
