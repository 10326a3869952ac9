package tokenizer

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// decoding is how tokens become text where they are not bytes already.
type decoding struct {
	// replace holds what stands in the vocabulary for something else: ▁ for a space.
	replace [][2]string
	// bytes says that <0x0A> is the byte 10.
	bytes bool
	// lead is taken off the start of a text, up to leads times.
	lead  string
	leads int
	// bare takes all marks off the first token of a text, as Metaspace does.
	bare string
}

func (t *Tokenizer) parseDecoder(doc *document) error {
	steps, err := doc.Decoder.flatten("decoder", 0)
	if err != nil {
		return err
	}
	t.parts.decoder = doc.Decoder
	if t.byteLevel {
		if len(steps) != 1 || steps[0].Type != "ByteLevel" {
			return fmt.Errorf("decoder: must be ByteLevel, as the pre-tokeniser is")
		}
		return nil
	}
	if len(steps) == 0 {
		return fmt.Errorf("decoder: missing: tokens would be joined by spaces")
	}
	fused := false
	d := &t.decoding
	for _, s := range steps {
		switch s.Type {
		case "Replace":
			if s.Pattern == nil || s.Pattern.String == nil || *s.Pattern.String == "" || s.Content == nil || len(*s.Content) > maxContent {
				return fmt.Errorf("decoder.pattern: only a String with its content is understood")
			}
			if fused && utf8.RuneCountInString(*s.Pattern.String) != 1 {
				return fmt.Errorf("decoder.pattern %q: behind Fuse only single characters are understood", *s.Pattern.String)
			}
			d.replace = append(d.replace, [2]string{*s.Pattern.String, *s.Content})
		case "ByteFallback":
			d.bytes = true
		case "Fuse":
			fused = true
		case "Strip":
			content, start := or(s.Content, " "), or(s.Start, 0)
			switch {
			case or(s.Stop, 0) != 0:
				return fmt.Errorf("decoder.stop %d: only 0 is understood", *s.Stop)
			case !fused && start != 0:
				return fmt.Errorf("decoder.start %d: Strip is understood behind Fuse only", start)
			case start < 0 || start > maxContent || utf8.RuneCountInString(content) != 1:
				return fmt.Errorf("decoder.start %d of %q: want a few times one character", start, content)
			}
			d.lead, d.leads = content, start
		case "Metaspace":
			mark := or(s.Replacement, "▁")
			if utf8.RuneCountInString(mark) != 1 {
				return fmt.Errorf("decoder.replacement %q: want one character", mark)
			}
			d.replace = append(d.replace, [2]string{mark, " "})
			if scheme := or(s.PrependScheme, "always"); scheme != "never" && or(s.AddPrefixSpace, true) {
				d.bare = mark
			}
		default:
			return fmt.Errorf("decoder.type %q: only ByteFallback, ByteLevel, Fuse, Metaspace, Replace and Strip are understood", s.Type)
		}
	}
	return nil
}

// text is what a spelling of the vocabulary stands for.
func (d *decoding) text(spelling string) []byte {
	if b, ok := byteToken(spelling); ok && d.bytes {
		return []byte{b}
	}
	for _, r := range d.replace {
		spelling = strings.ReplaceAll(spelling, r[0], r[1])
	}
	return []byte(spelling)
}

// byteToken is the byte that <0x0A> is written for.
func byteToken(spelling string) (byte, bool) {
	if len(spelling) != 6 || !strings.HasPrefix(spelling, "<0x") || spelling[5] != '>' {
		return 0, false
	}
	b, err := strconv.ParseUint(spelling[3:5], 16, 8)
	return byte(b), err == nil
}

// Decode appends the bytes of ids to dst, those of a whole text: where the file
// puts a space in front of texts, it is taken off again. Ids outside the vocabulary stand for
// nothing: embeddings are often padded with rows that no text uses.
func (t *Tokenizer) Decode(dst []byte, ids []int32) []byte {
	if t.byteLevel {
		for _, id := range ids {
			dst = append(dst, t.Token(id)...)
		}
		return dst
	}
	start := opening{t: t, leads: t.decoding.leads}
	for _, id := range ids {
		dst = append(dst, start.token(id)...)
	}
	return dst
}

// opening takes off the start of a text what the file's decoder does.
type opening struct {
	t     *Tokenizer
	leads int
	begun bool
}

// token is the text of the next token.
func (o *opening) token(id int32) []byte {
	text := o.t.Token(id)
	d := &o.t.decoding
	if text == nil || o.begun && o.leads == 0 {
		return text
	}
	if !o.begun && d.bare != "" {
		text = []byte(strings.ReplaceAll(o.t.spellings[id], d.bare, ""))
	}
	o.begun = true
	for o.leads > 0 && bytes.HasPrefix(text, []byte(d.lead)) {
		text = text[len(d.lead):]
		o.leads--
	}
	if len(text) > 0 {
		o.leads = 0
	}
	return text
}

// Stream decodes tokens one by one and never hands out part of a UTF-8
// sequence. The zero value is not usable; see [Tokenizer.Stream].
type Stream struct {
	start   opening
	pending []byte
}

// Stream returns a decoder for one sequence of tokens.
func (t *Tokenizer) Stream() *Stream { return &Stream{start: opening{t: t, leads: t.decoding.leads}} }

// Decode returns the text that token completes: everything up to the last byte that
// may still be the start of a longer UTF-8 sequence. Bytes that cannot be UTF-8
// are passed on as they are, so that the concatenation of all results and Flush
// equals Decode.
func (s *Stream) Decode(token int32) string {
	s.pending = append(s.pending, s.start.token(token)...)
	n := len(s.pending) - incomplete(s.pending)
	text := string(s.pending[:n])
	s.pending = append(s.pending[:0], s.pending[n:]...)
	return text
}

// Flush returns the incomplete sequence that is left at the end, and empties the stream.
func (s *Stream) Flush() string {
	text := string(s.pending)
	s.pending = s.pending[:0]
	return text
}

// incomplete is the number of bytes at the end of b, at most 3, that begin a
// UTF-8 sequence without ending it.
func incomplete(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		tail := b[len(b)-n:]
		if utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return n
			}
			return 0
		}
	}
	return 0
}
