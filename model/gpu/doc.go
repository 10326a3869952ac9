// Package gpu is the forward pass of package model on a GPU, as WGSL compute
// passes driven from Go: prefill in blocks, decoding, every scheme of package
// clex, attention reduced to maps while it is computed, loss, sampling.
//
// A [Driver] is a device; [Open] makes the browser's, through a thin layer of
// syscall/js. A [Model] is a transformer on it, its weights uploaded and its kernels compiled
// once. A [Sequence] is one text there and implements [model.Sampler], so that whatever reads
// texts with package model reads them here as well. All but the driver is plain
// Go without a build tag.
//
// # Few calls, few dispatches
//
// At a few million parameters a dispatch, and a call from Go to JavaScript,
// cost more than the arithmetic. So kernels are fused: RMSNorm into the
// product that follows it (its factor is one number a row, found along the way and multiplied
// last), the two halves of SwiGLU into one product, residuals into the
// store. And a submit is recorded as words ([Commands]) that a few lines of JavaScript
// (replay.js) turn into calls: one copy and one call a submit, whether that is a
// block of a prompt (1,024 tokens, 256 on an adapter that is only software) or eight tokens. Tokens are drawn on the device, with their
// alternatives, so that two such submits are always under way and nothing
// travels between tokens. Nothing is read back but what was asked for. Bind groups and
// pipelines are made once, memory is taken once, for the longest text.
//
// # Rotation by whole numbers
//
// WGSL promises 11 bits of sin(x), and x = position·θ in float32 loses the
// angle itself far out. Frequencies are therefore given as turns per token, a
// fraction in 64 bits whose product with the position overflows exactly where
// whole turns fall away; what is left is turned into sine and cosine by a short series
// (rotary.wgsl). The cache keeps keys before rotation beside rotated ones. A change of t is a
// uniform of 2 KB: the device rotates the cache anew, and reading a
// resident text again uploads nothing else.
//
// # The kernels
//
// One file of shaders/ each; bindings carry their shapes. matmul takes blocks
// (tiles of 32×32, 4×4 outputs an invocation), matvec single rows; reduce is what several include; attend streams
// over tiles of keys with an online softmax, attendpart and mergeparts split the keys
// of a single query over workgroups; attentionmap computes attention a second time,
// against the log-sum-exp that attend found, and reduces it along the keys, pool and distancehistogram
// along the queries; sample finds top-k, top-p and the draw itself by halving over the
// order of the logits, without sorting. They need what every WebGPU device
// has: 8 storage buffers, 256 invocations, 16 KiB shared. A device is asked for the largest binding that its adapter
// allows, 128 MiB at least, 1 GiB on SwiftShader; a matrix that is larger lies in pieces, some of its outputs each, with a buffer and
// a dispatch apiece (151,936 tokens of 1,024 int8 weights are 148 MiB). Where one axis of a dispatch is too short, the last
// one goes on. All is added in float32; int8 weights travel four to a word.
//
// # Forms of a kernel
//
// Lines between //#if and //#endif are kept where a device has the feature named.
// SUBGROUPS reduces in registers where the plain form passes barriers: in matvec, in the
// sums and maxima over a workgroup of sample (some hundred for a token), loss and
// attendpart. A subgroup may have any size, and each kernel asks for it when it runs. In
// attend and matmul the barriers stand around tiles and would stay, so they have no such form.
//
// HEADNORM is of a model and not of a device: where heads of queries and keys are normalised (Qwen 3), ropestore
// has a workgroup a head, which finds the head's factor before it rotates. The cache's plain keys are the normalised ones.
//
// So are NORM, GATED and the name of a nonlinearity in matmul and matvec. The GPT-NeoX form (Pythia, Phi) has neither of the first two: its LayerNorm
// is a kernel of its own, layernorm, because a mean has to be known before squares are summed; one dispatch serves both halves of a layer where
// both have the same norm (Phi). Where attention and MLP stand side by side, the MLP's first product runs before attention is added.
//
// F16 holds the tiles of int8 weights in 16 bits, which is exact, and leaves a workgroup of
// matmul two thirds or three quarters of its memory. Nothing else is rounded: the 2M model that ships
// has logits up to 10.6, float32 differs from the CPU by 2·10⁻⁵ after 192 tokens, activations in
// 16 bits by 1.4·10⁻³, keys and values by 1.1·10⁻³, and 10⁻³ is what is promised.
//
// A form that a device refuses, or for which it gives wrong known answers, is replaced
// by the plain one, kernel by kernel; [Model.Report] says so.
//
// # Trust
//
// Some browsers compute wrong numbers and say nothing. [Model.SelfTest] runs every
// kernel on the model's own weights and compares it with its scalar reference of package
// kernel before a device is used, form by form. Afterwards every failure, from a lost device to logits that are not
// finite, is an [Error]; nothing is handed out after one.
//
// # What is not here
//
// Sizes that are no multiples of 4, heads of more than 256 values, repetition penalties and the trace
// of the residual stream are refused with an [Error] of kind Unfit: the CPU does those.
package gpu
