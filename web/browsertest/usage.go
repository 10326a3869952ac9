//go:build !js

package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// Usage is what a page holds, after its garbage was collected. Bytes are of memory.
type Usage struct {
	// Renderer is what the largest renderer process of the browser has in memory, shared pages by their
	// share; Script the part of it that scripts hold.
	Renderer, Script int64
	Listeners, Nodes int64
}

// Usage measures what the page holds. The renderer's is 0 where there is no /proc.
func (b *Tab) Usage() (u Usage) {
	b.t.Helper()
	b.Do(performance.Enable(), heapprofiler.CollectGarbage(), chromedp.ActionFunc(func(ctx context.Context) error {
		all, err := performance.GetMetrics().Do(ctx)
		for _, m := range all {
			switch m.Name {
			case "JSHeapUsedSize":
				u.Script = int64(m.Value)
			case "JSEventListeners":
				u.Listeners = int64(m.Value)
			case "Nodes":
				u.Nodes = int64(m.Value)
			}
		}
		return err
	}))
	u.Renderer = largestRenderer(chromedp.FromContext(b.ctx).Browser.Process().Pid)
	return u
}

// largestRenderer is the proportional set size of the largest renderer below a browser's process.
func largestRenderer(browser int) (most int64) {
	processes, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range processes {
		dir := filepath.Dir(file)
		if words, err := os.ReadFile(file); err != nil || !strings.Contains(string(words), "--type=renderer") || !below(dir, browser) {
			continue
		}
		sums, err := os.ReadFile(dir + "/smaps_rollup")
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(sums)) {
			var kB int64
			if _, err := fmt.Sscanf(line, "Pss: %d kB", &kB); err == nil {
				most = max(most, kB<<10)
			}
		}
	}
	return most
}

// below reports whether a process descends from another.
func below(dir string, ancestor int) bool {
	for range 8 {
		stat, err := os.ReadFile(dir + "/stat")
		if err != nil {
			return false
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if len(fields) < 2 {
			return false
		}
		if fields[1] == strconv.Itoa(ancestor) {
			return true
		}
		dir = "/proc/" + fields[1]
	}
	return false
}
