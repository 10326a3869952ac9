//go:build !js

package main

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"time"
)

// draws waits until the picture is no plain ground and another one than before, as the window shows it, and returns it.
func (o *other) draws(name string, before *image.NRGBA) *image.NRGBA {
	o.t.Helper()
	var box struct{ X, Y, W, H, Wide float64 }
	if err := o.Eval(`(() => { const r = document.querySelector("iframe#view").getBoundingClientRect(); return {X: r.x, Y: r.y, W: r.width, H: r.height, Wide: innerWidth} })()`, &box); err != nil {
		o.t.Fatal(err)
	}
	var inked, changed float64
	for end := time.Now().Add(time.Minute); ; time.Sleep(300 * time.Millisecond) {
		data, err := o.Screenshot()
		if err != nil {
			o.t.Fatal(err)
		}
		whole, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			o.t.Fatal(err)
		}
		scale := float64(whole.Bounds().Dx()) / box.Wide
		now := image.NewNRGBA(image.Rect(0, 0, int(box.W*scale), int(box.H*scale)))
		draw.Draw(now, now.Bounds(), whole, image.Pt(int(box.X*scale), int(box.Y*scale)), draw.Src)
		if inked, changed = ink(now), difference(now, before); inked > leastInk && changed > leastInk {
			o.picture(name)
			return now
		}
		if time.Now().After(end) {
			o.picture("failed")
			o.t.Fatalf("the %s picture: %.2f %% of it is no ground, %.2f %% another than in the picture before, want %.2f %%", name, 100*inked, 100*changed, 100*leastInk)
		}
	}
}

// leastInk is which part of a picture is lines and words at least, and other ones than in another picture.
const leastInk = 0.01

// ink is the part of a picture that has not its commonest colour.
func ink(p *image.NRGBA) float64 {
	count, most := map[color.NRGBA]int{}, 0
	for i := 0; i < len(p.Pix); i += 4 {
		c := color.NRGBA{p.Pix[i], p.Pix[i+1], p.Pix[i+2], p.Pix[i+3]}
		count[c]++
		most = max(most, count[c])
	}
	return 1 - 4*float64(most)/float64(len(p.Pix))
}

// difference is the part of a picture that is not as in another one, all of it where there is none of its size.
func difference(p, q *image.NRGBA) float64 {
	if q == nil || p.Rect != q.Rect {
		return 1
	}
	n := 0
	for i := 0; i < len(p.Pix); i += 4 {
		if [4]byte(p.Pix[i:]) != [4]byte(q.Pix[i:]) {
			n++
		}
	}
	return 4 * float64(n) / float64(len(p.Pix))
}
