package tokenizer

import (
	"bytes"
	"encoding/json/v2"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// tinyFile is the smallest tokenizer.json that has a bit of everything: five
// letters, the space (Ġ), two merges and an added token after the vocabulary.
const tinyFile = `{
  "version": "1.0", "truncation": null, "padding": null,
  "added_tokens": [{"id": 8, "content": "<end>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
  "normalizer": null,
  "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
  "post_processor": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true},
  "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
  "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null, "end_of_word_suffix": null,
    "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
    "vocab": {"a": 0, "b": 1, "c": 2, "d": 3, "e": 4, "Ġ": 5, "ab": 6, "Ġab": 7},
    "merges": ["a b", "Ġ ab"]}
}`

const byteLevelSteps = `{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}`

func split(regex string) string {
	text, _ := json.Marshal(regex)
	return `{"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": ` + string(text) + `}, "behavior": "Isolated", "invert": false},
		{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]}`
}

func edited(t testing.TB, from, to string) []byte {
	t.Helper()
	if !strings.Contains(tinyFile, from) {
		t.Fatalf("%q is not in the file", from)
	}
	return []byte(strings.Replace(tinyFile, from, to, 1))
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, from, to, text string
		want                 []int32
	}{
		{"as it is", "", "", "ab abc<end>ab", []int32{6, 7, 2, 8, 6}},
		{"merges as lists", `["a b", "Ġ ab"]`, `[["a", "b"], ["Ġ", "ab"]]`, "ab ab", []int32{6, 7}},
		{"merges the other way round", `["a b", "Ġ ab"]`, `["Ġ ab", "a b"]`, "ab ab", []int32{6, 7}},
		{"no merges", `["a b", "Ġ ab"]`, `[]`, "ab ab", []int32{0, 1, 5, 0, 1}},
		{"a byte without id is nothing", "", "", "axb", []int32{6}},
		{"a byte without id is the unknown token", `"unk_token": null`, `"unk_token": "e"`, "axb", []int32{0, 4, 1}},
		{"a whole word before merges", `"ignore_merges": false`, `"ignore_merges": true`, " ab", []int32{7}},
		{"an added token of the vocabulary", `{"id": 8, "content": "<end>"`, `{"id": 6, "content": "ab"`, "aab", []int32{0, 6}},
		{"the Llama 3 pattern", byteLevelSteps, split(regexLlama3), "ab\n ab", []int32{6, 7}},
		{"normalised to NFC", `"normalizer": null`, `"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}]}`, "ab", []int32{6}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tok, err := Parse(edited(t, c.from, c.to))
			if err != nil {
				t.Fatal(err)
			}
			if got := tok.Encode(nil, c.text); !slices.Equal(got, c.want) {
				t.Errorf("%q is %d, want %d", c.text, got, c.want)
			}
			if tok.Complete() {
				t.Error("a vocabulary of six bytes says it is complete")
			}
			if !tok.Special(8) && c.name == "as it is" {
				t.Error("<end> is not special")
			}
		})
	}
}

func TestParseFrame(t *testing.T) {
	const template = `{"type": "TemplateProcessing",
		"single": [{"SpecialToken": {"id": "<end>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "both", "type_id": 0}}],
		"pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
		"special_tokens": {"<end>": {"id": "<end>", "ids": [8], "tokens": ["<end>"]}, "both": {"id": "both", "ids": [8, 4], "tokens": ["<end>", "e"]}}}`
	const processor = `{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true}`
	tok, err := Parse(edited(t, processor, template))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // as parsed, and as written and parsed again
		prefix, suffix := tok.Frame()
		if !slices.Equal(prefix, []int32{8}) || !slices.Equal(suffix, []int32{8, 4}) {
			t.Errorf("frame is %d %d, want [8] [8 4]", prefix, suffix)
		}
		tok = reparse(t, tok)
	}
}

func TestParseRefuses(t *testing.T) {
	const (
		processor = `{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true}`
		decoder   = `{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}`
		merges    = `["a b", "Ġ ab"]`
	)
	template := func(single, special string) string {
		return `{"type": "TemplateProcessing", "single": [` + single + `], "special_tokens": {` + special + `}}`
	}
	nested := strings.Repeat(`{"type": "Sequence", "pretokenizers": [`, 9) + byteLevelSteps + strings.Repeat("]}", 9)
	for _, c := range []struct{ name, from, to, want string }{
		{"no JSON", tinyFile, "tokens", ""},
		{"empty", tinyFile, "", ""},
		{"null", tinyFile, "null", "model"},
		{"cut short", `"merges": ["a b", "Ġ ab"]}`, "", ""},
		{"deep JSON", `"truncation": null`, `"truncation": ` + strings.Repeat("[", 100000) + strings.Repeat("]", 100000), "depth"},
		{"a key twice", `"version": "1.0"`, `"version": "1.0", "version": "1.0"`, "version"},
		{"a token twice", `"b": 1`, `"a": 1`, "vocab"},
		{"an unknown key", `"version"`, `"flavour": 1, "version"`, "flavour"},
		{"another version", `"1.0"`, `"2.0"`, "version"},
		{"another model", `"BPE"`, `"Unigram"`, "model.type"},
		{"dropout", `"dropout": null`, `"dropout": 0.1`, "model.dropout"},
		{"prefix", `"continuing_subword_prefix": null`, `"continuing_subword_prefix": "##"`, "model.continuing_subword_prefix"},
		{"suffix", `"end_of_word_suffix": null`, `"end_of_word_suffix": "</w>"`, "model.end_of_word_suffix"},
		{"byte fallback", `"byte_fallback": false`, `"byte_fallback": true`, "model.byte_fallback"},
		{"an unknown unknown", `"unk_token": null`, `"unk_token": "?"`, `model.unk_token "?"`},
		{"an id beyond all bounds", `"e": 4`, `"e": 1048576`, "model.vocab"},
		{"an id twice", `"e": 4`, `"e": 3`, "model.vocab"},
		{"a negative id", `"e": 4`, `"e": -4`, "model.vocab"},
		{"an id beyond 32 bits", `"e": 4`, `"e": 4294967300`, "vocab"},
		{"an id with a fraction", `"e": 4`, `"e": 4.5`, "vocab"},
		{"an empty token", `"e": 4`, `"": 4`, "model.vocab"},
		{"an empty vocabulary", `{"a": 0, "b": 1, "c": 2, "d": 3, "e": 4, "Ġ": 5, "ab": 6, "Ġab": 7}`, "{}", ""},
		{"an added token without text", `"content": "<end>"`, `"content": ""`, "added_tokens[0].content"},
		{"an added token with another's id", `"id": 8`, `"id": 3`, "added_tokens[0]"},
		{"an added token beyond all bounds", `"id": 8`, `"id": 1048576`, "added_tokens[0]"},
		{"an added token with two ids", `"content": "<end>"`, `"content": "ab"`, "added_tokens[0].id 8"},
		{"an added token twice", `"added_tokens": [`, `"added_tokens": [{"id": 8, "content": "<end>"}, `, "added_tokens["},
		{"a merge of one", merges, `["ab"]`, "model.merges[0]"},
		{"a merge of three", merges, `["a b", "a b c"]`, "model.merges[1]"},
		{"a merge list of three", merges, `[["a", "b", "c"]]`, "model.merges[0]"},
		{"a merge of numbers", merges, `[[0, 1]]`, "model.merges[0]"},
		{"a merge that is no list", merges, `[7]`, "model.merges[0]"},
		{"a merge into nothing", merges, `["a c"]`, `"ac" is not in model.vocab`},
		{"a merge of the unknown", merges, `["a x"]`, `"x" is not in model.vocab`},
		{"a map of characters", `"normalizer": null`, `"normalizer": {"type": "Precompiled"}`, `normalizer.type "Precompiled"`},
		{"a normaliser's unknown member", `"normalizer": null`, `"normalizer": {"type": "NFC", "form": 1}`, `normalizer.form`},
		{"a prefix of nothing", `"normalizer": null`, `"normalizer": {"type": "Prepend", "prepend": ""}`, `normalizer.prepend`},
		{"a replacement of nothing", `"normalizer": null`, `"normalizer": {"type": "Replace", "pattern": {"String": ""}, "content": "x"}`, `normalizer.pattern`},
		{"no pre-tokeniser and bytes", byteLevelSteps, "null", "decoder"},
		{"another pre-tokeniser", byteLevelSteps, `{"type": "BertPreTokenizer"}`, "pre_tokenizer"},
		{"a pre-tokeniser behind bytes", byteLevelSteps, `{"type": "Sequence", "pretokenizers": [` + byteLevelSteps + `, {"type": "Digits"}]}`, "pre_tokenizer: Digits after ByteLevel"},
		{"a pattern that looks behind", byteLevelSteps, split(`(?<=a)b`), "pre_tokenizer.pattern.Regex"},
		{"a pattern without behaviour", byteLevelSteps, strings.Replace(split(regexLlama3), "Isolated", "Scattered", 1), "pre_tokenizer.behavior"},
		{"nested sequences", byteLevelSteps, nested, "pre_tokenizer"},
		{"no decoder", decoder, "null", "decoder"},
		{"another decoder", decoder, `{"type": "WordPiece"}`, "decoder"},
		{"another post-processor", processor, `{"type": "BertProcessing"}`, "post_processor.type"},
		{"a template without text", processor, template("", ""), "post_processor.single"},
		{"a template with two texts", processor, template(`{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}`, ""), "post_processor.single[1]"},
		{"a template of the unknown", processor, template(`{"SpecialToken": {"id": "<s>", "type_id": 0}}`, ""), "post_processor.single[0]"},
		{"a template with an id too large", processor, template(`{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}`, `"<s>": {"id": "<s>", "ids": [9], "tokens": ["<s>"]}`), "post_processor.special_tokens"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(edited(t, c.from, c.to))
			if err == nil {
				t.Fatalf("no error, want one with %q", c.want)
			}
			if !strings.Contains(err.Error(), "tokenizer.json: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %q, want tokenizer.json and %q in it", err, c.want)
			}
		})
	}
}

// reparse writes tok and reads that, and sees that another writing gives the same bytes.
func reparse(t *testing.T, tok *Tokenizer) *Tokenizer {
	t.Helper()
	first, err := tok.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(first)
	if err != nil {
		t.Fatalf("%v in\n%s", err, first)
	}
	second, err := again.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Fatalf("written twice, read in between:\n%s\nand\n%s", first, second)
	}
	sameVocabulary(t, again, tok)
	return again
}

func sameVocabulary(t *testing.T, got, want *Tokenizer) {
	t.Helper()
	if got.Size() != want.Size() || got.unk != want.unk || got.pattern != want.pattern || len(got.steps) != len(want.steps) ||
		len(got.normalizers) != len(want.normalizers) || got.wholeWords != want.wholeWords || got.fuseUnk != want.fuseUnk || got.byteFallback != want.byteFallback ||
		!slices.Equal(got.merges, want.merges) || !slices.Equal(got.spellings, want.spellings) || !slices.Equal(got.inVocab, want.inVocab) ||
		!slices.Equal(got.added, want.added) || !slices.Equal(got.prefix, want.prefix) || !slices.Equal(got.suffix, want.suffix) ||
		got.bytes != want.bytes || !maps.Equal(got.ids, want.ids) || !reflect.DeepEqual(got.decoding, want.decoding) {
		t.Error("the vocabulary changes on the way to disk and back")
	}
	for id := range int32(want.Size()) {
		if !bytes.Equal(got.Token(id), want.Token(id)) {
			t.Fatalf("token %d is %q, want %q", id, got.Token(id), want.Token(id))
		}
	}
}

// withPattern is tok with another pre-tokeniser.
func withPattern(t *testing.T, tok *Tokenizer, p pattern, nfc bool) *Tokenizer {
	t.Helper()
	data, err := tok.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	steps := map[pattern]string{patternGPT2: byteLevelSteps, patternLlama3: split(regexLlama3), patternQwen2: split(regexQwen2),
		patternDigits: `{"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true}, ` + byteLevelSteps + `]}`}[p]
	start := bytes.Index(data, []byte(`"pre_tokenizer": `)) + len(`"pre_tokenizer": `)
	end := start + bytes.IndexByte(data[start:], '\n')
	file := string(data[:start]) + steps + "," + string(data[end:])
	if nfc {
		file = strings.Replace(file, `"normalizer": null`, `"normalizer": {"type": "NFC"}`, 1)
	}
	other, err := Parse([]byte(file))
	if err != nil || other.pattern != p {
		t.Fatalf("pattern %d, %v", other.pattern, err)
	}
	return other
}

func TestMarshalThenParse(t *testing.T) {
	g, _ := readGolden(t)
	trained := storyTokenizer(t)
	for name, p := range goldenPatterns {
		for _, nfc := range []bool{false, true} {
			tok := withPattern(t, trained, p, nfc)
			again := reparse(t, tok)
			for _, c := range g.Cases {
				if got, want := again.Encode(nil, c.Text), tok.Encode(nil, c.Text); !slices.Equal(got, want) {
					t.Errorf("%s: %q is %d after writing and reading, before %d", name, c.Text, got, want)
				}
			}
		}
	}
	tok, err := Parse([]byte(tinyFile))
	if err != nil {
		t.Fatal(err)
	}
	reparse(t, tok)
}

// Whatever the bytes are, Parse returns and takes no more memory than bytesPerByte says; what it accepts encodes and decodes
// without a panic and is stable under writing and reading.
func FuzzParse(f *testing.F) {
	f.Add([]byte(tinyFile))
	f.Add(edited(f, byteLevelSteps, split(regexQwen2)))
	f.Add(edited(f, `"normalizer": null`, `"normalizer": {"type": "NFC"}`))
	f.Add(edited(f, `["a b", "Ġ ab"]`, `[["a", "b"], ["Ġ", "ab"]]`))
	f.Add(edited(f, `"unk_token": null`, `"unk_token": "e"`))
	f.Add(edited(f, `"b": 1`, `"b c": 1`))
	f.Add(edited(f, `{"id": 8, "content": "<end>"`, `{"id": 6, "content": "ab"`))
	f.Add(edited(f, `{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true}`,
		`{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
		"pair": [], "special_tokens": {"x": {"id": "x", "ids": [8, 8], "tokens": ["<end>", "<end>"]}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		tok, err := parseMeasured(t, data)
		if err != nil {
			return
		}
		for _, id := range tok.Encode(nil, "ab <end>cde\xff\u00e9e\u0301 "+string(data[:min(len(data), 600)])) {
			if tok.Token(id) == nil {
				t.Fatalf("id %d is outside the vocabulary of %d", id, tok.Size())
			}
		}
		again := reparse(t, tok)
		const text = "ab abc<end>ab dd ee"
		if got, want := again.Encode(nil, text), tok.Encode(nil, text); !slices.Equal(got, want) {
			t.Fatalf("%q is %d after writing and reading, before %d", text, got, want)
		}
	})
}
