// Package dictionary makes programs smaller on their way to a browser that has another one already: all three have Go's runtime in them,
// and more. A browser that keeps a file as a dictionary says so when it asks for another one and is sent that one as Zstandard with the
// first as its dictionary (Compression Dictionary Transport, RFC 9842, content coding dcz). Any other browser is sent what it would have
// been sent without.
package dictionary

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Of names, for a program, the one that a first visit has loaded before it: the engine, which comes first. The picture's has more in common
// with the page's, 3 % of it, which a browser would seldom have put away by the time that it asks.
var Of = map[string]string{"app.wasm": "engine.wasm", "view.wasm": "engine.wasm"}

const (
	// Coding is the content coding's name.
	Coding = "dcz"
	// Ending is that of a file in that coding, behind the name of what it holds.
	Ending = ".dcz"
)

// Name returns what a browser calls a dictionary of such a SHA-256 in Available-Dictionary: a byte sequence of RFC 8941.
func Name(sum [sha256.Size]byte) string {
	return ":" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

// header begins what is coded: a frame that decoders skip, with the dictionary's SHA-256 (RFC 9842, section 5).
func header(sum [sha256.Size]byte) []byte {
	return append([]byte{0x5e, 0x2a, 0x4d, 0x18, 0x20, 0, 0, 0}, sum[:]...)
}

// Fits reports whether coded was made with the dictionary of such a SHA-256.
func Fits(coded []byte, sum [sha256.Size]byte) bool { return bytes.HasPrefix(coded, header(sum)) }

// windowLog returns the binary logarithm of the window in bytes: all of the file, so that each byte of it may point at the dictionary, where
// every decoder takes that (8 MB, or 1.25 times the dictionary if that is more), else 8 MB, the dictionary serving the file's beginning.
func windowLog(file, dictionary int) int {
	log := 10
	for 1<<log < file {
		log++
	}
	if log > 23 && 4*file > 5*dictionary {
		return 23
	}
	return log
}

// Make writes the file at from, coded with the one at dictionary, to a file. It runs the program zstd; without it the error is exec.ErrNotFound.
func Make(to, from, dictionary string) error {
	zstd, err := exec.LookPath("zstd")
	if err != nil {
		return fmt.Errorf("dictionary: %w", err)
	}
	data, err := os.ReadFile(dictionary)
	if err != nil {
		return fmt.Errorf("dictionary: %w", err)
	}
	file, err := os.Stat(from)
	if err != nil {
		return fmt.Errorf("dictionary: %w", err)
	}
	// The optimal parser with long chains makes the page's program 4 % smaller than -19 alone.
	way := fmt.Sprintf("--zstd=wlog=%d,targetLength=4096,chainLog=26,searchLog=9,hashLog=26", windowLog(int(file.Size()), len(data)))
	var coded, said bytes.Buffer
	run := exec.Command(zstd, "-q", "-19", "--single-thread", way, "-D", filepath.Clean(dictionary), "-c", filepath.Clean(from))
	run.Stdout, run.Stderr = &coded, &said
	if err := run.Run(); err != nil {
		return fmt.Errorf("dictionary: zstd: %w: %s", err, bytes.TrimSpace(said.Bytes()))
	}
	if err := os.WriteFile(to, append(header(sha256.Sum256(data)), coded.Bytes()...), 0o644); err != nil {
		return fmt.Errorf("dictionary: %w", err)
	}
	return nil
}
