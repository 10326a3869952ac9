package wire

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"clexlab/viz/scene"
)

// Version is the version of the messages between page and picture.
const Version = 4

// Frame is a message taken apart for postMessage.
type Frame struct {
	// Head is the JSON header: version, kind and the message's small fields.
	Head []byte
	// Tables are the message's fields of numbers, in their order.
	Tables [][]float32
	// Blob is the file of the message, or nil.
	Blob []byte
}

// Bytes is the size of the frame on its way.
func (f *Frame) Bytes() int {
	n := len(f.Head) + len(f.Blob)
	for _, t := range f.Tables {
		n += 4 * len(t)
	}
	return n
}

type head struct {
	Version int             `json:"v"`
	Kind    string          `json:"kind"`
	Body    json.RawMessage `json:"body"`
}

const maxHead = 8 << 20

var (
	tableType = reflect.TypeFor[[]float32]()
	blobType  = reflect.TypeFor[[]byte]()
	kinds     = map[string]reflect.Type{}
)

func init() {
	for _, m := range scene.Messages {
		t := reflect.TypeOf(m)
		kinds[kind(t)] = t
	}
}

// kind is how a type of message is called on its way: "maps" for scene.Maps.
func kind(t reflect.Type) string { return strings.ToLower(t.Name()) }

// Encode takes a message apart; m points to one of scene.Messages. Tables are shared with m,
// not copied.
func Encode(m any) (Frame, error) {
	v := reflect.Indirect(reflect.ValueOf(m))
	name := kind(v.Type())
	if kinds[name] != v.Type() {
		return Frame{}, fmt.Errorf("wire: %T is no message of the picture", m)
	}
	body, err := json.Marshal(m)
	if err != nil {
		return Frame{}, fmt.Errorf("wire: %s: %w", name, err)
	}
	f := Frame{}
	if f.Head, err = json.Marshal(head{Version, name, body}); err != nil {
		return Frame{}, fmt.Errorf("wire: %s: %w", name, err)
	}
	f.takeTables(v)
	for i := range v.NumField() {
		if field := v.Field(i); field.Type() == blobType {
			f.Blob = field.Bytes()
		}
	}
	return f, nil
}

// takeTables makes the tables of a struct the frame's.
func (f *Frame) takeTables(v reflect.Value) {
	for _, t := range tablesOf(v) {
		f.Tables = append(f.Tables, t.Interface().([]float32))
	}
}

// giveTables makes the frame's tables those of a struct.
func (f *Frame) giveTables(v reflect.Value) error {
	tables := tablesOf(v)
	if len(tables) != len(f.Tables) {
		return fmt.Errorf("wire: %s with %d tables: want %d", kind(v.Type()), len(f.Tables), len(tables))
	}
	for i, t := range tables {
		t.Set(reflect.ValueOf(f.Tables[i]))
	}
	return nil
}

// Decode puts a message together again, as a pointer, and has it check itself. The message
// keeps the frame's tables.
func Decode(f Frame) (any, error) {
	if len(f.Head) > maxHead {
		return nil, fmt.Errorf("wire: header of %d bytes: want at most %d", len(f.Head), maxHead)
	}
	var h head
	if err := json.Unmarshal(f.Head, &h); err != nil {
		return nil, fmt.Errorf("wire: header: %w", err)
	}
	if h.Version != Version {
		return nil, fmt.Errorf("wire: message of version %d, this program speaks version %d: reload the page", h.Version, Version)
	}
	t := kinds[h.Kind]
	if t == nil {
		return nil, fmt.Errorf("wire: message of unknown kind %q", h.Kind)
	}
	p := reflect.New(t)
	m, v := p.Interface(), p.Elem()
	if err := json.Unmarshal(h.Body, m); err != nil {
		return nil, fmt.Errorf("wire: %s: %w", h.Kind, err)
	}
	if err := f.giveTables(v); err != nil {
		return nil, err
	}
	for i := range v.NumField() {
		if field := v.Field(i); field.Type() == blobType {
			field.SetBytes(f.Blob)
		}
	}
	if c, ok := m.(interface{ Check() error }); ok {
		if err := c.Check(); err != nil {
			return nil, fmt.Errorf("wire: %s: %w", h.Kind, err)
		}
	}
	return m, nil
}
