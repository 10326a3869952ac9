package jobs

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
)

// AgainSize is how many bytes the last measurement once more, at another t, takes on its way: while t is dragged it is
// asked for again and again, and nothing else of it changes.
const AgainSize = 16

// againMark begins such a request: "m", the version, two bytes more.
var againMark = [4]byte{'m', Version, 0, 0}

// Again reports whether r asks for what last asked for, at another t.
func (r *Request) Again(last *Request) bool {
	if r.Measure == nil || last.Measure == nil || r.ID < 0 || r.ID > math.MaxUint32 || !slices.Equal(r.Helpers, last.Helpers) {
		return false
	}
	a, b := *r.Measure, *last.Measure
	a.T = b.T
	return reflect.DeepEqual(a, b)
}

// EncodeAgain writes its number and its t: mark, ID, t, little-endian.
func EncodeAgain(id int, t float64) (b [AgainSize]byte) {
	copy(b[:], againMark[:])
	binary.LittleEndian.PutUint32(b[4:], uint32(id))
	binary.LittleEndian.PutUint64(b[8:], math.Float64bits(t))
	return b
}

// DecodeAgain is the request last once more, as b says.
func DecodeAgain(b []byte, last *Request) (Request, error) {
	if len(b) != AgainSize || [4]byte(b[:4]) != againMark {
		return Request{}, fmt.Errorf("jobs: %d bytes that are no request of version %d: reload the page", len(b), Version)
	}
	t := math.Float64frombits(binary.LittleEndian.Uint64(b[8:]))
	if !(t >= 1) || math.IsInf(t, 0) {
		return Request{}, fmt.Errorf("jobs: t = %v: want a finite number, at least 1", t)
	}
	if last.Measure == nil {
		return Request{}, fmt.Errorf("jobs: a measurement is asked for once more, and none was before")
	}
	// What was sent does not change: the one before may still wait.
	r, m := *last, *last.Measure
	r.ID, m.T, r.Measure = int(binary.LittleEndian.Uint32(b[4:])), t, &m
	return r, nil
}
