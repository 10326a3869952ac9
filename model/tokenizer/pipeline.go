package tokenizer

import "fmt"

// maxNesting is how deep sequences of components may nest; files in use have one level.
const maxNesting = 4

// flatten returns the steps of a component, a Sequence's members in order.
func (c *component) flatten(field string, depth int) ([]*component, error) {
	if c == nil {
		return nil, nil
	}
	if c.Type != "Sequence" {
		return []*component{c}, nil
	}
	if depth == maxNesting {
		return nil, fmt.Errorf("%s: sequences nested more than %d deep", field, maxNesting)
	}
	var steps []*component
	for _, list := range [][]*component{c.Normalizers, c.Pretokenizers, c.Processors} {
		for _, member := range list {
			s, err := member.flatten(field, depth+1)
			if err != nil {
				return nil, err
			}
			steps = append(steps, s...)
		}
	}
	return steps, nil
}

func (t *Tokenizer) parseNormalizer(doc *document) error {
	steps, err := doc.Normalizer.flatten("normalizer", 0)
	if err != nil {
		return err
	}
	for _, s := range steps {
		if s.Type != "NFC" {
			return fmt.Errorf("normalizer.type %q: only NFC is understood", s.Type)
		}
		t.nfc = true
	}
	return nil
}

func (t *Tokenizer) parsePreTokenizer(doc *document) error {
	steps, err := doc.PreTokenizer.flatten("pre_tokenizer", 0)
	if err != nil {
		return err
	}
	if len(steps) == 0 || steps[len(steps)-1].Type != "ByteLevel" {
		return fmt.Errorf("pre_tokenizer: must be ByteLevel or a Sequence that ends with it")
	}
	last := steps[len(steps)-1]
	if isSet(last.AddPrefixSpace, true) {
		return fmt.Errorf("pre_tokenizer.add_prefix_space true: not understood")
	}
	regex := isSet(last.UseRegex, true)
	switch {
	case len(steps) == 1 && regex:
		t.pattern = patternGPT2
		return nil
	case len(steps) != 2:
	case steps[0].Type == "Digits" && regex:
		if !isSet(steps[0].IndividualDigits, false) {
			return fmt.Errorf("pre_tokenizer.individual_digits false: not understood")
		}
		t.pattern = patternDigits
		return nil
	case steps[0].Type == "Split" && !regex:
		return t.parseSplit(steps[0])
	}
	types := make([]string, len(steps))
	for i, s := range steps {
		types[i] = s.Type
	}
	return fmt.Errorf("pre_tokenizer %q with use_regex %v: not understood", types, regex)
}

func (t *Tokenizer) parseSplit(s *component) error {
	if s.Behavior != "Isolated" || isSet(s.Invert, false) {
		return fmt.Errorf("pre_tokenizer.behavior %q: only Isolated without invert is understood", s.Behavior)
	}
	if s.Pattern == nil || s.Pattern.Regex == nil {
		return fmt.Errorf("pre_tokenizer.pattern: only a Regex is understood")
	}
	switch *s.Pattern.Regex {
	case regexGPT2:
		t.pattern = patternGPT2
	case regexLlama3:
		t.pattern = patternLlama3
	case regexQwen2:
		t.pattern = patternQwen2
	default:
		return fmt.Errorf("pre_tokenizer.pattern.Regex %q: not one of the known patterns", *s.Pattern.Regex)
	}
	return nil
}

// isSet is the value of an optional flag.
func isSet(flag *bool, byDefault bool) bool {
	if flag == nil {
		return byDefault
	}
	return *flag
}

func (t *Tokenizer) parseDecoder(doc *document) error {
	if doc.Decoder == nil || doc.Decoder.Type != "ByteLevel" {
		return fmt.Errorf("decoder: must be ByteLevel")
	}
	return nil
}

func (t *Tokenizer) parsePostProcessor(doc *document) error {
	steps, err := doc.PostProcessor.flatten("post_processor", 0)
	if err != nil {
		return err
	}
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
				if id < 0 || int(id) >= len(t.tokens) {
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
