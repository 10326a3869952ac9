//go:build !js

package main

import (
	"testing"
	"time"
)

func TestZZ(t *testing.T) {
	s, b := gpuTab(t)
	b.Visit(s.serve(t, "", "") + "?prompt=the+little+fox&windows=4&seed=5&scene=trajectories&backend=webgpu")
	for i := range 16 {
		if i == 9 {
			b.Click("#scene-attention")
			b.Click("#table")
		}
		time.Sleep(5 * time.Second)
		var title string
		b.Eval(`document.querySelector("#status")?.textContent + " | " + document.querySelector("#story-0-stat")?.textContent + " | " + document.querySelector("#data-table caption")?.textContent+ " | " + [...document.querySelectorAll(".notice")].map(x=>x.textContent).join()`, &title)
		t.Log(5*i+5, title)
	}
	b.Clean()
}
