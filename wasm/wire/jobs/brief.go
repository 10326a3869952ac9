package jobs

import (
	"fmt"
	"reflect"

	"clexlab/viz/scene"
	"clexlab/wasm/wire"
)

// Brief is an answer to a measurement as bytes, where it is one of those that come again and again while t is dragged: the end
// of one, or what maps sum up to. It is a mark, its small fields, and behind them those of what maps sum up to, with their tables.
func Brief(a Answer) ([]byte, bool) {
	m, summed := a.View.(*scene.MapsSummary)
	plain := Answer{Number: a.Number, ID: a.ID, Kind: Measuring, Done: a.Done, StopReason: a.StopReason, Memory: a.Memory, View: a.View}
	if a.Version = 0; !summed && (a.View != nil || !a.Done) || !reflect.DeepEqual(a, plain) {
		return nil, false
	}
	b, err := wire.AppendFields(briefMark[:], &briefHead{Number: a.Number, ID: a.ID, Memory: a.Memory, Done: a.Done, StopReason: a.StopReason, Summed: summed})
	if summed && err == nil {
		if b, err = wire.AppendFields(b, m); err == nil {
			b = wire.AppendTables(b, m)
		}
	}
	return b, err == nil
}

// briefMark begins such an answer: "a" and the version.
var briefMark = [2]byte{'a', Version}

type briefHead struct {
	Number, ID   int
	Memory       int64
	Done, Summed bool
	StopReason   StopReason
}

// ReadBrief reads it again.
func ReadBrief(b []byte) (Answer, error) {
	if len(b) < len(briefMark) || [2]byte(b) != briefMark {
		return Answer{}, fmt.Errorf("jobs: %d bytes that are no answer of version %d: reload the page", len(b), Version)
	}
	var h briefHead
	rest, err := wire.ReadFields(b[len(briefMark):], &h)
	a := Answer{Version: Version, Number: h.Number, ID: h.ID, Kind: Measuring, Done: h.Done, StopReason: h.StopReason, Memory: h.Memory}
	if err != nil || !h.Summed {
		return a, err
	}
	m := new(scene.MapsSummary)
	if rest, err = wire.ReadFields(rest, m); err != nil {
		return a, err
	}
	if _, err = wire.ReadTables(rest, m); err != nil {
		return a, err
	}
	a.View = m
	return a, nil
}
