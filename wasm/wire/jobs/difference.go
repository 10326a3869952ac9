package jobs

import "errors"

// Difference is a file that weights are put together from, with others that they differ little from: see package difference.
type Difference struct {
	Address string `json:"address"`
	// Of is the address of those others.
	Of string `json:"of"`
	// Last is set where those others are not at hand, so that both together would be more than the weights whole: those are
	// asked for first.
	Last bool `json:"last,omitempty"`
}

// at is the same with its addresses as below makes them, nil for nil.
func (d *Difference) at(below func(string) string) *Difference {
	if d == nil {
		return nil
	}
	return &Difference{below(d.Address), below(d.Of), d.Last}
}

func (d *Difference) check() error {
	if d != nil && (d.Address == "" || d.Of == "") {
		return errors.New("a difference needs an address and what it is from")
	}
	return nil
}
