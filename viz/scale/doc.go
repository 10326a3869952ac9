// Package scale is the arithmetic of axes: from values to pixels and back, on
// linear and logarithmic scales, with pan and zoom, ticks at round numbers,
// and numbers as people write them.
package scale
