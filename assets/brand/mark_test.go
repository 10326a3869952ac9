package brand

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"clexlab/assets"
	"clexlab/assets/static"
)

// What is committed must be what the generator draws today.
func TestCommittedFilesAreGenerated(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"icons/icon.svg": SVG(),
	} {
		got, err := static.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is stale: run go generate ./assets", name)
		}
	}
	for name, want := range map[string]*image.RGBA{
		"icons/icon-192.png":     PNG(192, false),
		"icons/icon-512.png":     PNG(512, false),
		"icons/maskable-512.png": PNG(512, true),
	} {
		data, err := static.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if img.Bounds() != want.Bounds() {
			t.Errorf("%s: bounds %v, want %v", name, img.Bounds(), want.Bounds())
			continue
		}
		for _, p := range []image.Point{{96, 96}, {20, 100}, {123, 77}, {0, 0}, {191, 191}} {
			r1, g1, b1, a1 := img.At(p.X, p.Y).RGBA()
			r2, g2, b2, a2 := want.At(p.X, p.Y).RGBA()
			if r1>>8 != r2>>8 || g1>>8 != g2>>8 || b1>>8 != b2>>8 || a1>>8 != a2>>8 {
				t.Errorf("%s at %v is stale: run go generate ./assets", name, p)
			}
		}
	}
}

// A maskable icon may be cut to a circle of 80 %: its ground must reach every corner.
func TestMaskableFillsTheSquare(t *testing.T) {
	t.Parallel()
	m, plain := PNG(64, true), PNG(64, false)
	for _, p := range []image.Point{{0, 0}, {63, 0}, {0, 63}, {63, 63}} {
		if m.RGBAAt(p.X, p.Y).A != 255 {
			t.Errorf("maskable corner %v is not opaque", p)
		}
		if plain.RGBAAt(p.X, p.Y).A != 0 {
			t.Errorf("plain corner %v is not transparent", p)
		}
	}
}

// Style sheets take the grounds of pictures from palette.css and do not spell them again.
func TestNoStyleRepeatsAGround(t *testing.T) {
	t.Parallel()
	for _, sheet := range static.Styles {
		if sheet == static.Palette {
			continue
		}
		css, err := static.FS.ReadFile(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range []assets.Ground{assets.DarkGround, assets.LightGround} {
			for _, c := range []assets.Color{g.Background, g.Ink} {
				if bytes.Contains(bytes.ToLower(css), []byte(c.Hex())) {
					t.Errorf("%s spells %s, a colour of assets.%+v", sheet, c.Hex(), g)
				}
			}
		}
	}
}
