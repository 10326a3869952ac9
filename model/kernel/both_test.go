//go:build !js

package kernel

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestVectorsToo: a plain go test builds the scalar kernels alone, so it has the package tested
// once more as it is built with GOEXPERIMENT=simd. With -short that is left to whoever asked for it.
func TestVectorsToo(t *testing.T) {
	if vectorised {
		return
	}
	if testing.Short() {
		t.Skip("the vector kernels are not tested: set GOEXPERIMENT=simd")
	}
	// Read, they count as this test's inputs: a change of one is no cached success.
	sources, err := filepath.Glob("*.go")
	for _, name := range sources {
		if _, e := os.ReadFile(name); err == nil {
			err = e
		}
	}
	if err != nil || len(sources) < 10 {
		t.Fatalf("%d sources, %v", len(sources), err)
	}
	test := exec.Command("go", "test", "-short", ".")
	test.Env = append(os.Environ(), "GOEXPERIMENT=simd")
	if out, err := test.CombinedOutput(); err != nil {
		t.Errorf("with GOEXPERIMENT=simd: %v\n%s", err, out)
	}
}
