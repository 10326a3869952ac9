package jobs

import (
	"encoding/json"
	"fmt"

	"clexlab/wasm/wire"
)

// A worker numbers its answers from 1, all but a fatal one. The page takes them in that order, each once, and has those said again that
// did not come.

// Parcel is an answer as it travels: bytes, or JSON with a message for the picture beside it.
type Parcel struct {
	Brief []byte
	Head  []byte
	View  *wire.Frame
}

func (p *Parcel) bytes() int {
	n := len(p.Brief) + len(p.Head)
	if p.View != nil {
		n += p.View.Bytes()
	}
	return n
}

// What a worker keeps of its answers.
const (
	maxKept      = 256
	maxKeptBytes = 1 << 20
)

// Said is the worker's end: it numbers answers and keeps the last ones.
type Said struct {
	number int
	kept   []Parcel
	bytes  int
}

// Pack makes an answer ready to travel. Tables of its view are not copied and must not change.
func (s *Said) Pack(a Answer) (Parcel, error) {
	if a.Fatal {
		return pack(a)
	}
	a.Number = s.number + 1
	p, err := pack(a)
	if err != nil {
		return p, err
	}
	s.number++
	s.kept = append(s.kept, p)
	s.bytes += p.bytes()
	for len(s.kept) > 1 && (len(s.kept) > maxKept || s.bytes > maxKeptBytes) {
		s.bytes -= s.kept[0].bytes()
		s.kept[0] = Parcel{}
		s.kept = s.kept[1:]
	}
	return p, nil
}

// Again are the answers from a number on; it fails if they are not kept any more.
func (s *Said) Again(from int) ([]Parcel, error) {
	first := s.number - len(s.kept) + 1
	switch {
	case from < first:
		return nil, fmt.Errorf("answer %d was lost on its way", from)
	case from > s.number:
		return nil, nil
	}
	return s.kept[from-first:], nil
}

func pack(a Answer) (p Parcel, err error) {
	var brief bool
	if p.Brief, brief = Brief(a); brief {
		return p, nil
	}
	a.Version = Version
	if p.Head, err = json.Marshal(a); err != nil {
		return p, fmt.Errorf("jobs: %w", err)
	}
	if a.View != nil {
		f, err := wire.Encode(a.View)
		if err != nil {
			return p, err
		}
		p.View = &f
	}
	return p, nil
}

// readHead reads the JSON of an answer.
func readHead(head string) (a Answer, err error) {
	if err := json.Unmarshal([]byte(head), &a); err != nil {
		return a, fmt.Errorf("jobs: %w", err)
	}
	if a.Version != Version {
		return a, fmt.Errorf("jobs: answer of version %d, this page speaks %d: reload the page", a.Version, Version)
	}
	return a, nil
}

// Heard is the page's end: it puts a worker's answers in their order.
type Heard struct {
	number int
	// early came before one that has not come.
	early map[int]Answer
}

// Take returns the answers whose turn it is now that a has come. One without a number waits for none.
func (h *Heard) Take(a Answer) (list []Answer) {
	switch {
	case a.Number <= 0:
		return []Answer{a}
	case a.Number <= h.number:
		return nil
	case a.Number > h.number+1:
		if h.early == nil {
			h.early = map[int]Answer{}
		}
		h.early[a.Number] = a
		return nil
	}
	for ok := true; ok; {
		h.number++
		list = append(list, a)
		delete(h.early, h.number)
		a, ok = h.early[h.number+1]
	}
	return list
}

// Missing is the number of the first answer that has not come though later ones have, 0 if there is none.
func (h *Heard) Missing() int {
	if len(h.early) == 0 {
		return 0
	}
	return h.number + 1
}

// Waiting is how many answers wait for that one.
func (h *Heard) Waiting() int { return len(h.early) }
