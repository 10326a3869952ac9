//go:build !js

package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"clexlab/wasm/wire/jobs"
)

// TestTrainingResumesToTheBit: a training that paused and went on after a reload, in another worker and from the state that lies in the browser's
// storage, has the losses, step by step, and leaves the state, byte for byte, of the same training without a break.
func TestTrainingResumesToTheBit(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1440, 900)
	models := t.TempDir()
	tunedModels(t, models)
	address := s.serve(t, "", models) + oneWorker + "&seed=5"
	const steps = 150
	open := func() {
		b.Visit(address)
		b.Until("a text stands there", rested)
		b.Click("#side-train")
		b.Until("the panel is open", `document.querySelector("#train-now:not(:disabled)")`)
	}
	begin := func() {
		b.Set("#train-steps", strconv.Itoa(steps), "change")
		b.Click("#train-now")
	}
	// The sums of the state files by their steps, and the losses.
	left := func() (sums map[string]string, about jobs.KeptTraining) {
		b.Until("the result is there", `document.querySelector("#train-use:not(:disabled)")`)
		var text string
		b.Eval(`(async () => {
			const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("`+jobs.TrainingFolder+`"), all = {};
			for await (const [name, handle] of folder) {
				const file = await handle.getFile();
				all[name] = name === "`+jobs.TrainingFile+`" ? await file.text()
					: [...new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()))].join(" ");
			}
			return JSON.stringify(all);
		})()`, &text)
		if err := json.Unmarshal([]byte(text), &sums); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(sums[jobs.TrainingFile]), &about); err != nil {
			t.Fatal(err)
		}
		delete(sums, jobs.TrainingFile)
		return sums, about
	}
	open()
	begin()
	b.Until("it has begun", `/step ([3-9]|[0-9]{2,}) of/.test(document.querySelector("#train-progress")?.textContent)`)
	b.Click("#train-pause")
	b.Until("it pauses", `/pausing/.test(document.querySelector("#train-progress")?.textContent)`)
	open()
	b.Until("it can go on", `document.querySelector("#train-kept") && document.querySelector("#train-resume:not(:disabled)")`)
	var paused int
	b.Eval(`+/stands at step ([0-9]+)/.exec(document.querySelector("#train-kept").textContent)[1]`, &paused)
	if paused >= steps {
		t.Fatalf("it paused after its end, at step %d", paused)
	}
	b.Click("#train-resume")
	states, resumed := left()
	open()
	begin()
	wanted, unbroken := left()
	if len(unbroken.Losses) != steps || !slices.Equal(resumed.Losses, unbroken.Losses) {
		t.Errorf("resumed at step %d, the losses are\n%v: want\n%v", paused, resumed.Losses, unbroken.Losses)
	}
	same := 0
	for name, sum := range wanted {
		if states[name] == "" {
			continue // the pause kept one more, so that another was dropped
		}
		if same++; states[name] != sum {
			t.Errorf("resumed at step %d, %s is another file", paused, name)
		}
	}
	if last := "step-000" + strconv.Itoa(steps) + ".state"; same < 3 || wanted[last] == "" || states[last] == "" || strings.Count(states[last], " ") != 31 {
		t.Errorf("%d states to compare, of %d and %d: want that of step %d among them", same, len(states), len(wanted), steps)
	}
	b.Clean()
}
