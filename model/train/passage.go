package train

import "math/rand/v2"

// passage is a piece of n tokens of prose, as mix wants it.
func (t *Text) passage(rng *rand.Rand, n int, mix TextMix) []int32 {
	switch {
	case mix.Interleave != nil:
		return t.interleaved(rng, n, mix.Interleave)
	case mix.DropProb > 0:
		return t.thinned(rng, n, mix.DropProb)
	}
	return t.prose(rng, n)
}

// prose returns n tokens in a row, every place of the corpus equally likely.
func (t *Text) prose(rng *rand.Rand, n int) []int32 {
	for {
		at := rng.IntN(t.total + len(t.Documents)*n)
		for _, d := range t.Documents {
			if at < len(d) {
				if at+n <= len(d) {
					return d[at : at+n]
				}
				break
			}
			at -= len(d)
		}
	}
}

// interleaved is LongSkywork's chunk-interleaved text (chunk interleaved pretraining, arXiv 2406.00605):
// several pieces of prose, cut into chunks that take turns, so that whoever goes on
// with one has to look back past the others.
func (t *Text) interleaved(rng *rand.Rand, n int, c *Interleave) []int32 {
	each := (n + c.Documents - 1) / c.Documents
	each = (each + c.Chunk - 1) / c.Chunk * c.Chunk
	pieces := make([][]int32, c.Documents)
	for i := range pieces {
		pieces[i] = t.prose(rng, min(each, n))
	}
	out := make([]int32, 0, n)
	for at := 0; len(out) < n; at += c.Chunk {
		for _, p := range pieces {
			from := min(at, len(p))
			chunk := p[from:min(from+c.Chunk, len(p))]
			out = append(out, chunk[:min(len(chunk), n-len(out))]...)
		}
	}
	return out
}

// thinned is prose out of which a sentence is left with probability drop, unless it
// holds an impactful token or a digit: LongRecipe keeps what its analysis found to depend most on distant
// text (arXiv 2409.00509, section 3.1; the digits are its code's).
func (t *Text) thinned(rng *rand.Rand, n int, drop float64) []int32 {
	out := make([]int32, 0, n)
	for len(out) < n {
		prose := t.prose(rng, n)
		for from := 0; from < len(prose) && len(out) < n; {
			to, kept := t.sentence(prose, from)
			if kept || rng.Float64() >= drop {
				out = append(out, prose[from:min(to, from+n-len(out))]...)
			}
			from = to
		}
	}
	return out
}

// sentence is where the sentence that begins at from ends, and whether it holds an impactful token or a digit.
func (t *Text) sentence(prose []int32, from int) (to int, kept bool) {
	for to = from; to < len(prose); {
		id := prose[to]
		kept = kept || t.Digits[id] || t.Impactful != nil && t.Impactful[id]
		if to++; t.Ends[id] {
			break
		}
	}
	return to, kept
}

// Kept counts the corpus's sentences, and those that a TextMix's DropProb never leaves out.
func (t *Text) Kept() (kept, sentences int) {
	for _, d := range t.Documents {
		for from := 0; from < len(d); {
			to, k := t.sentence(d, from)
			if k {
				kept++
			}
			sentences++
			from = to
		}
	}
	return kept, sentences
}
