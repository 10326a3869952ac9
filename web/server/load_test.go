package server

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
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

// TestManyClients: a thousand clients at once all get the document, while others say nothing, say
// nonsense, or read a byte now and then.
func TestManyClients(t *testing.T) {
	s := httptest.NewServer(shipped(t, ""))
	defer s.Close()
	address := s.Listener.Addr().String()
	var idle []net.Conn
	defer func() {
		for _, c := range idle {
			c.Close()
		}
	}()
	for i := range 60 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		idle = append(idle, c)
		switch i % 3 {
		case 1:
			fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n") // and reads nothing
		case 2:
			fmt.Fprint(c, "\x16\x03\x01 this is no request\r\n\r\n")
		}
	}
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxConnsPerHost: 1000, MaxIdleConnsPerHost: 1000}}
	defer client.CloseIdleConnections()
	var group sync.WaitGroup
	failed := make(chan error, 1000)
	for range 1000 {
		group.Go(func() {
			answer, err := client.Get(s.URL + "/")
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
	n := 0
	for err := range failed {
		if n++; n == 1 {
			t.Error(err)
		}
	}
	if n > 0 {
		t.Errorf("%d of 1,000 clients got no document", n)
	}
}
