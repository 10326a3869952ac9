package evaluate

import (
	"context"
	"fmt"
	"math"
	"strings"

	"clexlab/model"
)

// Writing is how well a model reads books that it did not learn, and what it writes itself.
type Writing struct {
	// BitsPerByte is its mean loss over whole books by the part of the corpus, see Reader.BitsPerByte.
	BitsPerByte map[string]float64 `json:"bits_per_byte"`
	// Tokens is how long its texts are, the prompt included. Own is what they are like, Books what as many pieces of the books of a
	// part are like that have as many tokens.
	Tokens int                `json:"tokens"`
	Own    Wording            `json:"own"`
	Books  map[string]Wording `json:"books"`
	Prompt string             `json:"prompt"`
	// Begun are the beginnings of its first texts, those of the seeds 1, 2, 3 ….
	Begun []string `json:"begun"`
}

// Wording is what texts are like, counted in their whole words.
type Wording struct {
	Texts int `json:"texts"`
	Words int `json:"words"`
	// Known is the share of words that occur in the training text.
	Known float64 `json:"known"`
	// Repeated is the share of the runs of four words that stood in the same text before.
	Repeated float64 `json:"repeated"`
	// Distinct is how many different words runs of a thousand hold on average, the texts one behind another; 0 if there is no such run.
	Distinct float64 `json:"distinct"`
}

// distinctRun is of how many words the different ones are counted.
const distinctRun = 1000

// WritingPlan is what a model's writing is measured on.
type WritingPlan struct {
	// Documents are whole books by the part of the corpus, Bytes how long each is as text.
	Documents map[string][][]int32
	Bytes     map[string][]int
	// Texts of Tokens tokens are written from Prompt, with the seeds 1, 2, 3 …; of the first Begun of them the first BegunWords words are kept.
	Prompt            []int32
	Texts, Tokens     int
	Begun, BegunWords int
	Sampling          model.Sampling
	Decode            func(tokens []int32) string
	Known             func(word string) bool
	Progress          func(what string, done, total int)
}

// MeasureWriting reads the plan's books and writes its texts.
func (r *Reader) MeasureWriting(ctx context.Context, p WritingPlan) (*Writing, error) {
	w := &Writing{BitsPerByte: map[string]float64{}, Books: map[string]Wording{}, Tokens: p.Tokens, Prompt: p.Decode(p.Prompt)}
	for part, documents := range p.Documents {
		bits, err := r.BitsPerByte(ctx, documents, p.Bytes[part], func(done, total int) {
			if p.Progress != nil {
				p.Progress(part+", bits per byte", done, total)
			}
		})
		if err != nil {
			return nil, err
		}
		w.BitsPerByte[part] = round(bits)
		windows, err := Windows(documents, p.Texts, p.Tokens)
		if err != nil {
			return nil, err
		}
		pieces := make([]string, len(windows))
		for i, x := range windows {
			// What the model writes has no prompt in it either.
			pieces[i] = p.Decode(documents[x.Document][x.End-p.Tokens+len(p.Prompt) : x.End])
		}
		w.Books[part] = WordingOf(pieces, p.Known)
	}
	texts := make([]string, p.Texts)
	for i := range texts {
		sampling := p.Sampling
		sampling.Seed = uint64(i + 1)
		tokens, err := r.write(ctx, p.Prompt, p.Tokens, sampling, nil)
		if err != nil {
			return nil, err
		}
		texts[i] = p.Decode(tokens[len(p.Prompt):])
		if i < p.Begun {
			words := strings.Fields(p.Decode(tokens))
			w.Begun = append(w.Begun, strings.Join(words[:min(len(words), p.BegunWords)], " "))
		}
		if p.Progress != nil {
			p.Progress("texts", i+1, len(texts))
		}
	}
	w.Own = WordingOf(texts, p.Known)
	return w, nil
}

// BitsPerByte is the loss of whole documents in bits for each byte of their text, which models of other vocabularies have in the same
// measure. They are read in windows of one trained window that overlap by half, so that behind the first of them every token is
// judged with at least half a window before it. The first token of a document is given.
func (r *Reader) BitsPerByte(ctx context.Context, documents [][]int32, bytes []int, progress func(done, total int)) (float64, error) {
	window := r.Scheme.Rotary().Window
	if len(bytes) != len(documents) || window < 2 {
		return 0, fmt.Errorf("evaluate: %d documents, sizes of %d, a window of %d tokens", len(documents), len(bytes), window)
	}
	var nats, size float64
	total, done := 0, 0
	for i, d := range documents {
		total += len(d)
		size += float64(bytes[i])
	}
	if size == 0 {
		return 0, fmt.Errorf("evaluate: %d documents without a byte", len(documents))
	}
	for _, d := range documents {
		// judged is up to where tokens were judged.
		for judged := 1; judged < len(d); {
			end := min(len(d), max(window, judged+window/2))
			begin := max(0, end-window)
			losses, err := r.Losses(ctx, r.opened(d[begin:end]), judged-begin)
			if err != nil {
				return 0, err
			}
			for _, v := range losses {
				nats += float64(v)
			}
			judged = end
			if progress != nil {
				progress(done+end, total)
			}
		}
		done += len(d)
	}
	return nats / math.Ln2 / size, nil
}

// WordingOf counts the words of texts.
func WordingOf(texts []string, known func(word string) bool) Wording {
	w := Wording{Texts: len(texts)}
	var all []string
	fours, repeated, knows := 0, 0, 0
	for _, text := range texts {
		words := wholeWords(text)
		all = append(all, words...)
		for _, x := range words {
			if known(x) {
				knows++
			}
		}
		seen := map[[4]string]bool{}
		for i := range max(0, len(words)-3) {
			four := [4]string(words[i : i+4])
			if fours++; seen[four] {
				repeated++
			}
			seen[four] = true
		}
	}
	w.Words = len(all)
	w.Known, w.Repeated = round(float64(knows)/float64(max(1, len(all)))), round(float64(repeated)/float64(max(1, fours)))
	w.Distinct = round(distinctWords(all, distinctRun))
	return w
}

// distinctWords is how many different words the whole runs of so many hold on average.
func distinctWords(words []string, run int) float64 {
	distinct, runs := 0, len(words)/run
	for i := range runs {
		seen := map[string]bool{}
		for _, w := range words[i*run : (i+1)*run] {
			seen[w] = true
		}
		distinct += len(seen)
	}
	return float64(distinct) / float64(max(1, runs))
}
