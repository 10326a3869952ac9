package client

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// The page and the script that runs before it ask the browser the same, or one would start an
// engine that the other does not take over.
func TestScriptAsksForTheSameVectors(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("../../wasm/engine/boot.js")
	if err != nil {
		t.Fatal(err)
	}
	bytes := make([]string, len(simdModule))
	for i, b := range simdModule {
		bytes[i] = strconv.Itoa(int(b))
	}
	if want := "const simd = [" + strings.Join(bytes, ", ") + "];"; !strings.Contains(string(script), want) {
		t.Errorf("boot.js does not say %s", want)
	}
}
