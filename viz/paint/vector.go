package paint

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"image"
	"image/png"
	"math"
	"strconv"
)

// Vector is a List's picture as SVG: shapes and lines stay shapes and lines, text stays text. A
// List that has one writes into it in place of triangles.
type Vector struct {
	body    bytes.Buffer
	defs    bytes.Buffer
	ids     int
	clip    string
	clipped map[Rect]string
}

// SVG is the picture as a file, width × height CSS pixels; title says what it is.
func (v *Vector) SVG(width, height float64, title string) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]s" height="%[2]s" viewBox="0 0 %[1]s %[2]s" font-family="Go, Go Regular, sans-serif">`+"\n<title>%[3]s</title>\n",
		short(width), short(height), escaped(title))
	if v.defs.Len() > 0 {
		fmt.Fprintf(&out, "<defs>\n%s</defs>\n", v.defs.Bytes())
	}
	out.Write(v.body.Bytes())
	out.WriteString("</svg>\n")
	return out.Bytes()
}

// short writes a length to a hundredth of a pixel.
func short(x float64) string { return strconv.FormatFloat(math.Round(100*x)/100, 'f', -1, 64) }

func escaped(text string) string {
	var b bytes.Buffer
	// A Buffer takes all that is written.
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}

// ink are the attributes of a colour as a fill or a stroke.
func ink(name string, c Color) string {
	part := func(x float32) int { return int(math.Round(255 * float64(min(max(x, 0), 1)))) }
	out := fmt.Sprintf(`%s="#%02x%02x%02x"`, name, part(c.R), part(c.G), part(c.B))
	if c.A < 1 {
		out += fmt.Sprintf(` %s-opacity="%s"`, name, strconv.FormatFloat(math.Round(1000*float64(c.A))/1000, 'f', -1, 64))
	}
	return out
}

func (v *Vector) add(format string, a ...any) {
	fmt.Fprintf(&v.body, format, a...)
	v.body.WriteString(v.clip + "/>\n")
}

func (v *Vector) bound(r Rect, on bool) {
	if v.clip = ""; !on {
		return
	}
	id, ok := v.clipped[r]
	if !ok {
		v.ids++
		id = "c" + strconv.Itoa(v.ids)
		if v.clipped == nil {
			v.clipped = map[Rect]string{}
		}
		v.clipped[r] = id
		fmt.Fprintf(&v.defs, `<clipPath id="%s"><rect x="%s" y="%s" width="%s" height="%s"/></clipPath>`+"\n", id, short(r.X), short(r.Y), short(r.W), short(r.H))
	}
	v.clip = ` clip-path="url(#` + id + `)"`
}

func (v *Vector) rect(r Rect, radius float64, c Color) {
	round := ""
	if radius > 0 {
		round = ` rx="` + short(radius) + `"`
	}
	v.add(`<rect x="%s" y="%s" width="%s" height="%s"%s %s`, short(r.X), short(r.Y), short(r.W), short(r.H), round, ink("fill", c))
}

func (v *Vector) gradient(r Rect, top, bottom Color) {
	v.ids++
	fmt.Fprintf(&v.defs, `<linearGradient id="g%d" x2="0" y2="1"><stop %s/><stop offset="1" %s/></linearGradient>`+"\n", v.ids, ink("stop-color", top), ink("stop-color", bottom))
	v.add(`<rect x="%s" y="%s" width="%s" height="%s" fill="url(#g%d)"`, short(r.X), short(r.Y), short(r.W), short(r.H), v.ids)
}

func (v *Vector) line(points []Point, width float64, dash []float64, c Color) {
	if len(points) < 2 {
		return
	}
	v.body.WriteString(`<polyline fill="none" points="`)
	for i, p := range points {
		if i > 0 {
			v.body.WriteByte(' ')
		}
		v.body.WriteString(short(p.X) + "," + short(p.Y))
	}
	pattern := ""
	for i, d := range dash {
		if i > 0 {
			pattern += " "
		}
		pattern += short(max(d, 0))
	}
	if pattern != "" {
		pattern = ` stroke-dasharray="` + pattern + `"`
	}
	v.add(`" %s stroke-width="%s" stroke-linejoin="round"%s`, ink("stroke", c), short(width), pattern)
}

// sector is a part of a disc, angles as for List.Sector.
func (v *Vector) sector(at Point, r, from, to float64, c Color) {
	if to-from >= 2*math.Pi {
		v.add(`<circle cx="%s" cy="%s" r="%s" %s`, short(at.X), short(at.Y), short(r), ink("fill", c))
		return
	}
	far := 0
	if to-from > math.Pi {
		far = 1
	}
	v.add(`<path d="M%s %sL%s %sA%s %s 0 %d 1 %s %sZ" %s`, short(at.X), short(at.Y), short(at.X+r*math.Cos(from)), short(at.Y+r*math.Sin(from)),
		short(r), short(r), far, short(at.X+r*math.Cos(to)), short(at.Y+r*math.Sin(to)), ink("fill", c))
}

// text keeps to the width that it was laid out with, whatever font a reader's program has.
func (v *Vector) text(x, y, width float64, text string, s Style, align float64, c Color) {
	if text == "" {
		return
	}
	anchor, weight := "", ""
	switch align {
	case 0:
	case 0.5:
		anchor = ` text-anchor="middle"`
	default:
		anchor = ` text-anchor="end"`
	}
	if s.Bold {
		weight = ` font-weight="500"`
	}
	fmt.Fprintf(&v.body, `<text x="%s" y="%s" font-size="%s" textLength="%s" lengthAdjust="spacingAndGlyphs"%s%s %s%s xml:space="preserve">%s</text>`+"\n", short(x), short(y), short(s.Size), short(width), anchor, weight, ink("fill", c), v.clip, escaped(text))
}

// image puts a part of a texture in as a picture of its own.
func (v *Vector) image(t *Texture, r Rect, x, y, w, h float64) {
	from := &image.RGBA{Pix: t.Pix, Stride: 4 * t.W, Rect: image.Rect(0, 0, t.W, t.H)}
	var file bytes.Buffer
	if err := png.Encode(&file, from.SubImage(image.Rect(int(x), int(y), int(x+w), int(y+h)))); err != nil {
		return // an empty part is not seen either
	}
	v.add(`<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" image-rendering="pixelated" href="data:image/png;base64,%s"`,
		short(r.X), short(r.Y), short(r.W), short(r.H), base64.StdEncoding.EncodeToString(file.Bytes()))
}
