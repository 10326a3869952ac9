// Package flow turns schemes of clex into what the trajectory picture draws: every
// frequency sampled over t, the live solve from 1 to t with its cost, and a slice
// through the vector field.
package flow
