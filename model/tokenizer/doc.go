// Package tokenizer turns text into tokens and back: BPE in the tokenizer.json
// form of Hugging Face, over bytes or over characters, read, written, trained and run.
//
// # Pipeline
//
// Added tokens such as <|endoftext|> are cut out first and become one id each.
// What lies between goes through the file's normalisers, is cut
// into words by its pre-tokenisers, and each word's bytes, or characters, are merged pair by
// pair, always the pair of lowest rank and among equals the leftmost, until no
// pair has a rank (Sennrich et al., arXiv:1508.07909; on bytes: Radford et al.
// 2019). In a vocabulary of characters, as SentencePiece makes them (Kudo, Richardson 2018,
// arXiv:1808.06226), ▁ stands for a space and a character without a token of its own is its
// bytes, <0x0A> for 10. Nothing is ever unknown as long as there are ids for all 256
// bytes, which there are in what is trained here; [Tokenizer.Complete] tells. Then
// Decode(Encode(text)) is text for any bytes, valid UTF-8 or not, if the file
// normalises nothing.
//
// # Pre-tokenisers
//
// The patterns in use have scanners, named here by their usual spelling:
//
//	GPT-2    's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//	Llama 3  (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
//	Qwen 2   the same with \p{N} for \p{N}{1,3}
//	SmolLM   each number alone (Digits), then GPT-2
//
// Others run through a small matcher of Oniguruma's kind, which knows classes, repeats, groups
// and look-ahead and refuses the rest. [Train] uses GPT-2. A file that asks for anything that is not
// understood is refused with an error that names the field.
//
// A byte that is not part of valid UTF-8 counts as neither letter, number nor
// space.
//
// # Beside the reference
//
// The files of Llama 2, Llama 3.1, Qwen 3, Gemma 3 and GPT-4o give the ids and texts of the tokenizers library
// (0.23.2) for 10,000 strings each, and so do testdata/forms.json's small files of 43 forms. Ids
// are the file's, also where they leave gaps; that library counts them anew.
package tokenizer
