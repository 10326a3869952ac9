//go:build js && wasm

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"syscall/js"
	"testing"

	"clexlab/model/difference"
	"clexlab/wasm/wire/jobs"
)

// published is a file at an address of the browser's own.
func published(t *testing.T, data []byte) string {
	t.Helper()
	address := newFile()
	if _, err := address.Write(data); err != nil {
		t.Fatal(err)
	}
	at, _ := address.Close("application/octet-stream")
	t.Cleanup(func() { js.Global().Get("URL").Call("revokeObjectURL", at) })
	return at
}

// weightsOf is a safetensors file of one matrix of int8, of more bytes than a browser unpacks at once.
func weightsOf(add byte) []byte {
	const rows, cols = 512, 1024
	header := fmt.Sprintf(`{"a":{"dtype":"I8","shape":[%d,%d],"data_offsets":[0,%d]}}`, rows, cols, rows*cols)
	data := make([]byte, rows*cols)
	for i := range data {
		data[i] = byte(i*i>>7) + add*byte(i%3)
	}
	return slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), []byte(header), data)
}

// Weights come as they are by every way, and how far they have come is told rising to their size: neither the head of a difference
// nor what is packed counts.
func TestProgressEndsAtTheSize(t *testing.T) {
	js.Global().Set("clexlabFetched", map[string]any{}) // the loader's
	reference, result := weightsOf(0), weightsOf(1)
	packed, err := difference.Make(reference, result)
	if err != nil {
		t.Fatal(err)
	}
	whole, size := published(t, result), int64(len(result))
	d := &jobs.Difference{Address: published(t, packed), Of: published(t, reference)}
	for name, w := range map[string]way{"whole": {kept, false}, "a difference": {kept, true}, "a difference anew": {anew, true}} {
		var at []int64
		got, err := w.weights(t.Context(), whole, size, d, func(done int64) { at = append(at, done) })
		if err != nil || !bytes.Equal(got, result) {
			t.Errorf("%s: %d bytes, %v: want %d", name, len(got), err, size)
		}
		if n := len(at); n == 0 || at[n-1] != size || !slices.IsSorted(at) {
			t.Errorf("%s: the progress is told as %v, want it to rise to %d", name, at, size)
		}
	}
}
