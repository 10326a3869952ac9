// Package evaluate measures how far a model reads: perplexity on text it never
// saw, loss by position, and recall, at lengths up to many times its trained
// window, under any scheme.
//
// Perplexity at a length n is exp of the mean loss of the last Tail tokens of
// windows of n tokens, so that every length is judged on predictions that see
// about n tokens of context. Windows are cut evenly from the validation books; the same
// last tokens are judged at every length, so lengths differ in context only.
// Intervals are percentiles of a bootstrap over windows (Efron 1979).
//
// Recall asks questions of package recall and counts an answer right when it is
// the most probable token of the whole vocabulary.
//
// Rows are measured piece by piece: Missing says what of a plan a Measurement lacks, Merge puts it in. Seeds
// compare recipes by what several seeds of each lose on the same windows. Writing is how well a model
// reads whole books, in bits per byte, and what the texts are like that it writes: words that
// occur in the training text, runs of four words that it wrote before, different words in a thousand.
package evaluate
