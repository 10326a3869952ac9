//go:build js && wasm

package main

import (
	"fmt"

	"clexlab/clex"
	"clexlab/viz"
	"clexlab/viz/paint"
	"clexlab/wasm/wire"
)

func stateOf(m *wire.ViewState) (viz.State, error) {
	s := viz.State{
		ReducedMotion: m.ReducedMotion, Scene: viz.Scene(m.Scene), T: m.T, TMax: m.TMax, Active: m.Active,
		Solver: m.Solver, Step: m.Step, Tolerance: m.Tolerance, Field: m.Field, Marks: m.Marks,
		Pair: m.Pair, Layer: m.Layer, Head: m.Head, Mean: m.Pool == "mean", Token: m.Token, Perplexity: m.Perplexity,
	}
	s.Theme = viz.LightTheme
	if m.Theme.Dark {
		s.Theme = viz.DarkTheme
	}
	for _, c := range []struct {
		from string
		to   *paint.Color
	}{
		{m.Theme.Background, &s.Theme.Background}, {m.Theme.Ink, &s.Theme.Ink}, {m.Theme.Muted, &s.Theme.Muted},
		{m.Theme.Grid, &s.Theme.Grid}, {m.Theme.Accent, &s.Theme.Accent},
	} {
		if c.from == "" {
			continue
		}
		color, err := paint.ParseColor(c.from)
		if err != nil {
			return s, fmt.Errorf("theme: %w", err)
		}
		*c.to = color
	}
	if m.Theme.FontSize > 0 {
		s.Theme.FontSize = min(max(m.Theme.FontSize, 8), 32)
	}
	for _, w := range m.Methods {
		color := s.Theme.Ink
		if w.Color != "" {
			c, err := paint.ParseColor(w.Color)
			if err != nil {
				return s, fmt.Errorf("method %q: %w", w.Name, err)
			}
			color = c
		}
		s.Methods = append(s.Methods, viz.Method{
			Name: w.Name, Label: w.Label, Color: color, Dash: w.Dash, Shown: w.Shown,
			Options: clex.Options{LogN: w.LogN, TurnsLow: w.TurnsLow, TurnsHigh: w.TurnsHigh, Factor: w.Factor, Discard: w.Discard, Local: w.Local},
		})
	}
	return s, nil
}

func modelOf(m *wire.ViewModel) (viz.Model, error) {
	out := viz.Model{
		Name: m.Name, Layers: m.Layers, Heads: m.Heads,
		Rotary: clex.Rotary{HeadDim: m.HeadDim, Dims: m.Dims, Base: m.Base, Window: m.Window},
	}
	if err := out.Rotary.Validate(); err != nil {
		return out, err
	}
	if m.Hidden == 0 {
		return out, nil
	}
	n := &clex.Network{Dims: m.Dims, Hidden: m.Hidden, Up: wide(m.Up), Down: wide(m.Down), PriorBase: m.PriorBase}
	if m.Act != "" {
		act, err := clex.ParseActivation(m.Act)
		if err != nil {
			return out, err
		}
		n.Act = act
	}
	out.Network = n
	return out, n.Validate()
}

func wide(narrow []float32) []float64 {
	out := make([]float64, len(narrow))
	for i, v := range narrow {
		out[i] = float64(v)
	}
	return out
}

func mapsOf(m *wire.ViewMaps) *viz.Maps {
	return &viz.Maps{
		Method: m.Method, T: m.T, Revision: m.Revision, Coarse: m.Coarse, Need: m.Need, Layer: m.Layer, Head: m.Head,
		Layers: m.Layers, Heads: m.Heads, QueryFrom: m.QueryFrom, QueryTo: m.QueryTo, KeyFrom: m.KeyFrom, KeyTo: m.KeyTo,
		Rows: m.Rows, Cols: m.Cols, Bins: m.Bins, Max: m.Max, Mean: m.Mean, Profile: m.Profile, Distances: m.Distances, Keys: m.Keys, Queries: m.Queries,
	}
}

// tell turns an event of the view into a message for the page.
func tell(e viz.Event) wire.ViewMessage {
	switch e := e.(type) {
	case viz.DragEvent:
		return &wire.ViewDrag{Phase: e.Phase, T: e.T, Seq: e.Seq}
	case viz.HoverEvent:
		return &wire.ViewHover{
			Scene: string(e.Scene), Text: e.Text, Method: e.Method, Pair: e.Pair, T: e.T, InvFreq: e.InvFreq, Wavelength: e.Wavelength,
			Turns: e.Turns, Layer: e.Layer, Head: e.Head, Weight: e.Weight, Query: e.Query, QueryTo: e.QueryTo, Key: e.Key, KeyTo: e.KeyTo, NLL: e.NLL,
		}
	case viz.SelectEvent:
		pool := "max"
		if e.Mean {
			pool = "mean"
		}
		return &wire.ViewSelect{Scene: string(e.Scene), Pair: e.Pair, Layer: e.Layer, Head: e.Head, Pool: pool}
	case viz.NeedEvent:
		return &wire.ViewNeed{
			ID: e.ID, Layer: e.Layer, Head: e.Head, QueryFrom: e.QueryFrom, QueryTo: e.QueryTo, KeyFrom: e.KeyFrom, KeyTo: e.KeyTo, Rows: e.Rows, Cols: e.Cols,
		}
	}
	return nil
}
