package tokenizer

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// The four patterns that have scanners of their own, run by the general matcher: two programs that share nothing.
func TestMatcherAgreesWithScanners(t *testing.T) {
	for p, text := range map[pattern]string{patternGPT2: regexGPT2, patternLlama3: regexLlama3, patternQwen2: regexQwen2} {
		e, err := parseExpression(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range awkward {
			compareWords(t, p, e, c)
		}
	}
}

var awkward = []string{
	"", "a", " ", "  ", "   x", "don't we'LL I'M ſ'ſ 'S", "12345 x1y22", "\n\n  \n a\r\n", "a\u00a0b\u2003 c", "Müller straße", "日本語 テスト 123", "🦙🦙 !?...\n\n", "e\u0301 a\u0300b", "x\xff\xfey", "\t\tif (x) {\n\t\t}\n", "½ Ⅷ ²", "''s 't", "end  ",
}

func compareWords(t *testing.T, p pattern, e *expression, s string) {
	t.Helper()
	for at := 0; at < len(s); {
		n := p.word(s[at:])
		// The scanners see the rest of a text alone, the matcher from its beginning.
		start, end, ok := e.find(s, at)
		if !ok || start != at || end-at != n {
			t.Errorf("pattern %d on %q: a word of %d at %d, the matcher has %d to %d", p, s, n, at, start, end)
			return
		}
		at += n
	}
}

func FuzzMatcherAgreesWithScanners(f *testing.F) {
	expressions := map[pattern]*expression{}
	for p, text := range map[pattern]string{patternGPT2: regexGPT2, patternLlama3: regexLlama3, patternQwen2: regexQwen2} {
		e, err := parseExpression(text)
		if err != nil {
			f.Fatal(err)
		}
		expressions[p] = e
	}
	for _, s := range awkward {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for p, e := range expressions {
			compareWords(t, p, e, s)
		}
	})
}

// What Go's own package can run as well has the same first match there.
func TestMatcherAgreesWithGo(t *testing.T) {
	texts := []string{"", "a", "aaa", "ab", "abab", "xyzzy 123 45", "foo\nbar", "Ünïcödé ß", "aXbX", "x{2}", "...", "a-b]c", "tab\tspace "}
	for _, text := range []string{
		`a`, `a*`, `a+?`, `ab|a`, `a|ab`, `(?:ab)+`, `(ab){2}`, `a{2,}`, `a{1,2}?b`, `[a-c]+`, `[^a-c\s]+`, `[\]\-x]+`, `\d+`, `\p{L}+\P{L}`, `\p{Lu}\p{Ll}*`,
		`(?i:x)+`, `(?i)FOO`, `.+`, `\.+`, `[\p{L}\d]+`, `x??y`, `(?:a|b)*c`, `\x61\x{62}`, `[^\p{L}]`, `(?:xy|z)+z?`, `[a\-b]+`, `\pL+`, `\p{Greek}|\p{Latin}+`,
	} {
		e, err := parseExpression(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		re := regexp.MustCompile(text)
		for _, s := range texts {
			want := re.FindStringIndex(s)
			// The matcher looks for words: an empty match is none.
			for want != nil && want[0] == want[1] {
				next := want[1] + 1
				if next > len(s) {
					want = nil
					break
				}
				for next < len(s) && !utf8.RuneStart(s[next]) {
					next++
				}
				if rest := re.FindStringIndex(s[next:]); rest != nil {
					want = []int{rest[0] + next, rest[1] + next}
				} else {
					want = nil
				}
			}
			start, end, ok := e.find(s, 0)
			if ok != (want != nil) || ok && (start != want[0] || end != want[1]) {
				t.Errorf("%s in %q: %d to %d (%v), want %v", text, s, start, end, ok, want)
			}
		}
	}
}

// What Go's package has no words for, by hand.
func TestLookAheadAndPossession(t *testing.T) {
	for _, c := range []struct{ text, s, want string }{
		{`\s+(?!\S)|\s+`, "   x", "  "},
		{`\s+(?!\S)|\s+`, " x", " "},
		{`a+(?=b)`, "aac aab", "aa"},
		{`a++b|.`, "aab", "aab"},
		{`a++ab|b`, "aaab", "b"},
		{`(?>a|ab)c|b`, "abc", "b"},
		{`\s+$`, "a  \nb  ", "  "},
		{`^b`, "a\nb", "b"},
		{`[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}+`, ".word", ".word"},
		{`\p{N}{1,3}+`, "12345", "12345"},
		{`a{2}?b`, "aab", "aab"},
		{`a{2}?b`, "ab", "b"},
		{`x(?i)a|b`, "xB", "xB"},
		{`[\p{Lu}\p{Lt}]*[\p{Ll}]+(?i:'s|'t)?`, "HELLOworld'S", "HELLOworld'S"},
		{`[一-龥]+`, "漢字kana", "漢字"},
	} {
		e, err := parseExpression(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if start, end, ok := e.find(c.s, 0); !ok || c.s[start:end] != c.want {
			t.Errorf("%s in %q: %q, want %q", c.text, c.s, c.s[start:end], c.want)
		}
	}
}

func TestExpressionsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`(a`: "not closed", `a)`: "closes nothing", `[a`: "not closed", `*a`: "repeats nothing", `a{1`: "not understood", `a{3,2}`: "in order", `a{999}`: "256",
		`(?<!a)b`: `(?<!`, `(?<=a)b`: `(?<=`, `(?P<n>a)`: `(?P<`, `\1`: `\1`, `\bx`: `\b`, `\p{Elvish}`: "Elvish", `(a*)*`: "may be empty", `(?:a|)+`: "may be empty", `[b-a]`: "range", `\`: "backslash",
		`[a&&b]`: "intersections", `[[:alpha:]]`: "[[:alpha"[1:], strings.Repeat("(", 100): "deep", strings.Repeat("((a{99}){99}){99}", 1): "steps", `\x{110000}`: "no character", "a\xff": "UTF-8",
	} {
		if _, err := parseExpression(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// No expression takes longer than its size times the text's.
func TestMatcherIsPatient(t *testing.T) {
	e, err := parseExpression(`(?:a|aa)+$x`)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, ok := e.find(strings.Repeat("a", 2000), 0); ok {
		t.Error("a match")
	}
}

func FuzzExpression(f *testing.F) {
	for _, s := range []string{regexGPT2, regexLlama3, regexQwen2, `(?>a|b)+?[^c-d\p{L}]{1,3}(?!x)`, `\x{61}|\u0062`} {
		f.Add(s, "abc 123")
	}
	f.Fuzz(func(t *testing.T, text, s string) {
		e, err := expressionMeasured(t, text)
		if err != nil {
			return
		}
		if start, end, ok := e.find(s[:min(len(s), 64)], 0); ok && (start < 0 || end <= start || end > len(s)) {
			t.Fatalf("%q in %q: %d to %d", text, s, start, end)
		}
	})
}
