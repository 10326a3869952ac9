// Package client is the page's side of the engine: a small pool of workers, what
// each of them is doing, and the translation between the page's messages and the
// workers'. One worker writes the first text, one the second, one measures for
// the picture and probes recall; each holds its own copy of the model.
package client
