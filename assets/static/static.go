// Package static embeds the files that the server hands to the browser as they
// are: style sheets, icons and the excerpt that is read. Fonts are the reader's own (system stacks), so
// none are shipped.
package static

import "embed"

// FS holds styles/*.css, icons/* and books/*.
//
//go:embed styles/*.css icons/* books/*
var FS embed.FS

// Palette is the style sheet that the server writes from package assets.
const Palette = "styles/palette.css"

// Styles lists the style sheets in the order in which the page links them.
var Styles = []string{
	Palette,
	"styles/base.css",
	"styles/layout.css",
	"styles/tslider.css",
	"styles/picture.css",
	"styles/text.css",
	"styles/panels.css",
	"styles/large.css",
	"styles/forced.css",
	"styles/print.css",
}

// Icons of the web app manifest, paths inside FS.
const (
	IconSVG      = "icons/icon.svg"
	IconDefault  = "icons/icon-192.png"
	IconLarge    = "icons/icon-512.png"
	IconMaskable = "icons/maskable-512.png"
)
