package corpus

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Parts are found in every folder, plain and gzipped, in the order of parts, folders and names; a part
// that is nowhere and a damaged book are named.
func TestBooks(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	write := func(dir, part, name string, data []byte) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, part), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, part, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	zipped := func(text string) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write([]byte(text))
		z.Close()
		return b.Bytes()
	}
	write(first, "train", "b.txt", []byte("two"))
	write(first, "train", "a.txt.gz", zipped("one"))
	write(second, "train", "a.txt", []byte("three"))
	write(second, "tales", "z.txt.gz", zipped("four"))
	c := New(first + "," + second)
	got, err := c.Books("train", "tales")
	if err != nil || !slices.Equal(got, []string{"one", "two", "three", "four"}) {
		t.Errorf("read %q, %v", got, err)
	}
	if _, err := c.Books("train", "novels"); err == nil || !strings.Contains(err.Error(), `"novels"`) || !strings.Contains(err.Error(), second) {
		t.Errorf("a part that is nowhere: %v", err)
	}
	write(second, "tales", "z.txt.gz", zipped("four")[:9])
	if _, err := c.Books("tales"); err == nil || !strings.Contains(err.Error(), "z.txt.gz") {
		t.Errorf("a damaged book: %v", err)
	}
}
