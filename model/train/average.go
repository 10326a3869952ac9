package train

import "clexlab/clex"

// average moves the running mean of all weights, from the step at which the recipe lets it begin.
func (t *Trainer) average() {
	a := t.Recipe.Average
	if a == nil {
		return
	}
	first := int(a.From * float64(t.Recipe.Steps))
	if t.step < first {
		return
	}
	share := 1 - a.Decay
	if t.step <= max(1, first) {
		share = 1
	}
	w := t.Parameters.Flat
	overCores(len(w), func(from, to int) {
		for i := from; i < to; i++ {
			t.mean[i] += float32(share) * (w[i] - t.mean[i])
		}
	})
	if t.Field != nil {
		t.Field.average(share)
	}
}

// begun tells whether the running mean holds anything.
func (t *Trainer) begun() bool {
	return t.mean != nil && t.step >= max(1, int(t.Recipe.Average.From*float64(t.Recipe.Steps)))
}

// averaged are the weights as an average of the run, or as they are where the recipe has none.
func (t *Trainer) averaged() *Parameters {
	if !t.begun() {
		return t.Parameters
	}
	return &Parameters{Config: t.Parameters.Config, spans: t.Parameters.spans, Flat: t.mean}
}

// Result is what the run leaves behind as it stands: its weights, averaged and merged with those it
// began with where the recipe says so, and the CLEX network, nil for other schemes.
func (t *Trainer) Result() (*Parameters, *clex.Network, error) {
	p := t.averaged()
	var network *clex.Network
	if t.Field != nil {
		network = t.Field.Network
		if t.begun() {
			network = t.Field.averaged()
		}
	}
	if share := t.Recipe.Merge; share > 0 {
		var err error
		if p, err = p.Merged(t.start, share); err != nil {
			return nil, nil, err
		}
	}
	return p, network, nil
}
