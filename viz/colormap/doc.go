// Package colormap holds the colour maps of the pictures: sequential ones that rise
// evenly in lightness, so that they read the same in grey and with any colour vision.
package colormap
