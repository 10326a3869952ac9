//go:build !js

package clex

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestVectorsToo: products of rows have vectors in WebAssembly alone, which a plain go test does not build, so it has them tested in
// Node. With -short that is left to whoever asked for it (make wasmtest).
func TestVectorsToo(t *testing.T) {
	if testing.Short() {
		t.Skip("rows_simd.go is not tested: make wasmtest does")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("rows_simd.go is not tested: node is not installed")
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
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	run := node + " --stack-size=8192 " + filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec_node.js")
	test := exec.Command("go", "test", "-v", "-run", "^TestRows$", "-exec", run, ".")
	test.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOEXPERIMENT=simd")
	if out, err := test.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestRows") {
		t.Errorf("as WebAssembly with GOEXPERIMENT=simd: %v\n%s", err, out)
	}
}
