//go:build !js

package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// slowLine returns an address at which a server is reached over a line: all that it says passes at so many bits a second, whatever the
// number of connections, and a round trip takes time of its own.
func slowLine(t testing.TB, server string, bits float64, trip time.Duration) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	down, up := &line{bytes: bits / 8, trip: trip / 2}, &line{trip: trip / 2}
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(server, "http://"), "/"))
			if err != nil {
				near.Close()
				continue
			}
			go up.carry(far, near)
			go down.carry(near, far)
		}
	}()
	return "http://" + listener.Addr().String() + "/"
}

// line carries bytes a second, 0 for any number, and each of them for so long.
type line struct {
	bytes float64
	trip  time.Duration
	mu    sync.Mutex
	free  time.Time
}

// take keeps the line for n bytes and returns when the last of them has come out of it.
func (l *line) take(n int) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); l.free.Before(now) {
		l.free = now
	}
	if l.bytes > 0 {
		l.free = l.free.Add(time.Duration(float64(n) / l.bytes * float64(time.Second)))
	}
	return l.free.Add(l.trip)
}

// carry brings what one end says to the other. Little lies in the line of one connection, so that all have their turn.
func (l *line) carry(to, from net.Conn) {
	type piece struct {
		data []byte
		due  time.Time
	}
	pieces := make(chan piece, 8)
	go func() {
		defer close(pieces)
		for {
			data := make([]byte, 4096)
			n, err := from.Read(data)
			if n > 0 {
				pieces <- piece{data[:n], l.take(n)}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range pieces {
		time.Sleep(time.Until(p.due))
		if _, err := to.Write(p.data); err != nil {
			from.Close()
		}
	}
	to.Close()
}

// TestSlowLine: so many bytes, over two connections at once, take as long as the line's rate says, and a few take a round trip.
func TestSlowLine(t *testing.T) {
	t.Parallel()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := 10
		if r.URL.Path == "/much" {
			n = 125_000
		}
		_, _ = w.Write(make([]byte, n))
	}))
	defer web.Close()
	const trip = 40 * time.Millisecond
	address := slowLine(t, web.URL, 4e6, trip)
	client := &http.Client{Transport: &http.Transport{}}
	get := func(path string) {
		r, err := client.Get(address + path)
		if err != nil {
			t.Error(err)
			return
		}
		defer r.Body.Close()
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
	}
	begun := time.Now()
	get("little")
	if took := time.Since(begun); took < trip || took > 20*trip {
		t.Errorf("a few bytes take %v, want about %v", took, trip)
	}
	begun = time.Now()
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() { get("much") })
	}
	both.Wait()
	// 250,000 bytes at 500,000 a second.
	if took := time.Since(begun); took < 500*time.Millisecond || took > 3*time.Second {
		t.Errorf("2 × 125 kB at 4 Mbit/s take %v, want 0.5 s and a round trip", took)
	}
}
