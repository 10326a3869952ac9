//go:build !wasm

package checkpoint

// maxMemory is the most bytes that the weights may take once read: more is nothing
// that one machine holds. What a file has is its own limit below that.
const maxMemory = 1 << 40
