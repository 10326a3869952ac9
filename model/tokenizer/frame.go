package tokenizer

import (
	"fmt"
	"slices"
)

// Frame is what the file's post-processor puts before and after a single text,
// a beginning-of-text token for instance. [Tokenizer.Encode] leaves it out.
func (t *Tokenizer) Frame() (prefix, suffix []int32) {
	return slices.Clone(t.prefix), slices.Clone(t.suffix)
}

func (t *Tokenizer) parsePostProcessor(doc *document) error {
	steps, err := doc.PostProcessor.flatten("post_processor", 0)
	if err != nil {
		return err
	}
	t.parts.postProcessor = doc.PostProcessor
	for _, s := range steps {
		switch s.Type {
		case "ByteLevel": // concerns offsets only
		case "TemplateProcessing":
			if err := t.parseTemplate(s); err != nil {
				return err
			}
		default:
			return fmt.Errorf("post_processor.type %q: only ByteLevel and TemplateProcessing are understood", s.Type)
		}
	}
	return nil
}

// parseTemplate reads what surrounds a single text.
func (t *Tokenizer) parseTemplate(s *component) error {
	text := false
	for i, piece := range s.Single {
		switch {
		case piece.Sequence != nil && piece.SpecialToken == nil && piece.Sequence.ID == "A" && !text:
			text = true
		case piece.SpecialToken != nil && piece.Sequence == nil:
			special, ok := s.SpecialTokens[piece.SpecialToken.ID]
			if !ok {
				return fmt.Errorf("post_processor.single[%d] %q: not in special_tokens", i, piece.SpecialToken.ID)
			}
			for _, id := range special.IDs {
				if id < 0 || int(id) >= len(t.spellings) || t.spellings[id] == "" {
					return fmt.Errorf("post_processor.special_tokens %q: id %d is not in the vocabulary", piece.SpecialToken.ID, id)
				}
			}
			if text {
				t.suffix = append(t.suffix, special.IDs...)
			} else {
				t.prefix = append(t.prefix, special.IDs...)
			}
		default:
			return fmt.Errorf("post_processor.single[%d]: must be a special token, or the sequence A once", i)
		}
	}
	if !text {
		return fmt.Errorf("post_processor.single: the sequence A is missing")
	}
	return nil
}
