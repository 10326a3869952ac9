package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestTwinsAreMadeAnewWhenTheirFileChanges: a twin is of the file as it is now, is left where it is that already, and is never older than its
// file, since the server takes none that is.
func TestTwinsAreMadeAnewWhenTheirFileChanges(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from, to := filepath.Join(dir, "a.js"), filepath.Join(dir, "a.js.gz")
	made := 0
	encoder := func(w io.Writer) io.WriteCloser { made++; return gzip.NewWriter(w) }
	for i, step := range []struct {
		text, way string
		made      int
	}{{"one", "effort 1", 1}, {"one", "effort 1", 1}, {"two", "effort 1", 2}, {"two", "effort 2", 3}} {
		if err := os.WriteFile(from, []byte(step.text), 0o644); err != nil {
			t.Fatal(err)
		}
		old := time.Now().Add(-time.Hour)
		if _, err := os.Stat(to); err == nil {
			if err := os.Chtimes(to, old, old); err != nil {
				t.Fatal(err)
			}
		}
		if err := twin(from, to, step.way, encoder); err != nil {
			t.Fatal(err)
		}
		if made != step.made {
			t.Errorf("step %d: made %d times, want %d", i, made, step.made)
		}
		data, err := os.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(z); err != nil || string(got) != step.text {
			t.Errorf("step %d: the twin holds %q, %v; want %q", i, got, err, step.text)
		}
		if s, err := os.Stat(to); err != nil || time.Since(s.ModTime()) > time.Minute {
			t.Errorf("step %d: the twin is older than its file", i)
		}
	}
}

// TestFailedTwinLeavesNothing: where one cannot be made, what was there stays, and no half of one.
func TestFailedTwinLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	to := filepath.Join(dir, "a.gz")
	if err := renew(to, "first", 1, func(part string) error { return os.WriteFile(part, []byte("whole"), 0o644) }); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := renew(to, "second", 1, func(part string) error {
		if err := os.WriteFile(part, []byte("ha"), 0o644); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("it failed with %v, want %v", err, broken)
	}
	if data, err := os.ReadFile(to); err != nil || string(data) != "whole" {
		t.Errorf("there is %q, %v; want what was there", data, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("%d files, %v; want the twin and what it was made of", len(entries), err)
	}
}
