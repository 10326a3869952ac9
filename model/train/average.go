package train

import "clexlab/clex"

// share is how far the running mean moves after the given step of so many, and whether it begins there. A nil Average never moves it.
func (a *Average) share(step, steps int) (share float64, begins bool) {
	if a == nil {
		return 0, false
	}
	switch first := max(1, int(a.From*float64(steps))); {
	case step < first:
		return 0, false
	case step == first:
		return 1, true
	}
	return 1 - a.Decay, false
}

// averaged are the weights as an average of the run, or as they are where there is none yet.
func (t *Trainer) averaged() *Parameters {
	if a := t.Recipe.Average; a == nil || t.step < max(1, int(a.From*float64(t.Recipe.Steps))) {
		return t.Parameters
	}
	return &Parameters{Config: t.Parameters.Config, Layout: t.Parameters.Layout, Flat: t.vectors.Mean}
}

// Result is what the run leaves behind as it stands, after [Trainer.Store]: its weights, averaged and
// merged with those it began with where the recipe says so, and the CLEX network, nil for other schemes.
func (t *Trainer) Result() (*Parameters, *clex.Network, error) {
	p := t.averaged()
	var network *clex.Network
	if t.Field != nil {
		network = t.Field.Network
		if p != t.Parameters {
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
