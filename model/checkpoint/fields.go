package checkpoint

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"math"
)

// fields are the members of a JSON object that is read key by key. The first
// error is kept and every later read returns the default, so that a reader can
// be written down as a list.
type fields struct {
	path   string // of the object, "" or ending in a dot
	values map[string]jsontext.Value
	// names are the keys that the file has under another name, or elsewhere.
	names map[string]string
	err   error
}

// rename notes where in the file the value of key was found.
func (f *fields) rename(key, name string) {
	if f.names == nil {
		f.names = map[string]string{}
	}
	f.names[key] = name
}

// name is what the file calls key.
func (f *fields) name(key string) string {
	if name, ok := f.names[key]; ok {
		return name
	}
	return f.path + key
}

func parseFields(path string, text []byte) (*fields, error) {
	f := &fields{path: path}
	// What is JSON and no object is told from what is no JSON.
	if kind := jsontext.Value(text).Kind(); kind != '{' && jsontext.Value(text).IsValid() {
		return nil, errors.New("must be an object")
	}
	if err := json.Unmarshal(text, &f.values); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *fields) fail(key, format string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf("%s: %s", f.name(key), fmt.Sprintf(format, args...))
	}
}

// take removes key and returns its value, or byDefault if it is absent or null.
func take[T any](f *fields, key string, byDefault T) T {
	text, ok := f.values[key]
	delete(f.values, key)
	if f.err != nil || !ok || text.Kind() == 'n' {
		return byDefault
	}
	var v T
	if err := json.Unmarshal(text, &v); err != nil {
		f.fail(key, "%.40s: must be %s", text, kindOf(v))
		return byDefault
	}
	return v
}

// kindOf says for a person what JSON a value of v's type is written in.
func kindOf(v any) string {
	switch v.(type) {
	case bool:
		return "true or false"
	case string:
		return "text"
	case float64:
		return "a number"
	case []string:
		return "a list of texts"
	case []float64:
		return "a list of numbers"
	}
	return "JSON of another kind"
}

// has tells whether key is there and not null.
func (f *fields) has(key string) bool {
	text, ok := f.values[key]
	return ok && text.Kind() != 'n'
}

// count takes an integer from 1 to limit; it must be there if byDefault is 0.
func (f *fields) count(key string, byDefault, limit int) int {
	if byDefault == 0 && !f.has(key) {
		f.fail(key, "missing")
	}
	n := byDefault
	if text := take[jsontext.Value](f, key, nil); text != nil {
		var ok bool
		if n, ok = isInteger(text); !ok {
			f.fail(key, "%s: must be a whole number, 1 … %d", text, limit)
			return max(byDefault, 1)
		}
	}
	if n < 1 || n > limit {
		f.fail(key, "%d: must be 1 … %d", n, limit)
	}
	return n
}

// number takes a number of at least low; NaN as byDefault means it must be there.
func (f *fields) number(key string, byDefault, low float64) float64 {
	if math.IsNaN(byDefault) && !f.has(key) {
		f.fail(key, "missing")
		return low
	}
	x := take(f, key, byDefault)
	if !(x >= low) {
		f.fail(key, "%v: must be at least %v", x, low)
	}
	return x
}

var required = math.NaN()
