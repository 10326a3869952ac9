package page

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets"
)

// mark is the drawing of assets/brand as inline SVG, so that it stands at once.
var mark = `<svg viewBox="0 0 512 512" aria-hidden="true"><rect width="512" height="512" rx="112" fill="` + assets.DarkGround.Background.Hex() + `"/><path d="M330 92V420" stroke="#f6f2e9" stroke-width="10" stroke-linecap="round" opacity=".55"/><g fill="none" stroke="#5d6b7c" stroke-width="16" stroke-linecap="round"><path d="M92 132C170 139 290 141 420 142"/><path d="M92 186C170 226 290 239 420 242"/><path d="M92 294C170 401 290 433 420 442"/></g><path d="M92 240C170 313 290 336 420 342" fill="none" stroke="#ffb000" stroke-width="28" stroke-linecap="round"/><circle cx="330" cy="331" r="32" fill="#f6f2e9" stroke="` + assets.DarkGround.Background.Hex() + `" stroke-width="12"/></svg>`

// paths are the drawings of the controls on a square of 24 units.
var paths = map[string]string{
	"share":   `<path d="M12 15V4m0 0L8 8m4-4 4 4M5 12v7h14v-7"/>`,
	"sun":     `<circle cx="12" cy="12" r="4"/><path d="M12 3v2m0 14v2M3 12h2m14 0h2M5.6 5.6 7 7m10 10 1.4 1.4M18.4 5.6 17 7M7 17l-1.4 1.4"/>`,
	"moon":    `<path d="M20 14.5A8.5 8.5 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z"/>`,
	"half":    `<circle cx="12" cy="12" r="8"/><path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor"/>`,
	"play":    `<path d="M7 5v14l11-7z" fill="currentColor"/>`,
	"stop":    `<rect x="6.500" y="6.500" width="11" height="11" rx="1.500" fill="currentColor"/>`,
	"go":      `<path d="M5 6v12l8-6zM18 6v12"/>`,
	"undo":    `<path d="M8 5 4 9l4 4M4 9h10a5.500 5.500 0 0 1 0 11h-3"/>`,
	"redo":    `<path d="m16 5 4 4-4 4M20 9H10a5.500 5.500 0 0 0 0 11h3"/>`,
	"image":   `<rect x="4" y="5" width="16" height="14" rx="2"/><path d="m5 17 5-5 3 3 3-3 4 4"/><circle cx="9" cy="9.500" r="1.300"/>`,
	"table":   `<rect x="4" y="5" width="16" height="14" rx="2"/><path d="M4 10h16M4 14.500h16M10 5v14"/>`,
	"save":    `<path d="M12 4v11m0 0 4-4m-4 4-4-4M5 19h14"/>`,
	"install": `<rect x="4" y="4" width="16" height="12" rx="2"/><path d="M12 7v9m0 0 3-3m-3 3-3-3M8 20h8"/>`,
	"close":   `<path d="m6 6 12 12M18 6 6 18"/>`,
	"folder":  `<path d="M4 7v11h16V9h-8.500L9.500 6H4zM12 12v4m-2-2h4"/>`,
	"dial":    `<path d="M4 7h9m4 0h3M4 17h3m4 0h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>`,
	"next":    `<path d="m9 5 7 7-7 7"/>`,
	"back":    `<path d="m15 5-7 7 7 7"/>`,
	"check":   `<path d="m5 12.500 4.500 4.500L19 7.500"/>`,
	"picture": `<path d="M4 6c5 9 9 9 16 10M4 11c5 6 9 7 16 8"/>`,
}

// icon is a drawing that says nothing by itself: its button carries the words.
func icon(name string) app.UI {
	return app.Raw(`<svg class="i" viewBox="0 0 24 24" aria-hidden="true">` + paths[name] + `</svg>`)
}
