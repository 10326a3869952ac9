//go:build !js

package page_test

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"clexlab/web/browsertest"
)

// axeVersion is the accessibility checker, fetched by npm and used in tests only.
const axeVersion = "axe-core@4.10.3"

// axe returns the checker's script; the test is skipped where npm has no way to it.
func axe(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "clexlab-test")
	archive := filepath.Join(dir, strings.ReplaceAll(axeVersion, "@", "-")+".tgz")
	if _, err := os.Stat(archive); err != nil {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Skip(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		npm := exec.CommandContext(ctx, "npm", "pack", axeVersion)
		npm.Dir = dir
		if out, err := npm.CombinedOutput(); err != nil {
			t.Skipf("no axe-core: %v %s", err, out)
		}
	}
	f, err := os.Open(archive)
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if err != nil {
			t.Fatalf("axe.min.js is not in %s: %v", archive, err)
		}
		if h.Name == "package/axe.min.js" {
			script, err := io.ReadAll(files)
			if err != nil {
				t.Fatal(err)
			}
			return string(script)
		}
	}
}

// check runs axe over the page as it stands and fails on serious violations.
func check(t *testing.T, b *browsertest.Tab, where string) {
	t.Helper()
	var found []struct {
		ID, Impact, Help string
		Nodes            []string
	}
	b.Eval(`axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"], iframes: false})
		.then(r => r.violations.map(v => ({ID: v.id, Impact: v.impact, Help: v.help,
			Nodes: v.nodes.slice(0, 4).map(n => n.target.join(" ") + ": " + (n.any[0]?.message ?? ""))})))`, &found)
	for _, v := range found {
		text := fmt.Sprintf("%s: %s (%s): %s\n\t%s", where, v.ID, v.Impact, v.Help, strings.Join(v.Nodes, "\n\t"))
		if v.Impact == "serious" || v.Impact == "critical" {
			t.Error(text)
		} else {
			t.Log(text)
		}
	}
}

func TestAccessibility(t *testing.T) {
	script := axe(t)
	type look struct {
		name, scheme string
		clicks       []string
	}
	for _, row := range []struct {
		query         string
		width, height int64
		looks         []look
	}{
		{"?windows=2&vs=rope", 1440, 900, []look{
			{"desktop", "light", []string{`#story-0 [data-i="5"]`, "#sampling", "#solver"}},
			{"train", "dark", []string{"#side-train"}},
			{"recall", "dark", []string{"#scene-recall", "#side-recall"}},
		}},
		{"?windows=2&scene=loss&vs=", 1440, 900, []look{{"losses", "dark", []string{"#table", "#share", "#chips-more"}}}},
		{"?windows=2", 1024, 768, []look{{"drawers", "dark", []string{`#story-1 [data-i="5"]`, "#read", "#sampling", "#models"}}}},
		{"?windows=1", 390, 844, []look{
			{"phone, light", "light", []string{"#phone-text"}},
			{"phone, dark", "dark", []string{`#story-0 [data-i="5"]`, "#sampling", "#share"}},
		}},
		{"?windows=1", 844, 390, []look{{"lying phone", "light", []string{"#scene-loss", "#chips-more", "#open-prompt"}}}},
		{"?windows=1&lesson=length&page=1", 1440, 900, []look{{"guide", "light", nil}}},
		{"?models=missing", 1440, 900, []look{{"failure", "dark", nil}}},
	} {
		t.Run(row.looks[0].name, func(t *testing.T) {
			b := open(t, row.query, row.width, row.height)
			if row.looks[0].clicks != nil {
				b.Until("the text is there", `document.querySelectorAll("#story-0 .tk").length > 10`)
				b.Until("and finished", `document.querySelector("#stop") === null`)
			}
			b.Do(chromedp.Evaluate(script, nil))
			for _, look := range row.looks {
				b.Do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
					{Name: "prefers-color-scheme", Value: look.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}))
				for _, c := range look.clicks {
					b.Click(c)
				}
				b.Do(chromedp.Sleep(300 * time.Millisecond))
				check(t, b, look.name)
			}
		})
	}
}
