// Command subset writes the pictures' typeface without the outlines that no label or token uses and without
// hinting programs, which the rasteriser ignores: half the bytes. Run by go generate ./viz/fonts.
package main

import (
	"encoding/binary"
	"log"
	"os"
	"sort"

	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

// kept are the runs of characters whose outlines stay: Latin to Extended-A, Greek, punctuation, the minus sign.
var kept = [][2]rune{{0x20, 0x17f}, {0x391, 0x3c9}, {0x2010, 0x2044}, {0x20ac, 0x20ac}, {0x2212, 0x2212}, {0x2248, 0x2265}}

var tables = []string{"OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post"}

func main() {
	for name, data := range map[string][]byte{"regular.ttf": goregular.TTF, "medium.ttf": gomedium.TTF} {
		out, err := subset(data)
		if err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(name, out, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

func subset(data []byte) ([]byte, error) {
	font, err := sfnt.Parse(data)
	if err != nil {
		return nil, err
	}
	be := binary.BigEndian
	table := map[string][]byte{}
	for i := range int(be.Uint16(data[4:])) {
		r := data[12+16*i:]
		table[string(r[:4])] = data[be.Uint32(r[8:]):][:be.Uint32(r[12:])]
	}
	loca, glyf, long := table["loca"], table["glyf"], be.Uint16(table["head"][50:]) == 1
	at := func(g int) int {
		if long {
			return int(be.Uint32(loca[4*g:]))
		}
		return 2 * int(be.Uint16(loca[2*g:]))
	}
	keep := map[int]bool{0: true}
	var add func(g int)
	add = func(g int) {
		keep[g] = true
		outline := glyf[at(g):at(g+1)]
		if len(outline) == 0 || int16(be.Uint16(outline)) >= 0 {
			return
		}
		// A composite: flags, component, arguments of one or two bytes, and a scale of 0, 1, 2 or 4 numbers.
		for p := 10; ; {
			flags := be.Uint16(outline[p:])
			add(int(be.Uint16(outline[p+2:])))
			p += 6 + 2*int(flags&1)
			switch {
			case flags&8 != 0:
				p += 2
			case flags&0x40 != 0:
				p += 4
			case flags&0x80 != 0:
				p += 8
			}
			if flags&0x20 == 0 {
				return
			}
		}
	}
	var buffer sfnt.Buffer
	for _, run := range kept {
		for r := run[0]; r <= run[1]; r++ {
			g, err := font.GlyphIndex(&buffer, r)
			if err != nil {
				return nil, err
			}
			add(int(g))
		}
	}
	var outlines, places []byte
	for g := range font.NumGlyphs() + 1 {
		if long {
			places = be.AppendUint32(places, uint32(len(outlines)))
		} else {
			places = be.AppendUint16(places, uint16(len(outlines)/2))
		}
		if g < font.NumGlyphs() && keep[g] {
			outlines = append(outlines, glyf[at(g):at(g+1)]...)
			outlines = append(outlines, make([]byte, -len(outlines)&3)...)
		}
	}
	table["glyf"], table["loca"] = outlines, places
	sort.Strings(tables)
	head := append([]byte(nil), data[:4]...)
	head = be.AppendUint16(head, uint16(len(tables)))
	head = append(head, 0, 128, 0, 3, 0, 32)
	var body []byte
	for _, name := range tables {
		t := append([]byte(nil), table[name]...)
		size := len(t)
		t = append(t, make([]byte, -len(t)&3)...)
		sum := uint32(0)
		for i := 0; i < len(t); i += 4 {
			sum += be.Uint32(t[i:])
		}
		head = append(head, name...)
		head = be.AppendUint32(head, sum)
		head = be.AppendUint32(head, uint32(12+16*len(tables)+len(body)))
		head = be.AppendUint32(head, uint32(size))
		body = append(body, t...)
	}
	return append(head, body...), nil
}
