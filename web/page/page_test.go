//go:build !js

package page_test

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"clexlab/clex"
	"clexlab/web/browsertest"
	"clexlab/web/page/testdata/stand/rule"
)

// finished waits until the first text is whole.
func finished(t *testing.T, b *browsertest.Tab) {
	t.Helper()
	b.Until("the text is finished", `document.querySelector("#generate") !== null && document.querySelectorAll("#story-0 .tk").length > 20`)
}

// frequenciesMatch compares the page's data table with what clex computes here.
func frequenciesMatch(t *testing.T, b *browsertest.Tab, at float64) {
	t.Helper()
	var rows [][]string
	b.Eval(`[...document.querySelectorAll("#data-table tbody tr")].map(r => [...r.children].map(c => c.textContent))`, &rows)
	var head []string
	b.Eval(`[...document.querySelectorAll("#data-table thead th")].map(c => c.textContent)`, &head)
	if len(rows) != rule.Rotary.Pairs() {
		t.Fatalf("%d rows in the table, want %d pairs", len(rows), rule.Rotary.Pairs())
	}
	for column, name := range map[string]string{"CLEX at t": "clex", "PI at t": "pi", "YaRN at t": "yarn"} {
		col := -1
		for i, h := range head {
			if h == column {
				col = i
			}
		}
		if col < 0 {
			t.Fatalf("no column %q in %q", column, head)
		}
		scheme, err := clex.New(name, rule.Rotary, clex.Options{Network: rule.Network()})
		if err != nil {
			t.Fatal(err)
		}
		var e clex.Encoding
		if err := scheme.Encode(&e, at, int(at*float64(rule.Rotary.Window))); err != nil {
			t.Fatal(err)
		}
		for i, want := range e.InvFreq {
			got, err := strconv.ParseFloat(strings.ReplaceAll(rows[i][col], ",", ""), 64)
			if err != nil || math.Abs(got-want) > 6e-4*want {
				t.Errorf("%s at t = %g, pair %d: the page shows %q, clex computes %g", name, at, i, rows[i][col], want)
			}
		}
	}
}

// shownT is t as the page shows it.
func shownT(t *testing.T, b *browsertest.Tab) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(b.Text("#t-out"), 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDragMovesTheFrequencies(t *testing.T) {
	b := open(t, "?show=clex,pi,yarn&vs=&scene=trajectories", 1440, 900)
	b.Click("#table")
	b.Until("the table is there", `document.querySelectorAll("#data-table tbody tr").length > 0`)
	var box struct{ X, Y, W, H float64 }
	b.Eval(`(() => { const r = document.querySelector("#t").getBoundingClientRect(); return {X: r.x, Y: r.y, W: r.width, H: r.height} })()`, &box)
	at := func(share float64) (float64, float64) { return box.X + 11 + share*(box.W-22), box.Y + box.H/2 }
	finished(t, b)
	x, y := at((shownT(t, b) - 1) / 15)
	b.Do(chromedp.MouseEvent(input.MousePressed, x, y, chromedp.ButtonLeft))
	for _, share := range []float64{0.1, 0.3, 0.42} {
		x, y = at(share)
		b.Do(chromedp.MouseEvent(input.MouseMoved, x, y, chromedp.ButtonLeft))
		b.Until(fmt.Sprintf("t is near %g under the pointer", 1+15*share), fmt.Sprintf(`Math.abs(Number(document.querySelector("#t-out").textContent) - %g) <= 0.06`, 1+15*share))
		frequenciesMatch(t, b, shownT(t, b))
	}
	b.Do(chromedp.MouseEvent(input.MouseReleased, x, y, chromedp.ButtonLeft))
	b.Until("the live region speaks after the drag", `document.querySelector("#live").textContent.startsWith("t = 7.")`)
	if got := b.Text("#auto"); got != "Auto" {
		t.Errorf("switch says %q", got)
	}
	b.Until("Auto is off after a drag", `document.querySelector("#auto").getAttribute("aria-checked") === "false"`)

	b.Focus("#t")
	for _, step := range []struct {
		key  string
		want float64
	}{{kb.Home, 1}, {kb.ArrowRight, 1.1}, {kb.PageUp, 2}, {kb.PageUp, 3}, {kb.ArrowLeft, 2.9}, {kb.End, 16}, {kb.PageDown, 15}} {
		b.Keys(step.key)
		b.Until(fmt.Sprintf("t is %g after a key", step.want), fmt.Sprintf(`Number(document.querySelector("#t-out").textContent) === %g`, step.want))
	}
	frequenciesMatch(t, b, 15)
	var words string
	b.Eval(`document.querySelector("#t").getAttribute("aria-valuetext")`, &words)
	if want := fmt.Sprintf("t = 15, %d tokens", 15*rule.Rotary.Window); words != want {
		t.Errorf("aria-valuetext %q, want %q", words, want)
	}
	b.Click("#t-up")
	b.Until("+ goes to the next whole t", `document.querySelector("#t-out").textContent === "16.00"`)
	b.Click("#auto")
	b.Until("Auto brings t back to the text", `document.querySelector("#t-out").textContent === "4.00"`)
	b.Clean()
}

func TestTextWritesStopsGoesBack(t *testing.T) {
	b := open(t, "?seed=3&windows=2&vs=", 1440, 900)
	finished(t, b)
	last := 2*rule.Rotary.Window - 1
	if got, want := b.Text(fmt.Sprintf(`#story-0 [data-i="%d"]`, last)), strings.TrimSpace(rule.Token(last, 3, "clex").Text); got != want {
		t.Errorf("last token %q, want %q", got, want)
	}
	b.Until("a token that the judge gives 6 nats has the strongest tint", `document.querySelector('#story-0 [data-i="6"]').className.includes("s6")`)
	b.Click(`#story-0 [data-i="10"]`)
	b.Until("the inspector shows the token", `document.querySelector("#inspect .what")?.textContent === "clex:w10s3␣"`)
	if got := b.Text("#inspect"); !strings.Contains(got, "the judge gave it 13.5 % (2.00 nats)") && !strings.Contains(got, "the judge gave it 14 % (2.00 nats)") || !strings.Contains(got, "other") {
		t.Errorf("inspector: %q", got)
	}
	b.Click("#cut")
	b.Until("the rest is cut", `document.querySelectorAll("#story-0 .tk").length === 11`)
	b.Click("#undo")
	b.Until("undo brings it back", fmt.Sprintf(`document.querySelectorAll("#story-0 .tk").length === %d`, last+1))
	b.Focus("#story-0")
	b.Keys(kb.Home, kb.ArrowRight, kb.ArrowRight, kb.ArrowRight)
	b.Until("a token is held by the keyboard", `document.querySelector(".alternative") !== null && document.querySelector("#inspect .what").textContent.startsWith("clex:w3")`)
	b.Until("it says what the token looks at", `document.querySelector("#reads").textContent.startsWith("CLEX at t = 1: “clex:w2s3␣” (3) 50 %")`)
	b.Until("an arc goes to each", `document.querySelectorAll("#story-0-arcs path").length === 2`)
	b.Until("the first arc ends over the token that it reads", `(() => {
		const c = [...document.querySelectorAll("#story-0-arcs circle")].pop().getBoundingClientRect(), r = document.querySelector('#story-0 [data-i="2"]').getClientRects()[0];
		return Math.abs(c.x + c.width / 2 - r.x - r.width / 2) < 1.5 && Math.abs(c.y + c.height / 2 - r.y) < 1.5 })()`)
	b.Set("#arcs", "1.0", "change")
	b.Until("another head can be chosen", `document.querySelector("#arcs").selectedOptions[0].textContent === "layer 2, head 1" && document.querySelectorAll("#story-0-arcs path").length === 2`)
	b.Focus(".alternative")
	b.Keys(kb.Enter)
	b.Until("the alternative stands there and the text is written on", fmt.Sprintf(`document.querySelector('#story-0 [data-i="3"]').textContent === "other " && document.querySelectorAll("#story-0 .tk").length === %d && document.querySelector("#story-0-terms").textContent.includes("chosen by the reader: token 4")`, last+1))
	b.Until("no arcs are left", `document.querySelectorAll("#story-0-arcs path").length === 0`)
	b.Until("the keyboard is with the text", `document.activeElement.id === "story-0"`)
	b.Click("#undo")
	b.Until("undo brings the old text back", `document.querySelector('#story-0 [data-i="3"]').textContent.startsWith("clex:w3")`)
	b.Click(`#story-0 [data-i="10"]`)
	b.Click("#cut")
	b.Until("the rest is cut again", `document.querySelectorAll("#story-0 .tk").length === 11`)
	b.Run(`document.querySelector("#compare").dispatchEvent(new KeyboardEvent("keydown", {key: "z", ctrlKey: true, bubbles: true}))`)
	b.Until("and is back", fmt.Sprintf(`document.querySelectorAll("#story-0 .tk").length === %d`, last+1))
	b.Click("#redo")
	b.Until("redo cuts again", `document.querySelectorAll("#story-0 .tk").length === 11`)
	b.Click("#continue")
	b.Until("it writes on", fmt.Sprintf(`document.querySelectorAll("#story-0 .tk").length === %d`, last+1))
	b.Set("#windows", "16", "change")
	b.Click("#generate")
	b.Until("it is writing", `document.querySelector("#stop") !== null && document.querySelectorAll("#story-0 .tk").length > 5`)
	b.Click("#stop")
	b.Until("it stopped", `document.querySelector("#generate") !== null`)
	var n, later int
	b.Eval(`document.querySelectorAll("#story-0 .tk").length`, &n)
	b.Do(chromedp.Sleep(200 * time.Millisecond))
	b.Eval(`document.querySelectorAll("#story-0 .tk").length`, &later)
	if n != later || n >= 16*rule.Rotary.Window {
		t.Errorf("%d tokens at the stop, %d later", n, later)
	}
	b.Clean()
}

func TestTwoMethodsSideBySide(t *testing.T) {
	b := open(t, "?windows=1&vs=", 1440, 900)
	finished(t, b)
	b.Click("#compare")
	b.Until("the second text is finished", fmt.Sprintf(`document.querySelectorAll("#story-1 .tk").length === %d`, rule.Rotary.Window))
	b.Until("the link knows", `!location.search.includes("vs=")`)
	b.Set("#method-1", "pi", "change")
	b.Until("PI writes in its place", `document.querySelector("#story-1").dataset.by === "PI"`)
	b.Until("the link knows that", `location.search.includes("vs=pi")`)
	b.Run(`(() => { const menu = document.querySelector("#method-1"); menu.selectedIndex = 0; menu.dispatchEvent(new Event("change", {bubbles: true})) })()`)
	b.Until("the menu's first choice closes the side", `document.querySelector("#story-1") === null`)
	b.Clean()
}

func TestReloadRestores(t *testing.T) {
	b := open(t, "?windows=1", 1440, 900)
	finished(t, b)
	b.Click("#scene-loss")
	b.Click("#chip-pi")
	b.Set("#prompt", "A whale & a “fox”", "input")
	b.Focus("#t")
	b.Keys(kb.PageUp, kb.PageUp, kb.ArrowRight)
	b.Click("#theme")
	b.Until("the link holds it all", `["scene=loss", "t=3.1", "prompt=A+whale", "theme=dark", "show=clex%2Crope%2Cntk%2Cyarn"].every(s => location.search.includes(s))`)
	b.Reload()
	b.Until("t is back", `document.querySelector("#t-out").textContent === "3.10"`)
	b.Until("the rest is back", `document.querySelector("#scene-loss").getAttribute("aria-selected") === "true" &&
		document.querySelector("#chip-pi").getAttribute("aria-pressed") === "false" &&
		document.querySelector("#prompt").value === "A whale & a “fox”" &&
		document.documentElement.dataset.theme === "dark"`)
	b.Until("the text begins with the prompt", `document.querySelector("#story-0 .tk").textContent.startsWith("A whale")`)
	b.Clean()
}

func TestLinkHidesControls(t *testing.T) {
	b := open(t, "?hide=methods,prompt,share,theme,solver,table,recall,guide,model,save", 1440, 900)
	for _, id := range []string{"chip-clex", "prompt", "share", "theme", "solver", "table", "side-recall", "model", "save-png"} {
		var there bool
		b.Eval(`document.getElementById("`+id+`") !== null`, &there)
		if there {
			t.Errorf("#%s is there although the link hides it", id)
		}
	}
	b.Until("the slider stays", `document.querySelector("#t") !== null && document.querySelector("#story-0") !== null`)
	b.Clean()
}

func TestShareLeavesPartsOut(t *testing.T) {
	b := open(t, "?seed=12", 1440, 900)
	b.Click("#share")
	b.Until("the dialog has the keyboard", `document.activeElement?.id === "share-panel" && document.getElementById(document.activeElement.getAttribute("aria-labelledby")).textContent !== ""`)
	b.Keys(kb.Escape)
	b.Until("its button has it again", `document.querySelector("#share-panel") === null && document.activeElement.id === "share"`)
	b.Click("#share")
	b.Click("#hide-sampling")
	b.Until("the link leaves sampling out", `document.querySelector("#share-link").value.includes("hide=sampling")`)
	var link string
	b.Eval(`document.querySelector("#share-link").value`, &link)
	u, err := url.Parse(link)
	if err != nil || u.Query().Get("seed") != "12" {
		t.Errorf("link %q, %v", link, err)
	}
	b.Clean()
}

func TestProbeFillsAndCancels(t *testing.T) {
	b := open(t, "?windows=1", 1440, 900)
	finished(t, b)
	b.Click("#scene-recall")
	b.Until("the probe's panel comes with its picture", `document.querySelector("#probe") !== null`)
	b.Click("#probe")
	b.Until("cells fill in", `document.querySelectorAll(".grid td.c2").length >= 2`)
	b.Click("#probe-stop")
	b.Until("it is cancelled", `document.querySelector("#probe") !== null`)
	var n int
	b.Eval(`document.querySelectorAll(".grid td.c0, .grid td.c2").length`, &n)
	if n == 0 || n >= 30 {
		t.Errorf("%d cells answered, want some but not all", n)
	}
	b.Click(".grid td.c2 button")
	b.Until("the question is shown, and every method's answer", `document.querySelector("#probe-story mark") !== null && document.querySelectorAll("#probe-answer li strong").length === 2`)
	b.Until("the grid stays", fmt.Sprintf(`document.querySelectorAll(".grid td.c0, .grid td.c2").length === %d`, n))
	b.Clean()
}

// A grid that is filled anew can be had back, and the new one after that.
func TestProbeUndo(t *testing.T) {
	b := open(t, "?windows=1", 1440, 900)
	finished(t, b)
	b.Click("#scene-recall")
	b.Until("the probe's panel comes", `document.querySelector("#depths") !== null`)
	const answered, inGrid = `document.querySelectorAll(".grid td button").length`, `document.querySelectorAll(".grid td").length`
	fill := func(depths string, cells int) {
		b.Set("#depths", depths, "change")
		b.Until("the grid has "+depths+" depths", fmt.Sprintf("%s === %d", inGrid, cells))
		b.Click("#probe")
	}
	fill("1", 6)
	b.Until("it is full", answered+` === 6 && document.querySelector("#probe") !== null`)
	b.Until("there is nothing before it", `document.querySelector("#probe-undo") === null`)
	fill("3", 18)
	b.Until("it fills anew", answered+` >= 1 && `+answered+` < 6 && document.querySelector("#probe-stop") !== null`)
	b.Click("#probe-undo")
	b.Until("the first grid is back and the filling ends", answered+` === 6 && document.querySelector("#probe-stop") === null && document.querySelector("#probe-undo").textContent === "Redo"`)
	b.Click("#probe-undo")
	b.Until("the other one is back, as far as it came", `(n => n >= 1 && n < 18)(`+answered+`) && document.querySelector("#probe-undo").textContent === "Undo"`)
	b.Clean()
}

func TestFailureSaysWhatToDo(t *testing.T) {
	b := open(t, "?models=missing&scene=trajectories", 1440, 900)
	b.Until("the message stands", `document.querySelector(".notice.failure[data-key=model]")?.textContent.includes("could not be loaded")`)
	b.Until("it offers help", `[...document.querySelectorAll(".notice button")].some(x => x.textContent === "Try again")`)
	b.Until("the curves stand", `document.querySelectorAll(".fallback path.ln").length > 0`)
	b.Click("#table")
	b.Until("the table works without a model", `document.querySelectorAll("#data-table tbody tr").length > 0`)
}

func TestLessonTicksItselfOff(t *testing.T) {
	b := open(t, "?windows=1", 1440, 900)
	b.Click("#side-guide")
	b.Click("#lesson-length")
	b.Until("the step sets the page up", `document.querySelector("#scene-trajectories").getAttribute("aria-selected") === "true"`)
	b.Click("#lesson-next")
	b.Until("it asks", `document.querySelector("#lesson-do")?.className === "do"`)
	b.Focus("#t")
	b.Keys(kb.End)
	b.Until("it is ticked off", `document.querySelector("#lesson-do")?.className === "do did"`)
	b.Clean()
}

// atItsEnd is the condition that the last word of the first text is in sight, far from its first.
const atItsEnd = `(() => { const s = document.querySelector("#story-0"), last = s && [...s.querySelectorAll(".tk")].pop();
	if (!last) return false;
	const at = s.getBoundingClientRect(), r = last.getBoundingClientRect();
	return s.scrollHeight > 2 * s.clientHeight && r.top >= at.top && r.bottom <= Math.min(at.bottom, innerHeight) })()`

// Back returns to the picture and to the tab before, and the texts stay.
func TestBackGoesBack(t *testing.T) {
	b := open(t, "?windows=2", 1440, 900)
	finished(t, b)
	for _, scene := range []string{"loss", "spectrum"} {
		b.Click("#scene-" + scene)
		b.Until("the address says "+scene, `location.search.includes("scene=`+scene+`")`)
	}
	for _, scene := range []string{"loss", "overview"} {
		b.Run(`history.back()`)
		b.Until(scene+" is back", `document.querySelector("#scene-`+scene+`").getAttribute("aria-selected") === "true"`)
	}
	b.Run(`history.forward()`)
	b.Until("forward goes forward", `document.querySelector("#scene-loss").getAttribute("aria-selected") === "true"`)
	// What was changed just before a step is written, but not while another step may follow.
	b.Run(`window.written = [];
		for (const f of ["replaceState", "pushState"]) { const write = history[f]; history[f] = function (...a) { written.push(performance.now()); return write.apply(this, a) } }
		const s = document.querySelector("#windows"); s.value = "1"; s.dispatchEvent(new Event("change", {bubbles: true}));
		window.went = performance.now(); history.back()`)
	b.Until("the change is written", `location.search.includes("windows=1")`)
	b.Until("it waited a second", `written[0] > went + 1000`)
	b.Set("#windows", "2", "change")
	b.Run(`history.forward()`)
	b.Until("forward goes forward again", `document.querySelector("#scene-loss").getAttribute("aria-selected") === "true"`)
	for _, tab := range []string{"recall", "train"} {
		b.Click("#side-" + tab)
		b.Until("the address says "+tab, `location.search.includes("tab=`+tab+`")`)
	}
	for _, tab := range []string{"recall", "text"} {
		b.Run(`history.back()`)
		b.Until(tab+" is back", `document.querySelector("#side-`+tab+`").getAttribute("aria-selected") === "true"`)
	}
	b.Until("the picture is the same", `document.querySelector("#scene-loss").getAttribute("aria-selected") === "true"`)
	b.Until("the texts stay", fmt.Sprintf(`document.querySelectorAll("#story-0 .tk").length === %d && document.querySelector("#stop") === null`, 2*rule.Rotary.Window))
	b.Clean()
}

func TestNothingJumps(t *testing.T) {
	b := open(t, "?windows=4", 1440, 900)
	finished(t, b)
	var shift float64
	b.Eval(`new Promise(done => { let sum = 0; new PerformanceObserver(l => { for (const e of l.getEntries()) if (!e.hadRecentInput) sum += e.value })
		.observe({type: "layout-shift", buffered: true}); setTimeout(() => done(sum), 300) })`, &shift)
	if shift > 0.1 {
		t.Errorf("cumulative layout shift %.3f, want at most 0.1", shift)
	}
}

// What a field cannot take is said, and the field shows what stands.
func TestFieldsSayWhatTheyWant(t *testing.T) {
	b := open(t, "?windows=1", 1440, 900)
	b.Click("#sampling")
	b.Until("the panel is open", `document.querySelector("#seed") !== null`)
	b.Set("#seed", "3,5", "change")
	b.Until("the seed is refused", `document.querySelector(".notices").textContent.includes("Seed wants a whole number.") && document.querySelector("#seed").value === "7"`)
	b.Set("#topp", "0,5", "change")
	b.Until("the next is taken", `location.search.includes("topp=0.5") && !document.querySelector(".notices").textContent.includes("Seed wants")`)
	b.Set("#t-box", "", "change")
	b.Until("t stays", `document.querySelector(".notices").textContent.includes("t wants a number.") && document.querySelector("#t-box").value !== ""`)
	b.Clean()
}

// Escape takes back what was typed into a field; it does not take it.
func TestEscapeTakesNothingTyped(t *testing.T) {
	b := open(t, "?windows=1", 1440, 900)
	for _, row := range []struct{ field, typed, stays string }{{"#temperature", "1", "0.8"}, {"#seed", "9", "7"}, {"#t-box", "2", "1"}} {
		if row.field != "#t-box" {
			b.Click("#sampling")
		}
		b.Until("the field is there", `document.querySelector("`+row.field+`")?.value === "`+row.stays+`"`)
		b.Run(`const e = document.querySelector("` + row.field + `"); e.focus(); e.select()`)
		b.Keys(row.typed, kb.Escape)
		if row.field != "#t-box" {
			b.Until("the panel is closed", `document.querySelector("#sampling-body") === null`)
			b.Click("#sampling")
		} else {
			b.Keys(kb.Tab)
		}
		b.Until(row.field+" says what stands", `document.querySelector("`+row.field+`")?.value === "`+row.stays+`"`)
		if row.field != "#t-box" {
			b.Click("#sampling")
		}
	}
	b.Clean()
}
