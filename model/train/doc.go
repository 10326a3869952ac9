// Package train makes the models that ship: it computes gradients of the LLaMA
// form, through the rotary angles into the CLEX field, and follows them.
//
// The story of a step. A recipe says what to train (recipe.go). A sampler cuts a
// window of tokens from the corpus, as it stands, thinned out or interleaved
// (passage.go), sometimes with recall facts woven in (text.go), and another gives
// every token its position: contiguous, or spread over a longer range so that a
// short window shows far distances (positions.go). Its first and last steps may
// read something else, and what it leaves may be merged with what it started from.
// A scheme turns the length scaling factor of the step into rotary frequencies.
// The batch is cut into shards of a fixed size; each shard runs forward.go and
// backward.go into a gradient of its own, so that the result does not
// depend on how many cores, or other workers (share.go), ran them. Gradients are
// summed in a fixed order (groups.go), clipped, and AdamW takes a step (optimizer.go) at a rate that rises and falls (rate.go).
//
// Everything random is drawn from (seed, step, row) and nothing else, so a run
// resumed from a saved state (state.go) goes on bit for bit as if it had not
// stopped.
//
// The gradient with respect to the frequencies comes from the rotated vectors: a
// rotation by angle φ has ∂(a', b')/∂φ = (-b', a'), φ = position·θ_i(t), and
// θ(t) = exp z(t); package clex carries dL/dz(t) back through the solver into the
// weights of the field.
package train
