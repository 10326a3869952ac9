package checkpoint

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
)

// A header and a size are claims: neither may take memory that no data stands behind.
func TestClaimsTakeLittleMemory(t *testing.T) {
	const name = "model.embed_tokens.weight"
	large := strings.NewReplacer(`"vocab_size":3`, `"vocab_size":1048576`, `"hidden_size":4`, `"hidden_size":1048576,"head_dim":2`).Replace(tinyConfig)
	var many strings.Builder
	many.WriteString(`{"t":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`)
	for i := range 70_000 {
		fmt.Fprintf(&many, `,"t%d":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`, i)
	}
	many.WriteString("}")
	for _, c := range []struct {
		name, config, header string
		data                 int64
		limit                uint64 // bytes of memory
		want                 []string
	}{
		{"a matrix of 4 TiB", large, fmt.Sprintf(`{%q:{"dtype":"F32","shape":[1048576,1048576],"data_offsets":[0,%d]}}`, name, int64(1)<<42), 1 << 42, 1 << 20, []string{name, "memory"}},
		{"a matrix of 1 TiB in I8", large, fmt.Sprintf(`{%q:{"dtype":"I8","shape":[1048576,1048576],"data_offsets":[0,%d]}}`, name, int64(1)<<40), 1 << 40, 1 << 20, []string{name, "memory"}},
		{"a skipped buffer of 4 EiB", tinyConfig, fmt.Sprintf(`{"x.attention.bias":{"dtype":"U8","shape":[%d],"data_offsets":[0,%d]}}`, int64(1)<<62, int64(1)<<62), 1 << 62, 1 << 20, []string{"x.attention.bias"}},
		{"70 000 tensors", tinyConfig, many.String(), 0, 100 << 20, []string{"tensor", "at most 65536"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := handHeader(c.header, nil)
			r := strings.NewReader(string(file))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := readStream(t.Context(), []byte(c.config), r, int64(len(file))+c.data, nil)
			runtime.ReadMemStats(&after)
			wantError(t, err, append(c.want, WeightsFile)...)
			if used := after.TotalAlloc - before.TotalAlloc; used > c.limit {
				t.Errorf("%d bytes were allocated, want at most %d", used, c.limit)
			}
		})
	}
	// A size beyond all sense is an error, too.
	for _, size := range []int64{-1, 0, 7, math.MinInt64} {
		_, err := readStream(t.Context(), []byte(tinyConfig), strings.NewReader("12345678{}"), size, nil)
		wantError(t, err, WeightsFile, "too few")
	}
}
