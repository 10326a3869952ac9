// Package program is what the picture's program does besides calling its browser: it takes the
// page's messages in, holds those of its own back that come in every frame, and makes files.
package program
