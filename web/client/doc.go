// Package client is the page's side of the engine: a small pool of workers and what
// each of them is doing. One worker writes the first text, one the second, one measures for
// the picture, judges texts and probes recall; each holds its own copy of the model. Pool is
// plain Go over a Browser, which makes workers and passes messages.
package client
