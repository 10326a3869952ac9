package jobs

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"

	"clexlab/viz/scene"
)

// Brief is an answer to a measurement as bytes, where it is one of those that come again and again while t is dragged: the end
// of one, or what maps sum up to. It is a mark, its fields in their order, little-endian, and the tables behind them.
func Brief(a Answer) ([]byte, bool) {
	m, summed := a.View.(*scene.MapsSummary)
	plain := Answer{Number: a.Number, ID: a.ID, Kind: Measuring, Done: a.Done, StopReason: a.StopReason, Memory: a.Memory, View: a.View}
	if a.Version = 0; !summed && (a.View != nil || !a.Done) || a.ID < 0 || a.ID > math.MaxUint32 || a.Number < 0 || a.Number > math.MaxUint32 || !reflect.DeepEqual(a, plain) {
		return nil, false
	}
	h := briefHead{Mark: briefMark, Number: uint32(a.Number), ID: uint32(a.ID), Memory: a.Memory, Done: a.Done, Stopped: a.StopReason == StopCancelled}
	if a.StopReason != "" && !h.Stopped {
		return nil, false
	}
	if summed {
		h.Summed, h.Coarse, h.T, h.Subject, h.Revision = true, m.Coarse, m.T, int64(m.Subject), int64(m.Revision)
		h.Layers, h.Heads, h.QueryFrom, h.QueryTo = int32(m.Layers), int32(m.Heads), int32(m.QueryFrom), int32(m.QueryTo)
		h.Name = uint8(copy(h.Method[:], m.Method))
		if len(m.Method) > len(h.Method) {
			return nil, false
		}
		for i, t := range tablesOf(m) {
			h.Lengths[i] = uint32(len(*t))
		}
	}
	b, err := binary.Append(nil, binary.LittleEndian, h)
	for i := 0; summed && err == nil && i < len(h.Lengths); i++ {
		b, err = binary.Append(b, binary.LittleEndian, *tablesOf(m)[i])
	}
	return b, err == nil
}

// briefMark begins such an answer: "a" and the version.
var briefMark = [2]byte{'a', Version}

type briefHead struct {
	Mark                              [2]byte
	Done, Stopped, Summed, Coarse     bool
	Name                              uint8
	Method                            [33]byte
	Number, ID                        uint32
	Memory, Subject, Revision         int64
	T                                 float64
	Layers, Heads, QueryFrom, QueryTo int32
	Lengths                           [4]uint32
}

func tablesOf(m *scene.MapsSummary) [4]*[]float32 {
	return [4]*[]float32{&m.Largest, &m.Nearest, &m.Farthest, &m.Lookback}
}

// ReadBrief reads it again.
func ReadBrief(b []byte) (a Answer, err error) {
	var h briefHead
	n, err := binary.Decode(b, binary.LittleEndian, &h)
	if err != nil || h.Mark != briefMark || int(h.Name) > len(h.Method) {
		return a, fmt.Errorf("jobs: %d bytes that are no answer of version %d: reload the page", len(b), Version)
	}
	a = Answer{Version: Version, Number: int(h.Number), ID: int(h.ID), Kind: Measuring, Done: h.Done, Memory: h.Memory}
	if h.Stopped {
		a.StopReason = StopCancelled
	}
	if !h.Summed {
		return a, nil
	}
	m := &scene.MapsSummary{Method: string(h.Method[:h.Name]), T: h.T, Subject: int(h.Subject), Revision: int(h.Revision), Coarse: h.Coarse,
		Layers: int(h.Layers), Heads: int(h.Heads), QueryFrom: int(h.QueryFrom), QueryTo: int(h.QueryTo)}
	for i, t := range tablesOf(m) {
		if uint64(h.Lengths[i])*4 > uint64(len(b)-n) {
			return a, fmt.Errorf("jobs: a table of %d numbers in %d bytes", h.Lengths[i], len(b)-n)
		}
		if h.Lengths[i] > 0 {
			*t = make([]float32, h.Lengths[i])
			k, _ := binary.Decode(b[n:], binary.LittleEndian, *t)
			n += k
		}
	}
	if c, ok := any(m).(interface{ Check() error }); ok {
		if err := c.Check(); err != nil {
			return a, fmt.Errorf("jobs: %w", err)
		}
	}
	a.View = m
	return a, nil
}
