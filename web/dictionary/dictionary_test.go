package dictionary

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// pair is a file of which half lies in another one, in pieces, and neither of which can be made smaller alone.
func pair() (file, dictionary []byte) {
	r := rand.NewChaCha8([32]byte{1})
	dictionary = make([]byte, 1<<18)
	r.Read(dictionary)
	for at := 0; at < len(dictionary); at += 1 << 13 {
		piece := make([]byte, 1<<12)
		r.Read(piece)
		file = append(append(file, piece...), dictionary[at:at+1<<12]...)
	}
	return file, dictionary
}

// TestStockZstdReads: what Make writes is what the program zstd gives back, and half as large as the file.
func TestStockZstdReads(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("zstd"); err != nil {
		t.Skip("zstd is not installed")
	}
	dir := t.TempDir()
	from, of, to := filepath.Join(dir, "from"), filepath.Join(dir, "of"), filepath.Join(dir, "to")
	file, known := pair()
	for name, data := range map[string][]byte{from: file, of: known} {
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := Make(to, from, of); err != nil {
		t.Fatal(err)
	}
	coded, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	if share := float64(len(coded)) / float64(len(file)); share > 0.52 {
		t.Errorf("%d bytes of %d: %.2f, want half", len(coded), len(file), share)
	}
	if !Fits(coded, sha256.Sum256(known)) || Fits(coded, sha256.Sum256(file)) {
		t.Error("it does not say which dictionary it is made with")
	}
	back, err := exec.Command("zstd", "-q", "-d", "-D", of, "-c", to).Output()
	if err != nil || !bytes.Equal(back, file) {
		t.Errorf("zstd gives back %d bytes, %v; want the %d of the file", len(back), err, len(file))
	}
	// Else its window would be rounded up (RFC 8878, section 3.1.1.1), past what a decoder has to take.
	frame := coded[40:]
	if single := frame[4]&0x20 != 0; !single {
		t.Errorf("the frame has a window of its own: descriptor %#x", frame[4])
	}
}

func TestWindowIsOneThatEveryDecoderTakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, dictionary, want int }{
		{1000, 1000, 10},         // all of it
		{8 << 20, 1000, 23},      // all of it, whatever the dictionary
		{8<<20 + 1, 1000, 23},    // more than all decoders take
		{12 << 20, 10 << 20, 24}, // 1.2 times the dictionary
		{13 << 20, 10 << 20, 23}, // 1.3 times
	} {
		if got := windowLog(c.file, c.dictionary); got != c.want {
			t.Errorf("%d bytes with a dictionary of %d: 2^%d, want 2^%d", c.file, c.dictionary, got, c.want)
		}
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	// printf abc | openssl dgst -sha256 -binary | base64
	if got, want := Name(sha256.Sum256([]byte("abc"))), ":ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestSaysWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	if err := Make(filepath.Join(dir, "to"), filepath.Join(dir, "from"), filepath.Join(dir, "of")); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("without zstd: %v", err)
	}
}
