//go:build js && wasm

package gpu

import "testing"

func open(t testing.TB) Driver {
	t.Helper()
	d, err := Open(t.Context())
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(d.Close)
	return d
}

func TestOpen(t *testing.T) {
	d := open(t)
	t.Logf("%+v", d.Adapter())
}
