// Package tinymodels holds the checkpoints that ship, and everything that made
// them: recipes, cards, results.
//
// A model is a folder, a variant of it a folder inside: config.json and
// model.safetensors in Hugging Face layout, a card (README.md). All variants of a
// model share its tokenizer.json, and results.json holds their evaluation; all
// models have the same tokenizer, so that a text can go from one to another.
// Variants differ only in how they were tuned for length; "base" is plain RoPE
// trained on the window, every other variant starts from it. To a browser all but CLEX's travel as
// differences from CLEX's, which are made when they are served: see package difference.
//
// There are two models: "small" with every variant, and "medium", four times its size,
// with base, clex, ntk and yarn.
//
//	recipes/small/base.json        what was trained, as data
//	small/tokenizer.json           byte-level BPE learnt from the training text
//	small/base/model.safetensors   weights, int8 rows with float32 scales
//	small/clex/…                   the same after CLEX tuning
//	small/results.json             perplexity and recall by length, every scheme
//
// What rounding to int8 costs in perplexity, clexeval -rounding tinymodels/checkpoints
// measures after training, from the weights that were not rounded.
//
// cmd/clextrain makes the checkpoints from the recipes, cmd/clexeval the results.
package tinymodels
