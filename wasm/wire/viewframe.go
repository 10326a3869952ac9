package wire

import (
	"encoding/json"
	"fmt"
)

// ViewVersion is the version of the messages between page and view. Each side
// refuses frames of another version, so an old view in a cache says so instead
// of drawing nonsense.
const ViewVersion = 1

// ViewMessage is a message between page and view: one of the View… structs.
// Settings and small facts travel as JSON; tables of numbers and files travel
// beside it as transferable buffers, which the fields tagged json:"-" hold.
type ViewMessage interface {
	viewKind() string
	// floats lists the message's tables, in the order in which they travel.
	floats() []*[]float32
	// blob is the message's file, or nil if it never has one.
	blob() *[]byte
}

// ViewFrame is a message taken apart for postMessage.
type ViewFrame struct {
	// Head is the JSON header: version, kind and the message's small fields.
	Head []byte
	// Floats are the tables of the message.
	Floats [][]float32
	// Blob is the file of the message, or nil.
	Blob []byte
}

type viewHead struct {
	Version int             `json:"v"`
	Kind    string          `json:"kind"`
	Body    json.RawMessage `json:"body"`
}

const maxViewHead = 8 << 20

// EncodeView takes a message apart. Tables are shared with m, not copied.
func EncodeView(m ViewMessage) (ViewFrame, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return ViewFrame{}, fmt.Errorf("wire: %s: %w", m.viewKind(), err)
	}
	head, err := json.Marshal(viewHead{ViewVersion, m.viewKind(), body})
	if err != nil {
		return ViewFrame{}, fmt.Errorf("wire: %s: %w", m.viewKind(), err)
	}
	f := ViewFrame{Head: head}
	for _, s := range m.floats() {
		f.Floats = append(f.Floats, *s)
	}
	if b := m.blob(); b != nil {
		f.Blob = *b
	}
	return f, nil
}

// DecodeView puts a message together again and checks that its tables have the
// sizes its header speaks of. The message keeps the frame's tables.
func DecodeView(f ViewFrame) (ViewMessage, error) {
	if len(f.Head) > maxViewHead {
		return nil, fmt.Errorf("wire: view header of %d bytes: want at most %d", len(f.Head), maxViewHead)
	}
	var h viewHead
	if err := json.Unmarshal(f.Head, &h); err != nil {
		return nil, fmt.Errorf("wire: view header: %w", err)
	}
	if h.Version != ViewVersion {
		return nil, fmt.Errorf("wire: view message of version %d, this program speaks version %d: reload the page", h.Version, ViewVersion)
	}
	m := newViewMessage(h.Kind)
	if m == nil {
		return nil, fmt.Errorf("wire: view message of unknown kind %q", h.Kind)
	}
	if err := json.Unmarshal(h.Body, m); err != nil {
		return nil, fmt.Errorf("wire: %s: %w", h.Kind, err)
	}
	want := m.floats()
	if len(f.Floats) != len(want) {
		return nil, fmt.Errorf("wire: %s with %d tables: want %d", h.Kind, len(f.Floats), len(want))
	}
	for i := range want {
		*want[i] = f.Floats[i]
	}
	if b := m.blob(); b != nil {
		*b = f.Blob
	}
	if c, ok := m.(interface{ check() error }); ok {
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("wire: %s: %w", h.Kind, err)
		}
	}
	return m, nil
}

func newViewMessage(kind string) ViewMessage {
	for _, make := range viewKinds {
		if m := make(); m.viewKind() == kind {
			return m
		}
	}
	return nil
}

var viewKinds = []func() ViewMessage{
	func() ViewMessage { return new(ViewState) },
	func() ViewMessage { return new(ViewModel) },
	func() ViewMessage { return new(ViewText) },
	func() ViewMessage { return new(ViewMaps) },
	func() ViewMessage { return new(ViewLoss) },
	func() ViewMessage { return new(ViewRecall) },
	func() ViewMessage { return new(ViewKey) },
	func() ViewMessage { return new(ViewExport) },
	func() ViewMessage { return new(ViewHello) },
	func() ViewMessage { return new(ViewDrag) },
	func() ViewMessage { return new(ViewHover) },
	func() ViewMessage { return new(ViewSelect) },
	func() ViewMessage { return new(ViewStats) },
	func() ViewMessage { return new(ViewNeed) },
	func() ViewMessage { return new(ViewExported) },
	func() ViewMessage { return new(ViewFault) },
}

// noTables is for messages that are JSON alone.
type noTables struct{}

func (noTables) floats() []*[]float32 { return nil }
func (noTables) blob() *[]byte        { return nil }

func tableSize(name string, table []float32, dims ...int) error {
	want := 1
	for _, d := range dims {
		if d < 0 || d > 1<<24 || want > 1<<28/max(d, 1) {
			return fmt.Errorf("%s of shape %v: too large or negative", name, dims)
		}
		want *= d
	}
	if len(table) != want {
		return fmt.Errorf("%s has %d numbers: want %v = %d", name, len(table), dims, want)
	}
	return nil
}
