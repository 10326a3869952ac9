package paint

import "clexlab/viz/scale"

// Label builds a short text in storage that the list keeps, so that changing
// numbers cost no garbage. It is valid until the list's next label.
type Label struct{ b []byte }

// Label starts a label.
func (l *List) Label(text string) *Label {
	l.label.b = append(l.label.b[:0], text...)
	return &l.label
}

// Str adds text.
func (b *Label) Str(text string) *Label {
	b.b = append(b.b, text...)
	return b
}

// Num adds v with digits decimals and a comma between thousands.
func (b *Label) Num(v float64, digits int) *Label {
	b.b = scale.AppendNumber(b.b, v, digits)
	return b
}

// Sig adds v with about three significant digits.
func (b *Label) Sig(v float64) *Label {
	b.b = scale.AppendSig(b.b, v)
	return b
}

// Tick adds a round v as an axis shows it.
func (b *Label) Tick(v float64) *Label {
	b.b = scale.AppendTick(b.b, v)
	return b
}

// String copies the label.
func (b *Label) String() string { return string(b.b) }

// Write draws the label as Text does.
func (l *List) Write(x, y float64, b *Label, s Style, align float64, c Color) float64 {
	return l.text(x, y, b.b, s, align, c)
}

// Width is the label's width in CSS pixels.
func (l *List) Width(b *Label, s Style) float64 { return l.measure(b.b, s) }
