//go:build !js

package page_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"clexlab/web/browsertest"
	"clexlab/web/page/testdata/stand/rule"
)

// inSight is the condition that an element can be seen, at least so wide and high.
func inSight(selector string, width, height int) string {
	return fmt.Sprintf(`(() => { const r = document.querySelector(%q)?.getBoundingClientRect();
		return r && r.width >= %d && Math.min(r.bottom, innerHeight) - Math.max(r.top, 0) >= %d && r.left >= 0 && r.right <= innerWidth + 1 })()`, selector, width, height)
}

// curveInSight is the condition that a method's curve is drawn on the stage, from one side to the other and in a colour.
func curveInSight(method string) string {
	return fmt.Sprintf(`(() => { const path = document.querySelector(".fallback path.ln.m-%s"); if (!path) return false;
		const r = path.getBoundingClientRect(), of = document.querySelector("#stage").getBoundingClientRect(), look = getComputedStyle(path);
		return r.width > 0.9 * of.width && r.left >= of.left && r.right <= of.right && r.top >= of.top && r.bottom <= Math.min(of.bottom, innerHeight) &&
			look.stroke !== "none" && look.visibility === "visible" && parseFloat(look.strokeWidth) >= 1 && path.checkVisibility({opacityProperty: true}) })()`, method)
}

// rulerIsLegible is the condition that the words of the slider's ruler that are seen lie apart and on the screen.
const rulerIsLegible = `(() => {
	const seen = [...document.querySelectorAll(".ticks span, .ticks small")].filter(e => e.checkVisibility({visibilityProperty: true})).map(e => e.getBoundingClientRect());
	return seen.length >= 4 && seen.every((a, i) => a.left >= 0 && a.right <= innerWidth && seen.every((b, k) => k <= i || a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top)) })()`

// The slider's track is filled up to t, where the ruler's mark of t and the thumb are.
func TestSliderTrack(t *testing.T) {
	b := open(t, "?windows=1", 1440, 900)
	for at, share := range map[string]float64{"10": 0.6, "1": 0, "16": 1, "4": 0.2} {
		b.Set("#t-box", at, "change")
		b.Until("t is "+at, fmt.Sprintf(`document.querySelector("#t-out").textContent === %q`, at+".00"))
		b.Until("the track is filled up to "+at, fmt.Sprintf(`(() => {
			const track = document.querySelector(".track").getBoundingClientRect(), fill = document.querySelector(".fill").getBoundingClientRect();
			const mark = document.querySelector(".ticks li.now")?.getBoundingClientRect(), thumb = document.querySelector("#t"), end = track.left + %g * track.width;
			return mark && Math.abs(fill.right - end) < 1 && Math.abs((mark.left + mark.right) / 2 - end) < 1 && Math.abs((thumb.value - thumb.min) / (thumb.max - thumb.min) - %[1]g) < 0.001 })()`, share))
	}
	b.Clean()
}

// The first screen holds the sentence, the picture with both curves, both texts and the slider, at
// every size; a text has at least a third of the height and nothing is wider than the screen.
func TestFirstLook(t *testing.T) {
	for _, size := range [][2]int64{{1440, 900}, {1024, 768}, {390, 844}, {844, 390}, {720, 450}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			b := open(t, "?windows=4", size[0], size[1])
			b.Until("both texts are written", fmt.Sprintf(`[0, 1].every(i => document.querySelectorAll("#story-" + i + " .tk").length === %d)`, 4*rule.Rotary.Window))
			b.Until("the sentence says what was measured", `/loss of Plain RoPE rises from 3.0 to 6.0 nats .*CLEX at t = 4 stays level/.test(document.querySelector("#lead").textContent)`)
			third := int(size[1]) / 3
			for selector, least := range map[string][2]int{"#lead": {150, 16}, "#stage": {150, 110}, "#t": {100, 20}, "#story-0": {120, third}, "#story-1": {120, third}} {
				b.Until(selector+" is in sight", inSight(selector, least[0], least[1]))
			}
			for _, m := range []string{"clex", "rope"} {
				b.Until("the curve of "+m+" is drawn over the picture", curveInSight(m))
			}
			b.Until("no two words of the ruler cover each other", rulerIsLegible)
			var stage string
			b.Eval(`(r => r.width + " × " + r.height)(document.querySelector("#stage").getBoundingClientRect())`, &stage)
			t.Logf("the picture is %s", stage)
			var wide, tall int64
			b.Eval(`document.documentElement.scrollWidth`, &wide)
			b.Eval(`document.documentElement.scrollHeight`, &tall)
			if wide > size[0] || tall > size[1] {
				t.Errorf("the page is %d × %d on a screen of %d × %d", wide, tall, size[0], size[1])
			}
			for i, by := range []string{"CLEX", "Plain RoPE"} {
				b.Until("each text says whose it is", fmt.Sprintf(`document.querySelector("#story-%d").dataset.by === %q`, i, by))
			}
			b.Until("how long a text is is not cut", `[0, 1].every(i => { const e = document.querySelector("#story-" + i + "-stat"); return e.clientWidth === 0 || e.scrollWidth <= e.clientWidth })`)
			b.Clean()
		})
	}
}

// honest finds what is labelled with another author than its own: the stand's words say which
// method wrote them.
const honest = `[0, 1].flatMap(i => {
	const s = document.querySelector("#story-" + i);
	if (!s) return [];
	const by = s.dataset.by, aria = s.getAttribute("aria-label"), bad = [];
	const words = [...s.querySelectorAll(".tk:not(.p)")].map(e => (e.textContent.match(/^[a-z0-9]+:/) || [""])[0].slice(0, -1)).filter(Boolean);
	const label = name => ({clex: "CLEX", rope: "Plain RoPE", pi: "PI", ntk: "NTK-aware", yarn: "YaRN", dynamic: "Dynamic NTK", parts: "NTK-by-parts", llama3: "Llama 3", string: "STRING"})[name] ?? name;
	for (const w of new Set(words)) if (!by.includes(label(w)) || !aria.includes(label(w))) bad.push("text " + i + " holds words of " + w + " and is signed " + by + " / " + aria);
	const last = words[words.length - 1], menu = document.querySelector("#method-" + i)?.value;
	if (last && menu !== undefined && menu !== last) bad.push("text " + i + " ends in words of " + last + ", the menu says " + menu);
	return bad;
})`

// agrees finds what is said of a text or of figures that is not as the stand's engine was told: its words tell their method, seed and t,
// its losses by their hundredths which text they are of, and window.measured of which kind that text is and at which t it was read. It
// looks at the line above each text, at its words for screen readers, at the sentence above the picture, at the picture in words, and
// at what is printed: its caption, its table and how each text was written.
const agrees = `(() => {
	const names = {clex: "CLEX", rope: "Plain RoPE", pi: "PI", ntk: "NTK-aware", yarn: "YaRN", dynamic: "Dynamic NTK", parts: "NTK-by-parts", llama3: "Llama 3", string: "STRING"};
	const methods = Object.fromEntries(Object.entries(names).map(([k, v]) => [v, k])), own = {rope: "base", yarn: "yarn-long"}, weights = m => own[m] ?? m, anyT = ["rope", "dynamic", "string"];
	const near = (a, b) => Math.abs(a - b) < 0.006, bad = [];
	window.dispatchEvent(new Event("beforeprint"));
	const paper = document.querySelector("#paper"), lines = [...paper.querySelectorAll("p.muted")].map(e => e.textContent);
	[0, 1].forEach(i => {
		const story = document.querySelector("#story-" + i);
		if (!story || story.querySelector(".tk:not(.p)") === null) return;
		const tokens = [...story.querySelectorAll(".tk:not(.p)")];
		const words = tokens.map(e => e.textContent.match(/^([a-z0-9]+):w\d+s(\d+)~([\d.]+)/)).filter(Boolean).map(m => ({method: m[1], seed: m[2], t: +m[3]}));
		const chosen = tokens.filter(e => e.textContent === "other ").map(e => +e.dataset.i + 1);
		const said = {line: document.querySelector("#story-" + i + "-terms").textContent, aria: story.getAttribute("aria-label")};
		const written = lines.find(l => l.startsWith("Text " + (i + 1) + ": "));
		if (written) {
			said.paper = written;
			for (const seed of new Set(words.map(w => w.seed))) if (!new RegExp("seed .*\\b" + seed + "\\b").test(written)) bad.push("text " + i + " has words of seed " + seed + " and is printed as " + written);
		}
		for (const [where, words_] of Object.entries(said)) {
			const wrong = what => bad.push("text " + i + ", " + where + ": " + what + ": " + words_);
			const claims = [...words_.matchAll(/([\w-]+) weights(?: from token (\d+))?/g)].map(m => ({of: m[1], from: +(m[2] ?? 1)}));
			const used = new Set(words.map(w => weights(w.method)));
			if (claims.length === 0 && words.some(w => weights(w.method) !== w.method)) wrong("weights " + [...used] + " are not named");
			if (claims.length === 1 && words.some(w => weights(w.method) !== claims[0].of)) wrong("it was written on " + [...used]);
			if (claims.length > 1) for (const u of used) if (!claims.some(c => c.of === u)) wrong("weights " + u + " are not named");
			const low = Math.min(...words.map(w => w.t)), high = Math.max(...words.map(w => w.t)), range = words_.match(/t = ([\d.]+\d|\d)(?: … ([\d.]+\d|\d))?/);
			if (words.length === 0) continue;
			if (/at any t/.test(words_) ? !words.every(w => anyT.includes(w.method)) : !range || !near(+range[1], low) || !near(+(range[2] ?? range[1]), high)) wrong("t was " + low + " … " + high);
			if (chosen.length ? !words_.includes("chosen by the reader: ") || chosen.length <= 3 && !chosen.every(c => new RegExp("chosen by the reader:.*\\b" + c + "\\b").test(words_)) : words_.includes("chosen by")) wrong("chosen were " + chosen);
		}
	});
	const head = [...paper.querySelectorAll("table.data thead th")].map(e => e.textContent), first = [...paper.querySelectorAll("table.data tbody tr:first-child td")].map(e => e.textContent);
	if (head[0] !== "Tokens") return bad;
	const columns = head.slice(1).map((h, k) => ({method: methods[h.split(", ")[0]], words: h, mean: parseFloat(first[k + 1])})).filter(c => !isNaN(c.mean));
	if (columns.length === 0) return bad;
	const mark = (columns[0].mean - 3).toFixed(2), facts = m => window.measured[mark + " " + m];
	const caption = paper.querySelector("table.data caption").textContent, summary = document.querySelector("#stage figcaption").textContent, lead = document.querySelector("#lead").textContent;
	for (const c of columns) {
		if (!near(c.mean - 3, +mark)) bad.push("the plot holds two texts: " + columns.map(c => c.words + " " + c.mean));
		else if (!facts(c.method)) bad.push("a loss of " + c.words + " that was never measured: " + c.mean);
		if (!c.words.includes(weights(c.method) + " weights")) bad.push("the weights of " + c.words);
	}
	if (bad.length) return bad;
	const kind = facts(columns[0].method).kind, of = kind === "" ? "The Railway Children" : "the text by " + document.querySelector("#story-" + (kind === "text" ? 0 : 1))?.dataset.by;
	if (document.querySelector("#story-0") && !caption.endsWith(" in " + of + ".")) bad.push("measured was " + of + ", the table says " + caption);
	if (document.querySelector("#story-0") && !summary.includes("Measured on " + of + ". ")) bad.push("measured was " + of + ", in words: " + summary);
	for (const [, name, mean] of summary.matchAll(/(?:^|\. |\) ?)([A-Z][\w -]*?)(?: at t = [\d.]*\d)?: mean loss ([\d.]+) nats/g)) if (!near(+mean - 3, +mark)) bad.push(name + " is at " + mean + " in words, marked " + mark);
	for (const [, name, t] of [lead, summary, head.join(". "), lines[2]].flatMap(l => [...l.matchAll(/(CLEX|PI|NTK-aware|YaRN|NTK-by-parts|Llama 3)(?:(?: on|,) [\w-]+ weights(?: read)?)? at t = ([\d.]*\d)/g)])) {
		const f = facts(methods[name]);
		if (f && !near(f.t, +t)) bad.push(name + " was read at t = " + f.t + ", said is " + t);
	}
	for (const [, name, w] of lines[2].matchAll(/([A-Z][\w -]*?) on ([\w-]+) weights/g)) if (methods[name] && weights(methods[name]) !== w) bad.push(name + " is said to be on " + w + " weights");
	const now = +document.querySelector("#t-out").textContent;
	for (const c of columns) if (lines[2].includes(names[c.method] + " on ") && !anyT.includes(c.method) && !new RegExp(names[c.method] + " on [\\w-]+ weights read at").test(lines[2]) && !near(facts(c.method).t, now)) bad.push(c.words + " was read at t = " + facts(c.method).t + ", which the caption does not say: " + lines);
	return bad;
})()`

// TestRandomWalk clicks and chooses at random among the page's controls and looks after every
// step whether a label names another author than the text's, other weights or another t, and whether
// all losses in a plot are of the text that it names. The seed is fixed; the walk ends after its
// steps or its time.
func TestRandomWalk(t *testing.T) {
	b := open(t, "?windows=2&models=tuned", 1440, 900)
	finished(t, b)
	random := rand.New(rand.NewPCG(7, 15))
	const steps, budget = 200, 45 * time.Second
	var trail []string
	begun := time.Now()
	for k := 0; k < steps && time.Since(begun) < budget; k++ {
		var did string
		b.Eval(fmt.Sprintf(`(() => {
			const r = %d, all = [...document.querySelectorAll("button:not(:disabled), select:not(:disabled), .tk")].filter(e => e.offsetParent && !["install", "copy", "save-png", "save-csv", "save-csv-attention", "theme", "model"].includes(e.id));
			const tokens = all.filter(e => e.classList.contains("tk")), controls = all.filter(e => !e.classList.contains("tk"));
			const e = tokens.length && r %% 9 === 0 ? tokens[(r >> 4) %% tokens.length] : controls[(r >> 4) %% controls.length];
			if (e.tagName === "SELECT") {
				e.selectedIndex = (r >> 12) %% e.options.length;
				e.dispatchEvent(new Event("change", {bubbles: true}));
				return e.id + " = " + e.value;
			}
			e.click();
			return e.id || e.textContent.slice(0, 20);
		})()`, random.IntN(1<<30)), &did)
		trail = append(trail, did)
		var bad []string
		// What is wrong while the page draws itself anew, which takes a busy machine its time, is looked at again: what stays is a fault.
		// Two texts in a plot are one at once, since new losses come in place of the old.
		b.Eval(`new Promise(done => { let looks = 0; const look = () => { const bad = `+honest+`.concat(`+agrees+`); bad.length && looks++ < 50 && !bad.some(b => b.startsWith("the plot holds two")) ? setTimeout(look, 100) : done(bad) }; setTimeout(look, 20) })`, &bad)
		if len(bad) > 0 {
			t.Fatalf("after %q: %q", trail[max(0, len(trail)-8):], bad)
		}
	}
	t.Logf("%d steps in %v", len(trail), time.Since(begun).Round(time.Second))
	if len(trail) < 40 {
		t.Errorf("only %d steps in %v: the walk shows little", len(trail), budget)
	}
	b.Do(chromedp.Sleep(50 * time.Millisecond))
	b.Clean()
}

// dropped drops a file of a name on the page, as a browser tells of it, and returns whether the page took it in the browser's place.
func dropped(b *browsertest.Tab, name, text string) (taken bool) {
	b.Eval(fmt.Sprintf(`(() => {
		const data = new DataTransfer(), at = document.querySelector("#stage");
		data.items.add(new File([%q], %q, {type: "text/plain"}));
		at.dispatchEvent(new DragEvent("dragover", {dataTransfer: data, bubbles: true, cancelable: true}));
		return !at.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
	})()`, text, name), &taken)
	return taken
}

// allHaveRead is the condition that each of five methods has its figures in the table of a text that was brought.
const allHaveRead = `(t => t !== null && t.querySelectorAll("tbody tr").length === 5 && !t.textContent.includes("not read"))(document.querySelector("#read-table"))`

// A text file that is dropped on the page is read by every method drawn, whatever its ending's case; what is no text is not, and says so.
func TestDroppedText(t *testing.T) {
	b := open(t, "?windows=2", 1440, 900)
	finished(t, b)
	for _, name := range []string{"night.txt", "Notes.MD"} {
		if !dropped(b, name, "It was a dark and stormy night; the rain fell in torrents.\r\n") {
			t.Errorf("the browser opens %s in the page's place", name)
		}
		b.Until("every method has read "+name, allHaveRead+` && document.querySelector("#read-table caption").textContent.includes("“`+name+`”")`)
		b.Until("the menu says what is measured", `document.querySelector("#on").value === "read"`)
	}
	dropped(b, "night.png", "x")
	b.Until("a picture is no text", `document.querySelector(".notice[data-key=reading]")?.textContent.includes("“night.png” is neither a text")`)
	b.Until("the text before it stays", `document.querySelector("#read-table caption").textContent.includes("“Notes.MD”")`)
	dropped(b, "empty.txt", "  \n")
	b.Until("nothing to read", `document.querySelector(".notice[data-key=reading]")?.textContent.includes("There is nothing to read")`)
	b.Clean()
}

// A text of one's own is read by every method drawn, and is in no link.
func TestReadMyText(t *testing.T) {
	b := open(t, "?windows=2", 1440, 900)
	finished(t, b)
	b.Click("#read")
	b.Until("there is a place for it", `document.querySelector("#read-text") !== null`)
	b.Set("#read-text", "It was a dark and stormy night; the rain fell in torrents.", "input")
	b.Click("#read-go")
	b.Until("every method has read it", allHaveRead)
	b.Until("past the window plain RoPE loses three nats more", `[...document.querySelectorAll("#read-table tbody tr")].some(r => r.textContent.includes("CLEX") && r.textContent.includes("-3.00"))`)
	b.Until("the menu says what is measured", `document.querySelector("#on").value === "read"`)
	b.Click("#share")
	b.Until("the link has not the text, and says so", `document.querySelector("#share-link")?.value.includes("stormy") === false && document.querySelector("#share-words").textContent.includes("left out")`)
	b.Clean()
}
