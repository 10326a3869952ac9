package model

import (
	"errors"
	"slices"
)

// Join makes o, which observed a chunk of a text (see Sequence.PrefillTogether), what one observer of that chunk and the
// one before it is; before observed that one and was asked for the same. Losses, norms, rows, peaks and all cells of maps but those in the row that the
// cut goes through are one reader's to the bit, their means and profiles to rounding.
func (o *Observer) Join(before *Observer) error {
	if (o.Loss == nil) != (before.Loss == nil) || (o.Norms == nil) != (before.Norms == nil) || len(o.Maps) != len(before.Maps) ||
		len(o.Rows) != len(before.Rows) || len(o.Profiles) != len(before.Profiles) {
		return errors.New("model: two chunks of a text were asked different things")
	}
	for i, m := range o.Maps {
		b := before.Maps[i]
		if b.Layer != m.Layer || b.Head != m.Head || b.To != m.To || b.From != m.From || b.Rows != m.Rows || b.Cols != m.Cols || b.ReadTo != m.ReadFrom ||
			len(b.Mean) != len(m.Mean) || len(b.Max) != len(m.Max) {
			return errors.New("model: the maps of two chunks do not belong together")
		}
	}
	for i, p := range o.Profiles {
		if b := before.Profiles[i]; b.Layer != p.Layer || b.Head != p.Head || len(b.Mass) != len(p.Mass) || len(b.Pairs) != len(p.Pairs) {
			return errors.New("model: the distance profiles of two chunks do not belong together")
		}
	}
	for i, m := range o.Maps {
		m.join(before.Maps[i])
	}
	for i, p := range o.Profiles {
		p.join(before.Profiles[i])
	}
	for i, r := range o.Rows {
		r.From, r.Weights = before.Rows[i].From, slices.Concat(before.Rows[i].Weights, r.Weights)
	}
	if o.Loss != nil {
		o.Loss.First, o.Loss.NLL = before.Loss.First, slices.Concat(before.Loss.NLL, o.Loss.NLL)
	}
	if o.Norms != nil {
		for l := range o.Norms.Layers {
			o.Norms.Layers[l] = slices.Concat(before.Norms.Layers[l], o.Norms.Layers[l])
		}
	}
	return nil
}

func (m *AttentionMap) join(before *AttentionMap) {
	cut := m.ReadFrom
	for row := range m.Rows {
		at := row * m.Cols
		switch {
		case m.From+m.firstQuery(row) >= cut:
		case m.From+m.firstQuery(row+1) <= cut:
			copy(m.Mean[at:at+m.Cols], before.Mean[at:])
			copy(m.Max[at:at+m.Cols], before.Max[at:])
		default:
			for col := range m.Cols {
				here, there := m.pairs(row, col), before.pairs(row, col)
				if here+there > 0 {
					m.Mean[at+col] = float32((float64(here)*float64(m.Mean[at+col]) + float64(there)*float64(before.Mean[at+col])) / float64(here+there))
				}
				m.Max[at+col] = max(m.Max[at+col], before.Max[at+col])
			}
		}
	}
	m.ReadFrom = before.ReadFrom
}

func (p *DistanceProfile) join(before *DistanceProfile) {
	here, there := float64(p.Queries), float64(before.Queries)
	for b := range p.Mass {
		p.Mass[b] = (here*p.Mass[b] + there*before.Mass[b]) / max(1, here+there)
		p.Pairs[b] += before.Pairs[b]
	}
	p.Queries += before.Queries
}
