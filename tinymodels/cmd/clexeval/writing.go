package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"clexlab/model"
	"clexlab/model/tokenizer"
	"clexlab/model/train/evaluate"
	"clexlab/tinymodels"
)

// What the page writes from and how, as it stands when it is opened.
const pagePrompt = "Once upon a time there was a little fox who lived"

var pageSampling = model.Sampling{Temperature: 0.8, TopK: 40, TopP: 0.95}

// begunTexts are how many texts a card shows the beginning of, so many words of each.
const begunTexts, begunWords = 10, 120

// writing measures how the base writes.
func (e *evaluation) writing(ctx context.Context, m tinymodels.Model, tok *tokenizer.Tokenizer) error {
	if e.written == 0 || len(e.only) > 0 && e.only[0] != "none" || e.results.Writing != nil && !e.again {
		return nil
	}
	at := slices.IndexFunc(m.Variants, func(v tinymodels.Variant) bool { return v.Name == "base" })
	if at < 0 {
		return nil
	}
	v := m.Variants[at]
	x, err := e.load(ctx, job{path: pathOf(e.dir, v), variant: v, scheme: v.Scheme, trained: true})
	if err != nil {
		return err
	}
	known, err := e.knownWords()
	if err != nil {
		return err
	}
	last := time.Now()
	e.results.Writing, err = x.reader.MeasureWriting(ctx, evaluate.WritingPlan{
		Documents: e.documents, Bytes: e.bytes,
		Prompt: tok.Encode(nil, pagePrompt), Texts: e.written, Tokens: x.window, Begun: begunTexts, BegunWords: begunWords, Sampling: pageSampling,
		Decode: func(tokens []int32) string { return string(tok.Decode(nil, tokens)) },
		Known:  known,
		Progress: func(what string, done, total int) {
			if now := time.Now(); now.Sub(last) > 10*time.Second {
				fmt.Printf("writing: %s, %d of %d\n", what, done, total)
				last = now
			}
		},
	})
	return err
}

// writingTable writes how the base reads and writes.
func writingTable(b *strings.Builder, r *evaluate.Results) {
	w := r.Writing
	if w == nil {
		return
	}
	b.WriteString("## How the base reads and writes\n\n")
	b.WriteString(writingFigures(w))
}

// writingFigures are the table of a Writing with what its columns are.
func writingFigures(w *evaluate.Writing) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d texts of %d tokens each, written as the page does when it is opened (from %q, temperature %g, top-k %d, top-p %g, seeds from 1 on), beside as many pieces of as many tokens of the novels. "+
		"Known is the share of words that occur in the training text; repeated the share of runs of four words that stood in the same text before; distinct how many different words a thousand hold. "+
		"Bits per byte is the loss over the whole novels, read in windows of %d tokens that overlap by half.\n\n",
		w.Own.Texts, w.Tokens, w.Prompt, pageSampling.Temperature, pageSampling.TopK, pageSampling.TopP, w.Tokens)
	b.WriteString("| | bits per byte | words | known | repeated | distinct |\n|---|---|---|---|---|---|\n")
	row := func(name, bits string, x evaluate.Wording) {
		fmt.Fprintf(&b, "| %s | %s | %d | %.1f %% | %.1f %% | %.0f |\n", name, bits, x.Words, 100*x.Known, 100*x.Repeated, x.Distinct)
	}
	row("its own texts", "", w.Own)
	for _, part := range parts {
		if x, ok := w.Books[part.name]; ok {
			row("the novels of "+part.name+"/", fmt.Sprintf("%.3f", w.BitsPerByte[part.name]), x)
		}
	}
	b.WriteString("\n")
	return b.String()
}

// cardHeading opens the part of a base's card that is written here.
const cardHeading = "## How it reads and writes"

// card writes the measured part of the base's card.
func (e *evaluation) card(root string) error {
	w := e.results.Writing
	if w == nil || e.rows != "" && !slices.Equal(e.only, []string{"none"}) {
		return nil
	}
	name := filepath.Join(root, "base", "README.md")
	card, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(writingFigures(w))
	fmt.Fprintf(&b, "The first %d of these texts as they came, none chosen, %d words of each:\n\n", len(w.Begun), begunWords)
	for i, text := range w.Begun {
		fmt.Fprintf(&b, "%d. %s …\n", i+1, plain(text))
	}
	return os.WriteFile(name, []byte(withSection(string(card), cardHeading, b.String())), 0o644)
}

// plain keeps Markdown from reading marks out of a text.
func plain(text string) string {
	return strings.NewReplacer("*", `\*`, "_", `\_`, "<", `\<`, "`", "\\`", "#", `\#`, "[", `\[`).Replace(text)
}

// withSection is a Markdown text with such a body under a heading: in place of what stands there, or as a section before "## Limits",
// or at the end.
func withSection(text, heading, body string) string {
	section := heading + "\n\n" + strings.TrimSpace(body) + "\n"
	before, after, found := strings.Cut(text, heading+"\n")
	if !found {
		at := strings.Index(text, "\n## Limits\n")
		if at < 0 {
			return strings.TrimRight(text, "\n") + "\n\n" + section
		}
		return text[:at+1] + section + text[at:]
	}
	if at := strings.Index(after, "\n## "); at >= 0 {
		return before + section + after[at:]
	}
	return before + section
}
