package train

import (
	"bytes"
	"crypto/sha256"
	"testing"
)

// FuzzState: a state from a browser's storage is taken or refused, whatever it holds; its checksum is made right, so that what lies
// behind it is tried as well.
func FuzzState(f *testing.F) {
	tr := tinyTrainer(f)
	var state bytes.Buffer
	if err := tr.WriteState(&state); err != nil {
		f.Fatal(err)
	}
	f.Add(state.Bytes()[:state.Len()-sha256.Size])
	f.Add([]byte(stateMagic + "\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		sum := sha256.Sum256(body)
		data := append(bytes.Clone(body), sum[:]...)
		if _, err := StateRecipe(data); err != nil {
			return
		}
		_ = tr.ReadState(data)
		if tr.Steps() < 0 {
			t.Errorf("at step %d", tr.Steps())
		}
	})
}
