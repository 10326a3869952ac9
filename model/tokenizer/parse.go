package tokenizer

import "fmt"

// maxID bounds the ids of a file, which need not follow on one another.
const maxID = 1 << 20

// Parse reads a tokenizer.json. What it does not understand it refuses, with an
// error that names the field. Memory is bounded by a multiple of len(data) and maxID.
func Parse(data []byte) (*Tokenizer, error) {
	doc, err := readDocument(data)
	if err != nil {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	t := &Tokenizer{unk: -1}
	for _, read := range []func(*document) error{
		t.parseNormalizer, t.parsePreTokenizer, t.parseDecoder, t.parseVocab, t.parseMerges, t.parsePostProcessor,
	} {
		if err := read(doc); err != nil {
			return nil, fmt.Errorf("tokenizer.json: %w", err)
		}
	}
	t.index()
	return t, nil
}

// parseVocab fills spellings, tokens, the vocabulary, added and unk from model.vocab and added_tokens.
func (t *Tokenizer) parseVocab(doc *document) error {
	vocab := doc.Model.Vocab
	if count := len(vocab) + len(doc.AddedTokens); count == 0 || len(vocab) > maxID {
		return fmt.Errorf("model.vocab: %d tokens: must be 1 … %d", len(vocab), maxID)
	}
	size := int32(0)
	for spelling, id := range vocab {
		if spelling == "" || id < 0 || id >= maxID {
			return fmt.Errorf("model.vocab: %q has id %d: ids must be 0 … %d and tokens not be empty", spelling, id, maxID-1)
		}
		size = max(size, id+1)
	}
	for i, a := range doc.AddedTokens {
		switch id, known := vocab[a.Content]; {
		case a.Content == "":
			return fmt.Errorf("added_tokens[%d].content: empty", i)
		case known && id != a.ID:
			return fmt.Errorf("added_tokens[%d].id %d: model.vocab gives %q the id %d", i, a.ID, a.Content, id)
		case a.ID < 0 || a.ID >= maxID:
			return fmt.Errorf("added_tokens[%d]: %q has id %d: ids must be 0 … %d", i, a.Content, a.ID, maxID-1)
		}
		size = max(size, a.ID+1)
	}
	t.spellings, t.tokens, t.inVocab = make([]string, size), make([][]byte, size), make([]bool, size)
	for spelling, id := range vocab {
		if t.inVocab[id] {
			return fmt.Errorf("model.vocab: %q and %q have one id, %d", min(spelling, t.spellings[id]), max(spelling, t.spellings[id]), id)
		}
		t.spellings[id], t.inVocab[id] = spelling, true
	}
	seen := make(map[string]bool, len(doc.AddedTokens))
	for i, a := range doc.AddedTokens {
		if _, known := vocab[a.Content]; t.spellings[a.ID] != "" && !known || seen[a.Content] {
			return fmt.Errorf("added_tokens[%d]: %q has id %d, which is %q's, or comes twice", i, a.Content, a.ID, t.spellings[a.ID])
		}
		seen[a.Content] = true
		t.spellings[a.ID] = a.Content
		t.added = append(t.added, Added{ID: a.ID, Content: a.Content, Special: a.Special, Normalized: a.Normalized,
			SingleWord: a.SingleWord, LStrip: a.LStrip, RStrip: a.RStrip})
	}
	t.fuseUnk, t.byteFallback = doc.Model.FuseUnk, doc.Model.ByteFallback
	if !t.byteLevel {
		t.vocab = vocab
	} else if t.byteFallback {
		return fmt.Errorf("model.byte_fallback true: a vocabulary of bytes, as ByteLevel has, needs none")
	}
	if unk := doc.Model.Unk; unk != nil {
		id, ok := vocab[*unk]
		if !ok {
			return fmt.Errorf("model.unk_token %q: not in model.vocab", *unk)
		}
		t.unk = id
	}
	return nil
}

func (t *Tokenizer) parseMerges(doc *document) error {
	vocab := doc.Model.Vocab
	t.table = newMergeTable(len(doc.Model.Merges))
	for rank, m := range doc.Model.Merges {
		if m.err != nil {
			return fmt.Errorf("model.merges[%d]%w", rank, m.err)
		}
		sides := [2]string{m.left, m.right}
		for _, s := range []string{sides[0], sides[1], sides[0] + sides[1]} {
			if _, ok := vocab[s]; !ok {
				return fmt.Errorf("model.merges[%d] %q: %q is not in model.vocab", rank, sides, s)
			}
		}
		p := makePair(vocab[sides[0]], vocab[sides[1]])
		// Of a merge that comes twice the last rank stands, as in the reference.
		t.table.put(p, int32(rank), vocab[sides[0]+sides[1]])
		t.merges = append(t.merges, p)
	}
	t.wholeWords = doc.Model.IgnoreMerges
	return nil
}
