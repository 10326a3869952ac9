//go:build !js

package main

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"clexlab/assets"
	"clexlab/assets/static"
)

// A reading that is stopped leaves whole rows: of methods that had read the whole text, as the table gives them when nobody stops it, and
// of the others the word that they did not. It stays as it is, and the next text is read to its end.
func TestStoppedReading(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1440, 900)
	b.Visit(s.shipped(t) + "/?windows=1")
	b.Until("the first text is written", `document.querySelector("#live").textContent.startsWith("Writing finished")`)
	book, err := fs.ReadFile(static.FS, strings.TrimPrefix(assets.Book.Address, "/web/"))
	if err != nil {
		t.Fatal(err)
	}
	read := func(text []byte) {
		b.Eval(fmt.Sprintf(`(async () => {
			const data = new DataTransfer();
			data.items.add(new File([%q], "book.txt"));
			document.querySelector("#stage").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
		})()`, text), nil)
	}
	const rows, stop = `[...document.querySelectorAll("#read-table tbody tr")]`, `document.querySelector("#read-stop")`
	const have = rows + `.filter(r => !r.textContent.includes("not read")).length`
	read(book[:40000])
	b.Until("some have read it and one is reading", `(n => n >= 1 && n < 5)(`+have+`) && `+stop+` !== null`)
	b.Run(stop + `.click()`)
	b.Until("it has ended", stop+` === null && `+rows+`.some(r => r.textContent.includes("was stopped"))`)
	var ended, later []string
	b.Eval(rows+`.map(r => r.textContent)`, &ended)
	var columns, unread int
	b.Eval(`document.querySelectorAll("#read-table thead th").length`, &columns)
	for _, words := range ended {
		if strings.Contains(words, "not read: the reading was stopped") {
			unread++
		} else if strings.Contains(words, "–") || strings.Contains(words, "NaN") {
			t.Errorf("half a row: %q", words)
		}
	}
	if unread == 0 || unread == 5 {
		t.Errorf("%d of 5 methods were not read: %q", unread, ended)
	}
	var cells bool
	if b.Eval(fmt.Sprintf(rows+`.every(r => [...r.cells].reduce((n, c) => n + c.colSpan, 0) === %d)`, columns), &cells); !cells {
		t.Errorf("a row has not a cell for each of %d columns", columns)
	}
	b.Eval(`new Promise(done => setTimeout(done, 1500)).then(() => `+rows+`.map(r => r.textContent))`, &later)
	if fmt.Sprint(later) != fmt.Sprint(ended) {
		t.Errorf("it went on after it was stopped: %q, before %q", later, ended)
	}
	var reading bool
	if b.Eval(stop+` !== null`, &reading); reading {
		t.Error("it reads on after it was stopped")
	}
	read(book[:3000])
	b.Until("the next text is read by all", have+` === 5 && `+stop+` === null`)
	b.Clean()
}
