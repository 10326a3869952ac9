// Package tokenizer turns text into tokens and back: byte-level BPE in the
// tokenizer.json form of Hugging Face, read, written, trained and run.
//
// # The way of a text
//
// Added tokens such as <|endoftext|> are cut out first and become one id each.
// What lies between is normalised if the file says so (NFC or nothing), cut
// into words by a pre-tokeniser, and each word's bytes are merged pair by
// pair, always the pair of lowest rank and among equals the leftmost, until no
// pair has a rank (Sennrich et al., arXiv:1508.07909; on bytes: Radford et al.
// 2019). Nothing is ever unknown as long as the vocabulary holds all 256
// bytes, which one trained here does; [Tokenizer.Complete] tells. Then
// Decode(Encode(text)) is text for any bytes, valid UTF-8 or not, if the file
// has no normaliser.
//
// # Pre-tokenisers
//
// Go's regular expressions have no look-ahead, so the patterns in use are
// hand-written scanners, named here by their usual spelling:
//
//	GPT-2    's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//	Llama 3  (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
//	Qwen 2   the same with \p{N} for \p{N}{1,3}
//	SmolLM   each number alone (Digits), then GPT-2
//
// [Train] uses GPT-2. A file that asks for anything else is refused with an
// error that names the field, and so is every setting that would change the
// tokens and is not understood.
//
// A byte that is not part of valid UTF-8 counts as neither letter, number nor
// space.
package tokenizer
