package work

import (
	"encoding/json"
	"fmt"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/wasm/wire"
	"clexlab/wasm/wire/jobs"
)

// Note is what the workers of a page tell each other while they read a text together. One of them, the leader, asks
// others whether they are free and gives each that is a chunk of the text; the keys and values of every layer go from each to the
// one behind it, what was seen goes to the leader, who reads the last chunk.
type Note struct {
	Version int      `json:"v"`
	Kind    noteKind `json:"kind"`
	// Reading is the text's number, drawn by the leader.
	Reading int64 `json:"reading,string"`
	// Weights name the set that reads, "" for the one that was loaded first.
	Weights string `json:"weights,omitempty"`
	Chunk   *chunk `json:"chunk,omitempty"`
	// Layer and To say of which layer the keys and values in Tables are, and for how many positions.
	Layer int          `json:"layer,omitempty"`
	To    int          `json:"to,omitempty"`
	Seen  *observation `json:"seen,omitempty"`
	// Why is a refusal's reason, for whoever debugs it.
	Why    string      `json:"why,omitempty"`
	Tables [][]float32 `json:"-"`
	// from is the worker that it came from.
	from int
}

type noteKind string

const (
	askNote    noteKind = "ask"    // are you free?
	freeNote   noteKind = "free"   // yes
	busyNote   noteKind = "busy"   // no, or not any more
	chunkNote  noteKind = "chunk"  // read this
	keysNote   noteKind = "keys"   // what the next one needs of a layer
	aliveNote  noteKind = "alive"  // a reading takes long
	lookedNote noteKind = "looked" // the chunk is read, and this was seen
	stopNote   noteKind = "stop"   // it is not wanted any more
)

// chunk is what a worker is to read of a text: tokens From to To.
type chunk struct {
	Encoding clex.Encoding `json:"encoding"`
	Tokens   []int32       `json:"tokens"`
	From     int           `json:"from"`
	To       int           `json:"to"`
	// After is the worker whose chunk follows, -1 for the leader.
	After int         `json:"after"`
	Look  observation `json:"look"`
}

// observation is the part of an observer that chunks are observed for: what it asks, or what it has seen.
type observation struct {
	Loss     *model.LossTrace         `json:"loss,omitempty"`
	Maps     []*model.AttentionMap    `json:"maps,omitempty"`
	Profiles []*model.DistanceProfile `json:"profiles,omitempty"`
}

// asked is what o asks for, without what it has seen; ok is false where it asks for more than chunks are observed for.
func asked(o *model.Observer) (l observation, ok bool) {
	if o == nil {
		return l, true
	}
	if o.Loss != nil {
		l.Loss = &model.LossTrace{From: o.Loss.From}
	}
	for _, m := range o.Maps {
		l.Maps = append(l.Maps, &model.AttentionMap{Layer: m.Layer, Head: m.Head, MaxCells: m.MaxCells})
	}
	for _, p := range o.Profiles {
		l.Profiles = append(l.Profiles, &model.DistanceProfile{Layer: p.Layer, Head: p.Head, Edges: p.Edges})
	}
	return l, o.Norms == nil && len(o.Rows) == 0
}

func (l *observation) observer() *model.Observer {
	return &model.Observer{Loss: l.Loss, Maps: l.Maps, Profiles: l.Profiles}
}

// pack takes the tables out of what was seen, so that they travel as they are; unpack puts them back.
func (l *observation) pack() (light *observation, tables [][]float32) {
	light = &observation{Profiles: l.Profiles}
	if l.Loss != nil {
		tables = append(tables, l.Loss.NLL)
		light.Loss = &model.LossTrace{From: l.Loss.From, First: l.Loss.First}
	}
	for _, m := range l.Maps {
		tables = append(tables, m.Mean, m.Max)
		bare := *m
		bare.Mean, bare.Max = nil, nil
		light.Maps = append(light.Maps, &bare)
	}
	return light, tables
}

func (l *observation) unpack(tables [][]float32) error {
	want := 2 * len(l.Maps)
	if l.Loss != nil {
		want++
	}
	if len(tables) != want {
		return fmt.Errorf("%d tables of what was seen, want %d", len(tables), want)
	}
	if l.Loss != nil {
		l.Loss.NLL, tables = tables[0], tables[1:]
	}
	for i, m := range l.Maps {
		m.Mean, m.Max = tables[2*i], tables[2*i+1]
	}
	return nil
}

// Frame takes a note apart for its way.
func (n *Note) Frame() (wire.Frame, error) {
	n.Version = jobs.Version
	head, err := json.Marshal(n)
	if err != nil {
		return wire.Frame{}, fmt.Errorf("a note between workers: %w", err)
	}
	return wire.Frame{Head: head, Tables: n.Tables}, nil
}

// ReadNote puts a note together again.
func ReadNote(f wire.Frame) (*Note, error) {
	n := &Note{}
	if err := json.Unmarshal(f.Head, n); err != nil {
		return nil, fmt.Errorf("a note between workers: %w", err)
	}
	n.Tables = f.Tables
	switch {
	case n.Version != jobs.Version:
		return nil, fmt.Errorf("a note of version %d between workers, this one speaks %d: reload the page", n.Version, jobs.Version)
	case n.Kind == chunkNote && (n.Chunk == nil || n.Chunk.From < 0 || n.Chunk.From >= n.Chunk.To || n.Chunk.To > len(n.Chunk.Tokens)):
		return nil, fmt.Errorf("a note that gives a worker no chunk of a text")
	case n.Kind == keysNote && len(n.Tables) != 2:
		return nil, fmt.Errorf("keys and values of a layer in %d tables, want 2", len(n.Tables))
	case n.Kind == lookedNote:
		if n.Seen == nil {
			return nil, fmt.Errorf("a note of nothing seen")
		}
		return n, n.Seen.unpack(n.Tables)
	}
	return n, nil
}
