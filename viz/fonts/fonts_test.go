package fonts

import (
	"reflect"
	"testing"

	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// What was cut down must draw the same outlines with the same widths.
func TestOutlinesAreUnchanged(t *testing.T) {
	for name, pair := range map[string][2][]byte{"regular": {Regular, goregular.TTF}, "medium": {Bold, gomedium.TTF}} {
		cut, err := sfnt.Parse(pair[0])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		whole, err := sfnt.Parse(pair[1])
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range "AZaz09 .,;:!?\"'“”‘’–—…·‹›−¶»÷×éüñßŁčθλξπ()[]%=+/" {
			a, wa := outline(t, cut, r)
			b, wb := outline(t, whole, r)
			if wa != wb || !reflect.DeepEqual(a, b) {
				t.Errorf("%s: %q differs", name, r)
			}
		}
	}
}

func outline(t *testing.T, f *sfnt.Font, r rune) (sfnt.Segments, fixed.Int26_6) {
	t.Helper()
	var b sfnt.Buffer
	g, err := f.GlyphIndex(&b, r)
	if err != nil || g == 0 {
		t.Fatalf("%q: glyph %d, %v", r, g, err)
	}
	width, err := f.GlyphAdvance(&b, g, fixed.I(64), 0)
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.LoadGlyph(&b, g, fixed.I(64), nil)
	if err != nil {
		t.Fatal(err)
	}
	return append(sfnt.Segments(nil), s...), width
}
