// Package recall makes the long-range recall task that training, evaluation and
// the page share: short facts woven into prose, asked for again much later.
//
// A fact binds a key to a value inside one sentence ("Near the wood lived the
// miller Robin."). A question repeats everything up to and including the key
// ("Who knocked? It was the miller") and the answer is the value. Names are
// bound to keys at random for every text, so an answer can only be found by
// reading back; several facts in one text are each other's distractors, so that
// "some name seen before" is not enough: with k facts in a text that guess is
// right one time in k. A single fact asks less: only that a name is found again however
// far back it stands, as a passkey is, and that is what length breaks.
//
// An answer is one prediction: right or wrong, with a probability. Names are single tokens
// in most vocabularies; where they are not, the first token tells them apart (NewTask keeps
// only names that it does).
//
// The package knows a tokenizer only as a function from text to tokens. It knows
// nothing of models, files or the page.
package recall
