package wire

import (
	"fmt"
	"reflect"

	"clexlab/viz/scene"
)

// mapsMark begins the head of maps: "m" and the version.
var mapsMark = [2]byte{'m', Version}

// EncodeMaps takes maps apart for the port between an engine's worker and the picture: as Encode does, but with a
// head of bytes, as they come while t is dragged.
func EncodeMaps(m *scene.Maps) (f Frame, err error) {
	if f.Head, err = AppendFields(mapsMark[:], m); err != nil {
		return f, err
	}
	f.takeTables(reflect.ValueOf(m).Elem())
	return f, nil
}

// DecodeMaps puts them together again and checks them. The maps keep the frame's tables.
func DecodeMaps(f Frame) (*scene.Maps, error) {
	if len(f.Head) < len(mapsMark) || [2]byte(f.Head) != mapsMark {
		return nil, fmt.Errorf("wire: %d bytes that are no maps of version %d: reload the page", len(f.Head), Version)
	}
	m := new(scene.Maps)
	rest, err := ReadFields(f.Head[len(mapsMark):], m)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("wire: maps with %d bytes too many", len(rest))
	}
	if err := f.giveTables(reflect.ValueOf(m).Elem()); err != nil {
		return nil, err
	}
	if err := m.Check(); err != nil {
		return nil, fmt.Errorf("wire: maps: %w", err)
	}
	return m, nil
}
