//go:build js && wasm

package gpu

import "testing"

// device is one for all tests: kernels that were compiled stay.
var device Driver

func open(t testing.TB) Driver {
	t.Helper()
	if device == nil {
		d, err := Open(t.Context())
		if err != nil {
			t.Skip(err)
		}
		device = d
	}
	return device
}

func TestOpen(t *testing.T) {
	d := open(t)
	t.Logf("%+v", d.Adapter())
}
