//go:build !js

package browsertest

import (
	"os"
	"testing"
)

// Missing ends a test that could not get its browser: it is skipped, or fails
// where CLEXLAB_BROWSER=required says that there must be one.
func Missing(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("CLEXLAB_BROWSER") == "required" {
		t.Fatalf("no browser to test with: %v", err)
	}
	t.Skipf("no browser to test with: %v", err)
}
