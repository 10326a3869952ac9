// Package brand draws the clexlab mark, a fan of frequency trajectories with the
// cursor at one t, once as SVG and once as anti-aliased pixels, both from the
// same curves; and it writes the palette as CSS variables.
package brand
