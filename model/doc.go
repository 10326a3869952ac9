// Package model runs small transformers in pure Go, natively and as
// WebAssembly, under any length-extension method of package clex, and lets one
// look inside while they run.
//
// A [Model] is a [Config] and its [Weights], checked and packed once; it never
// changes and may be shared. Each text has its own [Sequence]: the key-value
// cache, the position encoding in force and all scratch memory, so that a token
// costs no allocation. [Sequence.Prefill] reads many tokens in blocks,
// [Sequence.Decode] one; [Generate] samples new ones.
//
// # Two forms
//
// The LLaMA form (Touvron et al. 2023, arXiv 2302.13971) normalises by RMSNorm
// and has a SwiGLU MLP, x ← x + A(norm(x)), x ← x + W_down(SiLU(W_gate y)·W_up y).
// The GPT-NeoX form (Black et al. 2022, arXiv 2204.06745) normalises by
// LayerNorm and computes attention and a GELU MLP side by side,
// x ← x + A(norm₁(x)) + M(norm₂(x)), and rotates only a part of each head.
// Both may share keys and values between query heads (grouped-query attention,
// Ainslie et al. 2023, arXiv 2305.13245). Config.HeadNorm normalises each head of queries and keys
// first (Qwen 3), and Config.Activation is for files that say another one.
//
// # Changing the position encoding of a text that was already read
//
// A scheme is data: [clex.Encoding] holds inverse frequencies, an attention factor, log-n
// scaling and STRING's remap, and attention needs nothing else. The cache keeps
// keys as they were before rotation, as the reference implementation of CLEX
// does (arXiv 2310.16450), beside a rotated copy that holds while the encoding
// stands still. [Sequence.SetEncoding] therefore costs one rotation of the
// cache and discards nothing; going back restores every bit.
//
// What that is exact for: the keys and values of the first layer come from the
// token embeddings alone, so after a re-rotation the first layer attends
// precisely as if the text had been read under the new encoding. From the
// second layer on, cached keys and values were computed from hidden states that
// the old encoding had shaped, and they stay that way. CLEX is run like this in
// its reference code, so it is the default here as well; [Sequence.Reread] reads
// the whole text again under the encoding in force when every layer has to be
// exact.
//
// # What is promised of the numbers
//
// One build on one kind of machine gives the same bits every time, however many
// cores share the work: work is divided between output values, a sum never is. So the same
// seed gives the same tokens. Where several read chunks of a text together ([Sequence.PrefillTogether]), logits, losses, map maxima
// and texts are one reader's to the bit, map means and profiles to rounding (1e-6). Between builds (scalar, SIMD of another width,
// WebAssembly) float32 sums are ordered differently: logits agree to about 1e-4
// and a sampled text agrees until two candidates come that close.
//
// Keys, values, queries and the weights of attention are rounded to 15 or 16 bits, whatever the model's weights are: cached keys before rotation and values by the power
// of two that a row's largest component fits, rotated keys and queries by their norm (so that a product of two is a sum of integers under 2³¹), the weights
// of a block of 128 keys by their sum. That moves logits of the models that ship by 3e-4 to 9e-4 (root mean square; at most 5e-3 under CLEX to 4,096 tokens of a book,
// 0.013 under plain RoPE beyond its window) and their perplexity by at most 0.0005 % under CLEX, 0.002 % there.
//
// Activations that meet int8 weights are rounded to 16 bits, so that those sums are of integers and the same everywhere. That moves
// logits of the models that ship by 3e-4 (root mean square; at most 5e-3 within 1,000 tokens of a book, beyond the trained window under plain RoPE) and
// their perplexity by less than 0.001 %. WebGPU does not round, and so differs by as much.
package model
