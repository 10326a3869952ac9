package evaluate

import "slices"

// Merge takes over from another measurement of the same row on the same texts what m lacks: lengths that m does not have or has on
// fewer windows, questions that m was not asked or fewer of, and the losses by position of the longer text. What was
// merged from is not shared with m, but its slices of losses are.
func (m *Measurement) Merge(o *Measurement) {
	for i, n := range o.Lengths {
		at, found := slices.BinarySearch(m.Lengths, n)
		if found && len(m.Losses[at]) >= len(o.Losses[i]) {
			continue
		}
		m.Lengths = put(m.Lengths, at, found, n)
		m.Losses = put(m.Losses, at, found, o.Losses[i])
		m.Perplexity = put(m.Perplexity, at, found, o.Perplexity[i])
		m.Low, m.High = put(m.Low, at, found, o.Low[i]), put(m.High, at, found, o.High[i])
	}
	if o.PositionLength > m.PositionLength {
		m.PositionLength, m.PositionStep, m.LossByPosition = o.PositionLength, o.PositionStep, o.LossByPosition
	}
	for i := range o.Recall {
		from := &o.Recall[i]
		to := m.RecallOf(from.Probe)
		if to == nil {
			m.Recall = append(m.Recall, Recall{Probe: from.Probe})
			to = &m.Recall[len(m.Recall)-1]
		}
		for k, n := range from.Lengths {
			at, found := slices.BinarySearch(to.Lengths, n)
			if found && to.Questions[at] >= from.Questions[k] {
				continue
			}
			to.Lengths = put(to.Lengths, at, found, n)
			to.Questions, to.Right = put(to.Questions, at, found, from.Questions[k]), put(to.Right, at, found, from.Right[k])
		}
	}
}

// put is list with v at a place: in place of what is there if found, else before it. The list that it was made of stays as it is.
func put[T any](list []T, at int, found bool, v T) []T {
	list = slices.Clone(list)
	if found {
		list[at] = v
		return list
	}
	return slices.Insert(list, at, v)
}

// RecallOf is what m, which may be nil, holds of a probe, nil if nothing.
func (m *Measurement) RecallOf(probe string) *Recall {
	if m == nil {
		return nil
	}
	for i := range m.Recall {
		if m.Recall[i].Probe == probe {
			return &m.Recall[i]
		}
	}
	return nil
}

// At is the index of a length, -1 if no question of it was asked.
func (x *Recall) At(length int) int {
	if x == nil {
		return -1
	}
	return slices.Index(x.Lengths, length)
}

func (x *Recall) questionsAt(length int) int {
	if i := x.At(length); i >= 0 {
		return x.Questions[i]
	}
	return 0
}
