package state

import (
	"clexlab/clex"
	"clexlab/viz/scene"
)

// field is the one of a training as it stood after so many steps; network is nil before it is known.
type field struct {
	step    int
	network *clex.Network
}

// learn takes in where the field of a training stands.
func (s *State) learn(step int, network *clex.Network) []Effect {
	if network == nil {
		return nil
	}
	s.Training.field = field{step, network}
	return []Effect{ShowView{}}
}

// Pictured is the model that pictures of frequencies show: the one in use, with the field of a training for as long as that runs.
func (s *State) Pictured() *Model {
	t, m := &s.Training, s.Current()
	if t.Job == 0 || t.field.network == nil {
		return m
	}
	learning := *m
	learning.Network, learning.Learning = t.field.network, &scene.Learning{Step: t.field.step}
	if t.Asked != nil {
		learning.Learning.TMax = t.Asked.TMax
	}
	return &learning
}
