// Package checkpoint reads and writes transformers in the layout of Hugging
// Face: config.json beside model.safetensors, in one file or sharded with a
// model.safetensors.index.json, under the tensor names of LlamaForCausalLM (and
// Mistral's, Qwen2's and Qwen3's, which have the same), GPTNeoXForCausalLM and PhiForCausalLM.
//
// # What is read
//
// Weights may be F32, F16, BF16 or I8. Hugging Face has no convention for I8, so
// this is ours: a matrix NAME of type I8 comes with an F32 vector
// NAME.scale of one value per row, and the weight is I8·scale[row]. Float
// weights become float32 in memory, I8 stays I8.
//
// Programs of many years write the same things in other places. What says how positions
// turn is brought to one block before its type is looked at; what torch wraps names in is taken
// off them; tables that follow from config.json are skipped; a head that is there although the
// embeddings are tied counts, unless it is the embedding bit for bit.
//
// rope_scaling may be of type linear, dynamic, yarn, llama3, longrope and
// clex, the last in the form that the reference implementation of CLEX writes
// (arXiv 2310.16450), with its two tensors model.clex_layer.proj_func.ode_up_proj
// (rotary dims/2 × λ·rotary dims) and ode_down_proj (transposed shape).
// Its switch log_scale counts as true where a clex config of the LLaMA form leaves it out, as in
// the reference, and as false in Phi's; what is written here always says (see Scaling.LogN).
// Config.Rotary.Window is the *trained* window:
// original_max_position_embeddings where the file has it, else max_position_embeddings.
//
// GGUF files of llama.cpp go in and out as well: see [ReadGGUF] and [Checkpoint.WriteGGUF].
//
// # What may be relied on
//
// A file is untrusted. Lengths are checked before memory is asked for, so that
// a read needs at most a small multiple of the file's size (four bytes for each two of
// F16 and BF16); tensors must lie without hole or overlap, be named once, have the
// shape that config.json gives them and hold finite values; a tensor, type or
// setting that is not understood is refused rather than ignored, except
// descriptive keys of config.json, which are kept in Checkpoint.Extra, and what
// transformers passes by with a warning, which stands in Checkpoint.Notes. Every error
// names the file and the tensor or field. Nothing panics.
//
// A read streams: it holds one chunk of the file beside the weights, reports
// progress after each and stops when its context is cancelled. A [Loader] may round
// matrices to int8 as they arrive, which then are all that it holds.
package checkpoint
