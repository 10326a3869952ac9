package tokenizer

import (
	"cmp"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

type document struct {
	Version       string         `json:"version"`
	Truncation    jsontext.Value `json:"truncation"` // of batches; not a matter of one text
	Padding       jsontext.Value `json:"padding"`
	AddedTokens   []addedToken   `json:"added_tokens"`
	Normalizer    *component     `json:"normalizer"`
	PreTokenizer  *component     `json:"pre_tokenizer"`
	PostProcessor *component     `json:"post_processor"`
	Decoder       *component     `json:"decoder"`
	Model         *bpeModel      `json:"model"`
}

type addedToken struct {
	ID         int32  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

// component is the union of the normalisers, pre-tokenisers, post-processors and decoders that are understood.
type component struct {
	Type string `json:"type"`

	Normalizers   []*component `json:"normalizers,omitempty"`
	Pretokenizers []*component `json:"pretokenizers,omitempty"`
	Processors    []*component `json:"processors,omitempty"`
	Decoders      []*component `json:"decoders,omitempty"`

	// ByteLevel
	AddPrefixSpace *bool `json:"add_prefix_space,omitempty"`
	TrimOffsets    *bool `json:"trim_offsets,omitempty"`
	UseRegex       *bool `json:"use_regex,omitempty"`
	// Digits
	IndividualDigits *bool `json:"individual_digits,omitempty"`
	// Split, Replace
	Pattern  *splitPattern `json:"pattern,omitempty"`
	Behavior string        `json:"behavior,omitempty"`
	Invert   *bool         `json:"invert,omitempty"`
	// Replace, and Strip among decoders
	Content *string `json:"content,omitempty"`
	Start   *int    `json:"start,omitempty"`
	Stop    *int    `json:"stop,omitempty"`
	// Prepend
	Prepend *string `json:"prepend,omitempty"`
	// Strip among normalisers
	StripLeft  *bool `json:"strip_left,omitempty"`
	StripRight *bool `json:"strip_right,omitempty"`
	// Metaspace
	Replacement   *string `json:"replacement,omitempty"`
	StrRep        *string `json:"str_rep,omitempty"` // says what Replacement says
	PrependScheme *string `json:"prepend_scheme,omitempty"`
	Split         *bool   `json:"split,omitempty"`
	// TemplateProcessing
	Single        []templatePiece            `json:"single,omitempty"`
	Pair          jsontext.Value             `json:"pair,omitempty"`
	SpecialTokens map[string]templateSpecial `json:"special_tokens,omitempty"`

	Unknown map[string]jsontext.Value `json:",embed"`
}

type splitPattern struct {
	String *string `json:"String,omitempty"`
	Regex  *string `json:"Regex,omitempty"`
}

type templatePiece struct {
	SpecialToken *templateID `json:"SpecialToken,omitempty"`
	Sequence     *templateID `json:"Sequence,omitempty"`
}

type templateID struct {
	ID     string `json:"id"`
	TypeID int    `json:"type_id"`
}

type templateSpecial struct {
	ID     string   `json:"id"`
	IDs    []int32  `json:"ids"`
	Tokens []string `json:"tokens"`
}

type bpeModel struct {
	Type         string           `json:"type"`
	Dropout      *float64         `json:"dropout"`
	Unk          *string          `json:"unk_token"`
	Prefix       *string          `json:"continuing_subword_prefix"`
	Suffix       *string          `json:"end_of_word_suffix"`
	FuseUnk      bool             `json:"fuse_unk"`
	ByteFallback bool             `json:"byte_fallback"`
	IgnoreMerges bool             `json:"ignore_merges"`
	Vocab        map[string]int32 `json:"vocab"`
	Merges       []merge          `json:"merges"`
}

// merge is one of model.merges as its file has it: "left right", or ["left", "right"].
type merge struct {
	left, right string
	// err says what else it is; where it stands, its reader knows.
	err error
}

// MarshalJSON writes it as two tokens.
func (m merge) MarshalJSON() ([]byte, error) { return json.Marshal([2]string{m.left, m.right}) }

// UnmarshalJSONFrom implements json.UnmarshalerFrom. It fails where the file is no JSON.
func (m *merge) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	wrong := func() error {
		m.err = errors.New(": must be two tokens")
		return nil
	}
	switch in.PeekKind() {
	case '"':
		both, err := in.ReadToken()
		if err != nil {
			return err
		}
		var found bool
		if m.left, m.right, found = strings.Cut(both.String(), " "); !found || strings.Contains(m.right, " ") {
			m.err = fmt.Errorf(" %q: must be two tokens with a space between", both.String())
		}
		return nil
	case '[':
		if _, err := in.ReadToken(); err != nil {
			return err
		}
		n := 0
		for ; in.PeekKind() != ']'; n++ {
			if n > 1 || in.PeekKind() != '"' {
				wrong()
				if err := in.SkipValue(); err != nil {
					return err
				}
				continue
			}
			side, err := in.ReadToken()
			if err != nil {
				return err
			}
			*[]*string{&m.left, &m.right}[n] = side.String()
		}
		if n != 2 {
			wrong()
		}
		_, err := in.ReadToken()
		return err
	}
	wrong()
	return in.SkipValue()
}

// readDocument reads the file's members. What a model of another type has is no unknown member of
// this one: its type is what is wrong.
func readDocument(data []byte) (*document, error) {
	var doc document
	if err := json.Unmarshal(data, &doc, json.RejectUnknownMembers(true)); err != nil {
		return nil, cmp.Or(wrongModel(data), err)
	}
	if doc.Version != "1.0" && doc.Version != "" {
		return nil, fmt.Errorf("version %q: only 1.0 is understood", doc.Version)
	}
	if doc.Model == nil || doc.Model.Type != "BPE" && doc.Model.Type != "" {
		return nil, wrongModel(data)
	}
	m := doc.Model
	switch {
	case m.Dropout != nil && *m.Dropout != 0:
		return nil, fmt.Errorf("model.dropout %v: only 0 is understood", *m.Dropout)
	case m.Prefix != nil && *m.Prefix != "":
		return nil, fmt.Errorf("model.continuing_subword_prefix %q: not understood", *m.Prefix)
	case m.Suffix != nil && *m.Suffix != "":
		return nil, fmt.Errorf("model.end_of_word_suffix %q: not understood", *m.Suffix)
	}
	return &doc, nil
}

// wrongModel says what a file has instead of a BPE model, nil where it has one or is no JSON.
func wrongModel(data []byte) error {
	var doc struct {
		Model jsontext.Value `json:"model"`
	}
	var kind struct {
		Type string `json:"type"`
	}
	many := jsontext.AllowDuplicateNames(true)
	switch {
	case json.Unmarshal(data, &doc, many) != nil:
		return nil
	case doc.Model.Kind() != '{':
		return errors.New("model: missing")
	case json.Unmarshal(doc.Model, &kind, many) != nil || kind.Type == "BPE" || kind.Type == "":
		return nil
	}
	return fmt.Errorf("model.type %q: only BPE is understood", kind.Type)
}

// maxNesting is how deep sequences of components may nest, maxSteps how many there may be; files in use have one level
// and at most six steps.
const (
	maxNesting = 4
	maxSteps   = 16
)

// flatten returns the steps of a component, a Sequence's members in order.
func (c *component) flatten(field string, depth int) ([]*component, error) {
	if c == nil {
		return nil, nil
	}
	if len(c.Unknown) > 0 {
		return nil, fmt.Errorf("%s.%s: not understood of %s", field, slices.Min(slices.Collect(maps.Keys(c.Unknown))), c.Type)
	}
	if c.Type != "Sequence" {
		return []*component{c}, nil
	}
	if depth == maxNesting {
		return nil, fmt.Errorf("%s: sequences nested more than %d deep", field, maxNesting)
	}
	var steps []*component
	for _, member := range slices.Concat(c.Normalizers, c.Pretokenizers, c.Processors, c.Decoders) {
		s, err := member.flatten(field, depth+1)
		if err != nil {
			return nil, err
		}
		if steps = append(steps, s...); len(steps) > maxSteps {
			return nil, fmt.Errorf("%s: more than %d steps", field, maxSteps)
		}
	}
	return steps, nil
}

// or is the value of an optional member.
func or[T any](value *T, byDefault T) T {
	if value == nil {
		return byDefault
	}
	return *value
}
