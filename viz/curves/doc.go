// Package curves turns schemes of clex into what the trajectory picture draws: the family of
// curves of a scheme, every frequency sampled over t, the live solve from 1 to t with its cost, and a slice
// through the vector field.
package curves
