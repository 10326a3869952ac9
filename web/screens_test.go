//go:build !js

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// screens is where the run leaves its pictures of the page for people to look at.
const screens = "../build/screens"

// TestScreens keeps a picture of every view at five sizes in both themes, with the model that ships, and checks that none
// of them is wider than the screen. It belongs to make screens: the first look's and the phone's widths have tests of their own.
func TestScreens(t *testing.T) {
	if os.Getenv("CLEXLAB_SCREENS") == "" {
		t.Skip("make screens takes the pictures")
	}
	s := builtSite(t)
	address := s.shipped(t)
	if err := os.MkdirAll(screens, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"desktop", 1440, 900}, {"tablet", 1024, 768}, {"phone", 390, 844}, {"lying", 844, 390}, {"zoomed", 720, 450}} {
		for _, theme := range []string{"light", "dark"} {
			t.Run(size.name+"-"+theme, func(t *testing.T) {
				t.Parallel()
				b := s.tab(t, size.width, size.height)
				b.Do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}))
				b.Visit(address + "/?windows=1")
				b.Until("a text is being written", `document.querySelectorAll("#story-0 .tk").length > 60`)
				b.Until("the picture is alive", `document.querySelector("iframe#view").className === "live"`)
				shot := func(part string) {
					var picture []byte
					b.Do(chromedp.Sleep(400*time.Millisecond), chromedp.CaptureScreenshot(&picture))
					name := filepath.Join(screens, fmt.Sprintf("%s-%s-%s.png", size.name, theme, part))
					if err := os.WriteFile(name, picture, 0o644); err != nil {
						t.Fatal(err)
					}
					var wide int64
					b.Eval(`document.documentElement.scrollWidth`, &wide)
					if wide > size.width {
						t.Errorf("%s is %d pixels wide on a screen of %d", part, wide, size.width)
					}
				}
				for _, scene := range []string{"overview", "trajectories", "spectrum", "attention", "loss", "recall"} {
					b.Run(`document.getElementById("scene-` + scene + `").click()`)
					if scene == "overview" {
						b.Until("the losses are measured", `document.querySelector("#lead").textContent.includes("nats")`)
					}
					shot(scene)
				}
				prefix := "side-"
				if size.name == "phone" {
					prefix = "phone-"
				}
				for _, part := range []string{"text", "recall", "guide"} {
					b.Run(`document.getElementById("` + prefix + part + `").click()`)
					shot("side-" + part)
				}
				b.Clean()
			})
		}
	}
}
