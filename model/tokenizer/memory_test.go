package tokenizer

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// What reading may allocate, freed or not: for each byte of a tokenizer.json, and whatever its size, which is mostly the list of ids
// that need not follow on one another (maxID). An expression has a bound of its own, as its bytes may be many times the work of others.
const (
	bytesPerByte    = 192
	bytesForNothing = 48 << 20
	expressionBytes = 4 << 20
)

// allocated is what f allocates, freed or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// parseMeasured is Parse, held to the bound.
func parseMeasured(t testing.TB, data []byte) (tok *Tokenizer, err error) {
	t.Helper()
	used := allocated(func() { tok, err = Parse(data) })
	if limit := uint64(len(data))*bytesPerByte + bytesForNothing; used > limit {
		t.Errorf("%d bytes allocate %d, want at most %d", len(data), used, limit)
	}
	return tok, err
}

// expressionMeasured is parseExpression, held to its bound.
func expressionMeasured(t testing.TB, text string) (e *expression, err error) {
	t.Helper()
	if used := allocated(func() { e, err = parseExpression(text) }); used > expressionBytes {
		t.Errorf("%.100q allocates %d bytes, want at most %d", text, used, expressionBytes)
	}
	return e, err
}

// Files that ask for as much as a byte can.
func TestParseTakesBoundedMemory(t *testing.T) {
	many := func(n int, item func(i int) string) string {
		list := make([]string, n)
		for i := range list {
			list[i] = item(i)
		}
		return strings.Join(list, ",")
	}
	same := func(s string) func(int) string { return func(int) string { return s } }
	for name, file := range map[string][]byte{
		"as it is":               []byte(tinyFile),
		"a far id":               edited(t, `"Ġab": 7`, fmt.Sprintf(`"Ġab": %d`, maxID-1)),
		"a long vocabulary":      edited(t, `"Ġab": 7`, `"Ġab": 7,`+many(300_000, func(i int) string { return fmt.Sprintf(`"%x":%d`, i+1<<20, i+100) })),
		"many merges":            edited(t, `["a b", "Ġ ab"]`, "["+many(500_000, same(`"a b"`))+"]"),
		"merges that are none":   edited(t, `["a b", "Ġ ab"]`, "["+many(1_000_000, same(`[]`))+"]"),
		"many empty steps":       edited(t, `"normalizer": null`, `"normalizer":{"type":"Sequence","normalizers":[`+many(300_000, same(`{}`))+`]}`),
		"many steps":             edited(t, byteLevelSteps, `{"type":"Sequence","pretokenizers":[`+many(10_000, same(`{"type":"Split","pattern":{"Regex":"(?:a{64}){60}"},"behavior":"Isolated"}`))+`]}`),
		"many pieces around":     edited(t, `"post_processor": {"type": "ByteLevel",`, `"post_processor": {"type": "ByteLevel","single":[`+many(300_000, same(`{}`))+`],`),
		"many members":           edited(t, `"normalizer": null`, `"normalizer":{`+many(200_000, func(i int) string { return fmt.Sprintf(`"%x":0`, i) })+`}`),
		"many added tokens":      edited(t, `{"id": 8,`, many(100_000, func(i int) string { return fmt.Sprintf(`{"id":%d,"content":"%x"}`, i+100, i+1<<20) })+`,{"id": 8,`),
		"another model":          edited(t, `"type": "BPE"`, `"type": "Unigram"`),
		"another model, and big": edited(t, `"type": "BPE"`, `"type": "Unigram","scores":[`+many(1_000_000, same("1"))+`]`),
	} {
		_, err := parseMeasured(t, file)
		t.Logf("%s: %d bytes: %.120v", name, len(file), err)
	}
	for _, text := range []string{
		`(?>(?>a{256}){256}){256}`, `(?:(?>a{256}|b){256}){256}`, `(?:(?:(?:a{0,256}?){256}){256}){256}`, `(?=(?:(?>a{9}){9}){9}){9}`,
		strings.Repeat("a", maxExpression), strings.Repeat("[a]", maxExpression/3), strings.Repeat("(?i:x)", maxExpression/6), strings.Repeat("(?>a)", maxExpression/5),
		strings.Repeat("(?>", maxGroups-1) + strings.Repeat("a{256})", maxGroups-1), strings.Repeat("a|", maxExpression/2), `(?i)[` + strings.Repeat(`\x{0}-\x{7f}`, 600) + `]`,
	} {
		_, err := expressionMeasured(t, text)
		t.Logf("%.40q: %.120v", text, err)
	}
}
