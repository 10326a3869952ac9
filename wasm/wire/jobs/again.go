package jobs

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// AgainSize is how many bytes a request takes on its way that comes again and again while t is dragged: a measurement that
// names no method which the last one said in full did not name, the end of one, and another t for a text.
const AgainSize = 40

// againMark begins such a request: "m", the version; flags and helpers follow.
var againMark = [2]byte{'m', Version}

const (
	againCoarse = 1 << iota
	againAuto
	againCancel
	againFactor
)

// Line is an end of the talk between the page and one worker; both remember the last measurement that was said in full.
type Line struct{ last Request }

// Forget has the next measurement said in full: the last one may not have come.
func (l *Line) Forget() { l.last = Request{} }

// Note remembers a measurement that was said in full.
func (l *Line) Note(r Request) {
	if r.Measure != nil {
		l.last = r
	}
}

// names are the methods of the last measurement said in full, each once, by whose places others name theirs.
func (l *Line) names() (out []string) {
	if m := l.last.Measure; m != nil {
		for _, name := range slices.Concat(m.Loss, m.Maps) {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// Again writes a request short, where that can be: mark, flags, helpers, number, subject, revision, length, GPU attempt, losses, maps,
// t, little-endian; bit k of losses and maps is method k of those named before.
func (l *Line) Again(r *Request) (b [AgainSize]byte, ok bool) {
	if r.ID < 0 || r.ID > math.MaxUint32 {
		return b, false
	}
	copy(b[:], againMark[:])
	binary.LittleEndian.PutUint32(b[4:], uint32(r.ID))
	rule := FactorRule{T: 1}
	switch m := r.Measure; {
	case r.Cancel == Measuring:
		b[2] = againCancel
	case r.SetFactor != nil:
		b[2], rule = againFactor, *r.SetFactor
	case m == nil || m.Need != nil || !b8(&b[3], r.Helpers):
		return b, false
	default:
		if rule = m.FactorRule; m.Coarse {
			b[2] = againCoarse
		}
		for i, v := range []int{m.Subject, m.Revision, m.Length, m.GPUAttempt} {
			if v < 0 || v > math.MaxInt32 {
				return b, false
			}
			binary.LittleEndian.PutUint32(b[8+4*i:], uint32(v))
		}
		names := l.names()
		for i, list := range [][]string{m.Loss, m.Maps} {
			set, before := uint32(0), -1
			for _, name := range list {
				k := slices.Index(names, name)
				if k <= before || k >= 32 {
					return b, false // a method that was not named, or in another order
				}
				set, before = set|1<<k, k
			}
			binary.LittleEndian.PutUint32(b[24+4*i:], set)
		}
	}
	if rule.Auto {
		b[2] |= againAuto
	}
	binary.LittleEndian.PutUint64(b[32:], math.Float64bits(rule.T))
	return b, rule.T >= 1 && !math.IsInf(rule.T, 0)
}

// b8 writes rising numbers below 8 as bits; ok is false for others.
func b8(set *byte, numbers []int) (ok bool) {
	before := -1
	for _, k := range numbers {
		if k <= before || k > 7 {
			return false
		}
		*set, before = *set|1<<k, k
	}
	return true
}

// ReadAgain is the request that b says.
func (l *Line) ReadAgain(b []byte) (r Request, err error) {
	if len(b) != AgainSize || [2]byte(b[:2]) != againMark {
		return r, fmt.Errorf("jobs: %d bytes that are no request of version %d: reload the page", len(b), Version)
	}
	rule := FactorRule{T: math.Float64frombits(binary.LittleEndian.Uint64(b[32:])), Auto: b[2]&againAuto != 0}
	if !(rule.T >= 1) || math.IsInf(rule.T, 0) {
		return r, fmt.Errorf("jobs: t = %v: want a finite number, at least 1", rule.T)
	}
	var n [7]uint32
	for i := range n {
		n[i] = binary.LittleEndian.Uint32(b[4+4*i:])
	}
	r = Request{Version: Version, ID: int(n[0])}
	switch b[2] &^ againAuto {
	case againCancel:
		r.Cancel = Measuring
		return r, nil
	case againFactor:
		r.SetFactor = &rule
		return r, nil
	case 0, againCoarse:
	default:
		return r, fmt.Errorf("jobs: a request of flags %d: reload the page", b[2])
	}
	names := l.names()
	if names == nil {
		return r, fmt.Errorf("jobs: a measurement leans on one before it, and none was")
	}
	m := &Measure{Subject: int(n[1]), Revision: int(n[2]), Length: int(n[3]), GPUAttempt: int(n[4]), FactorRule: rule, Coarse: b[2]&againCoarse != 0}
	for i, list := range []*[]string{&m.Loss, &m.Maps} {
		if bits.Len32(n[5+i]) > len(names) {
			return r, fmt.Errorf("jobs: method %d of the %d that were named", bits.Len32(n[5+i]), len(names))
		}
		for k, name := range names {
			if n[5+i]>>k&1 == 1 {
				*list = append(*list, name)
			}
		}
	}
	for k := range 8 {
		if b[3]>>k&1 == 1 {
			r.Helpers = append(r.Helpers, k)
		}
	}
	r.Measure = m
	return r, nil
}
