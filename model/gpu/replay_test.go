package gpu

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The script plays what Go records: each operation must be the call that Go means, and each kind
// of trouble have Go's number.
func TestScriptKnowsTheNumbers(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("replay.js")
	if err != nil {
		t.Skip("replay.js is not at hand: ", err) // a browser has no files
	}
	script := string(data)
	for op, call := range map[int]string{opPipeline: "setPipeline(", opGroup: "setBindGroup(1,", opUniforms: "setBindGroup(0,", opDispatch: "dispatchWorkgroups(",
		opRead: "copyBufferToBuffer(", opClear: "clearBuffer(", opWrite: "writeBuffer("} {
		_, body, found := strings.Cut(script, fmt.Sprintf("case %d:", op))
		body, _, _ = strings.Cut(body, "break;")
		if !found || !strings.Contains(body, call) {
			t.Errorf("operation %d does not call %s)", op, call)
		}
	}
	if want := fmt.Sprintf("const LOST = %d, MEMORY = %d, INVALID = %d;", Lost, Memory, Invalid); !strings.Contains(script, want) {
		t.Errorf("replay.js does not say %s", want)
	}
}
