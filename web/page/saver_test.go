//go:build !js

package page

import (
	"net/url"
	"testing"

	"clexlab/web/state"
)

// What is chosen replaces what the address held; what it held besides settings stays.
func TestAddressFollowsTheChoice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		held    string
		backend state.Backend
		want    string
	}{
		{"backend=webgpu&fail=gpu&models=m&tint=x", state.AutoBackend, "fail=gpu&models=m"},
		{"backend=webgpu", state.CPU, "backend=cpu"},
		{"", state.WebGPU, "backend=webgpu"},
		{"backend=scalar", state.AutoBackend, "backend=scalar"},
	} {
		held, err := url.ParseQuery(c.held)
		if err != nil {
			t.Fatal(err)
		}
		s := state.Defaults()
		s.Backend = c.backend
		got, err := url.ParseQuery(query(s, held))
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"prompt", "windows"} {
			got.Del(key)
		}
		if got.Encode() != c.want {
			t.Errorf("%s with %q chosen: %s, want %s", c.held, c.backend, got.Encode(), c.want)
		}
	}
}
