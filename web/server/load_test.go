package server

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkPage serves the document, compressed, to many clients at once.
func BenchmarkPage(b *testing.B) {
	h := shipped(b, "")
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("Accept-Encoding", "br")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				b.Fatal(w.Code)
			}
		}
	})
}

// large is how many bytes the file has that slow readers ask for: more than a connection's buffers take, so that whoever
// does not read it on holds the server's goroutine.
const large = 16 << 20

// TestManyClients: a thousand clients at once all get the document, while twenty others say nothing, twenty say nonsense, twenty have asked
// for a large file and read nothing of it, and twenty more read that a few bytes at a time. The last forty are being served all the while,
// and those who read get their bytes.
func TestManyClients(t *testing.T) {
	h := shipped(t, "")
	h.files["large.bin"] = newFile("large.bin", make([]byte, large))
	var served atomic.Int32 // of the large file at the moment
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/web/large.bin" {
			served.Add(1)
			defer served.Add(-1)
		}
		h.ServeHTTP(w, r)
	}))
	defer s.Close()
	address := s.Listener.Addr().String()
	const each = 20
	var held []net.Conn
	var reading sync.WaitGroup
	defer func() {
		for _, c := range held {
			c.Close()
		}
		reading.Wait()
	}()
	var read [each]atomic.Int64 // bytes of each slow reader
	for i := range 4 * each {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
		switch i % 4 {
		case 1:
			fmt.Fprint(c, "\x16\x03\x01 this is no request\r\n\r\n")
		case 2:
			fmt.Fprint(c, "GET /web/large.bin HTTP/1.1\r\nHost: x\r\n\r\n")
		case 3:
			fmt.Fprint(c, "GET /web/large.bin HTTP/1.1\r\nHost: x\r\n\r\n")
			reading.Go(func() { readSlowly(c, &read[i/4]) })
		}
	}
	until(t, "the large file is on its way to all who asked", func() bool { return served.Load() == 2*each })
	after := func(bytes [each]int64) func() bool {
		return func() bool {
			for i := range read {
				if read[i].Load() <= bytes[i] {
					return false
				}
			}
			return true
		}
	}
	until(t, "each slow reader has read some of it", after([each]int64{}))
	askAtOnce(t, 1000, s.URL+"/")
	if n := served.Load(); n != 2*each {
		t.Errorf("when the thousand had their document, %d slow readers were being served, want %d", n, 2*each)
	}
	var now [each]int64
	for i := range read {
		now[i] = read[i].Load()
	}
	until(t, "each slow reader reads on", after(now))
}

// readSlowly reads sixteen bytes every ten milliseconds, and counts them, until the connection ends.
func readSlowly(c net.Conn, read *atomic.Int64) {
	few := make([]byte, 16)
	for {
		n, err := c.Read(few)
		if err != nil {
			return
		}
		read.Add(int64(n))
		time.Sleep(10 * time.Millisecond)
	}
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("in vain: " + what)
		}
	}
}

// askAtOnce has n clients at once get a document of at least 1,000 bytes.
func askAtOnce(t *testing.T, n int, address string) {
	t.Helper()
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxConnsPerHost: n, MaxIdleConnsPerHost: n}}
	defer client.CloseIdleConnections()
	var group sync.WaitGroup
	failed := make(chan error, n)
	for range n {
		group.Go(func() {
			answer, err := client.Get(address)
			if err == nil {
				var body []byte
				body, err = io.ReadAll(answer.Body)
				answer.Body.Close()
				if err == nil && (answer.StatusCode != http.StatusOK || len(body) < 1000) {
					err = fmt.Errorf("HTTP %d with %d bytes", answer.StatusCode, len(body))
				}
			}
			if err != nil {
				failed <- err
			}
		})
	}
	group.Wait()
	close(failed)
	if bad := len(failed); bad > 0 {
		t.Errorf("%d of %d clients got no document: %v", bad, n, <-failed)
	}
}
