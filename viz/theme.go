package viz

import "clexlab/viz/paint"

// DarkTheme and LightTheme are used where the page sends no colours.
var (
	DarkTheme = Theme{
		Dark: true, Background: paint.RGB(0x11, 0x16, 0x1d), Ink: paint.RGB(0xe9, 0xe6, 0xdf), Muted: paint.RGB(0x9a, 0xa5, 0xb3),
		Grid: paint.RGB(0x26, 0x2f, 0x3a), Accent: paint.RGB(0xff, 0xb0, 0x00), FontSize: 12,
	}
	LightTheme = Theme{
		Background: paint.RGB(0xff, 0xfd, 0xf9), Ink: paint.RGB(0x1e, 0x23, 0x2a), Muted: paint.RGB(0x5a, 0x64, 0x70),
		Grid: paint.RGB(0xe4, 0xdf, 0xd5), Accent: paint.RGB(0xb8, 0x58, 0x00), FontSize: 12,
	}
)

func (t Theme) label() paint.Style { return paint.Style{Size: t.FontSize} }
func (t Theme) small() paint.Style { return paint.Style{Size: t.FontSize - 1} }
func (t Theme) title() paint.Style { return paint.Style{Size: t.FontSize + 2, Bold: true} }
func (t Theme) bold() paint.Style  { return paint.Style{Size: t.FontSize, Bold: true} }

// raised is the ground of cards and badges.
func (t Theme) raised() paint.Color {
	if t.Dark {
		return t.Background.Mix(paint.RGB(255, 255, 255), 0.07)
	}
	return paint.RGB(255, 255, 255)
}

// pairColor is the colour of rotary pair i of n: fast pairs light on dark ground, dark on light ground, so that
// all keep their contrast.
func (t Theme) pairColor(i, n int) paint.Color {
	s := 0.0
	if n > 1 {
		s = float64(i) / float64(n-1)
	}
	if t.Dark {
		return at(pairMap, 1-0.68*s)
	}
	return at(pairMap, 0.02+0.66*s)
}
