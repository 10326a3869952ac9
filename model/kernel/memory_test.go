//go:build !js

package kernel

import (
	"os"
	"strings"
	"testing"
)

// Every script that starts a program with vector kernels leaves it its memory: the page's, the browser
// tests' and those of Node.
func TestScriptsLeaveTheMemory(t *testing.T) {
	for _, name := range []string{"../../wasm/engine/engine.js", "../../web/cmd/inbrowser/loader.js", "../gpu/testdata/node.mjs", "testdata/memory.js"} {
		script, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(script), "."+memoryName+" = ") {
			t.Errorf("%s does not set %s", name, memoryName)
		}
	}
}
