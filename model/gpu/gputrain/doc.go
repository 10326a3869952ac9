// Package gputrain makes the steps of package train on a GPU: a [Computer] is a train.Computer whose weights,
// moments and activations stay on a device of package gpu.
//
// A step is one submit. What goes up is the batch: tokens, targets, weights, positions, and the
// frequencies of each shard; what comes back is the loss of each shard, the norm of the gradient and the
// gradient of each shard's frequencies, from which package train moves the CLEX field by itself (a few
// thousand numbers). The dispatches of a step are the same each time and are listed once.
//
// Before a device is trusted with a run, [SelfTest] makes a step of a small model on it and on the processor and compares every tensor's
// gradient and what the optimizer makes of it; its kernels are the run's, so that little but the compiler's time passes, which the run needs anyway.
//
// # The kernels
//
// One file of shaders/ each. Products of matrices are one kernel in its three forms: a layer's output
// x·Wᵀ, the gradient of its input dy·W and of its weights dyᵀ·x, whose long sum over the rows is cut
// into shares that workgroups sum side by side. Attention keeps no matrix of probabilities: forward
// leaves the logarithm of each query's mass, backward computes each probability again, once for the queries
// (an invocation a query) and once each for keys and values (an invocation a key), so that memory
// grows with the window and not with its square, and no sum needs atomics. All sums are taken in an order that does not
// depend on the device's scheduling: the same batch gives the same bits on the same device.
//
// # Why all is float32
//
// Half the bits would be half of what the products read, but a gradient has to be within 10⁻³ of its size, tensor by tensor. With the
// small model that ships, its weights and 4,096 tokens of books, and all sums in float32, the worst tensor is off by
//
//	forward's inputs, or its weights, rounded to 16 bits   2·10⁻³ to 3·10⁻³
//	queries, keys and values kept in 16 bits for backward  2·10⁻³ (attention is computed again from them)
//	backward's weights and inputs rounded in the tiles     5·10⁻⁴
//	gradients of activations rounded as they are           3·10⁻¹ (most of it is below what 16 bits can say)
//
// so that what could be rounded is one operand of three of backward's tiles, a sixth of what its invocations read. Matrices of subgroups,
// which some devices multiply by themselves, are an experiment of Chromium's WebGPU (as of 156), which a page cannot ask for.
package gputrain
