//go:build !js

package main

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestPictureFollowsType has the type size of the browser's settings doubled and set back while the picture lives: its title, found as
// the first ink in a shot of the frame, grows with it and has its height again.
func TestPictureFollowsType(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1440, 900)
	b.Visit(s.shipped(t) + "/?windows=1&scene=loss")
	b.Until("the picture is alive", `document.querySelector("iframe#view").className === "live"`)
	set := func(size int64) {
		b.Do(page.SetFontSizes(&page.FontSizes{Standard: size, Fixed: size * 13 / 16}))
		b.Until(fmt.Sprintf("type is %d", size), fmt.Sprintf(`Math.abs(parseFloat(getComputedStyle(document.documentElement).fontSize) - %g) < 0.01`, float64(size)*0.875))
	}
	// title is from where to where the first rows go that have ink in the left part of the frame, in pixels of the frame.
	title := func() (height int) {
		var r struct{ X, Y, Width, Height float64 }
		b.Eval(`(r => ({X: r.x, Y: r.y, Width: Math.min(r.width, 300), Height: r.height}))(document.querySelector("iframe#view").getBoundingClientRect())`, &r)
		var shot []byte
		b.Do(chromedp.ActionFunc(func(ctx context.Context) (err error) {
			shot, err = page.CaptureScreenshot().WithClip(&page.Viewport{X: r.X, Y: r.Y, Width: r.Width, Height: r.Height, Scale: 1}).Do(ctx)
			return err
		}))
		picture, err := png.Decode(bytes.NewReader(shot))
		if err != nil {
			t.Fatal(err)
		}
		size := picture.Bounds()
		ground, _, _, _ := picture.At(size.Min.X+2, size.Min.Y+4).RGBA()
		for y := size.Min.Y + 4; y < size.Max.Y; y++ {
			ink := false
			for x := size.Min.X + 2; x < size.Max.X-2; x++ {
				if v, _, _, _ := picture.At(x, y).RGBA(); max(v, ground)-min(v, ground) > 0x6000 {
					ink = true
				}
			}
			if ink {
				height++
			} else if height > 0 {
				return height
			}
		}
		return height
	}
	until := func(what string, ok func(int) bool) (height int) {
		t.Helper()
		for end := time.Now().Add(b.Patience); ; time.Sleep(100 * time.Millisecond) {
			if height = title(); ok(height) {
				return height
			}
			if time.Now().After(end) {
				t.Fatalf("%s: the title is %d pixels high", what, height)
			}
		}
	}
	set(16)
	usual := until("usual type", func(h int) bool { return h >= 8 && h <= 16 })
	set(32)
	until(fmt.Sprintf("type of 32, with 16 it was %d", usual), func(h int) bool { return h >= 2*usual-3 && h <= 2*usual+3 })
	set(16)
	until(fmt.Sprintf("type set back, it was %d", usual), func(h int) bool { return h == usual })
	b.Clean()
}
