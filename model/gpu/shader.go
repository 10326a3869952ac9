package gpu

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
)

//go:embed shaders/*.wgsl
var shaders embed.FS

// Shader is one kernel with its constants put in, ready to compile.
type Shader struct {
	// Name is the file's name with the features that are on: "matmul NORM INT8".
	Name string
	// WGSL is the whole source.
	WGSL string
	// Bindings are the buffers of group 1.
	Bindings []Binding
}

// Binding is a buffer of a kernel: storage, unless it is marked as a uniform.
// Group 0 holds the two uniforms of every kernel.
type Binding struct {
	Index          int
	Write, Uniform bool
}

// Signature tells kernels apart whose groups of buffers cannot stand for each other.
func (s *Shader) Signature() string {
	var b strings.Builder
	for _, x := range s.Bindings {
		fmt.Fprintf(&b, "%d %t %t, ", x.Index, x.Write, x.Uniform)
	}
	return b.String()
}

// The features that not every device has, as shaders name them.
const (
	subgroups = "SUBGROUPS"
	shaderF16 = "F16"
)

// shader assembles a kernel of this package.
func shader(name string, constants map[string]int, features ...string) (Shader, error) {
	all := map[string]int{"MOST_PAIRS": mostPairs}
	maps.Copy(all, constants)
	return Assemble(shaders, name, all, features...)
}

// Assemble makes a kernel of a file shaders/NAME.wgsl: the lines that its features keep, with the files
// it includes, repeated where it says so, then constants and shaders/shared.wgsl.
//
// Lines between //#if NAME … and //#else or //#endif are kept where all the names are features. Those between
// //#each i COUNT and //#end are written COUNT times, a number or a constant, with $i the number of
// the time from 0. //#include NAME stands for a file, of this package where files has none of the name.
func Assemble(files fs.FS, name string, constants map[string]int, features ...string) (Shader, error) {
	var err error
	read := func(name string) string {
		path := "shaders/" + name + ".wgsl"
		data, e := fs.ReadFile(files, path)
		if errors.Is(e, fs.ErrNotExist) {
			data, e = fs.ReadFile(shaders, path)
		}
		if err == nil {
			err = e
		}
		return string(data)
	}
	shared, source := read("shared"), read(name)
	source = include(source, read)
	if err != nil {
		return Shader{}, fmt.Errorf("gpu: %s.wgsl: %w", name, err)
	}
	body, err := prune(source, features)
	if err == nil {
		body, err = repeat(body, constants)
	}
	if err != nil {
		return Shader{}, fmt.Errorf("gpu: %s.wgsl: %w", name, err)
	}
	var b strings.Builder
	// The body comes first, as what it enables must; WGSL takes declarations in any order.
	b.WriteString(body)
	for _, key := range slices.Sorted(maps.Keys(constants)) {
		fmt.Fprintf(&b, "const %s: u32 = %du;\n", key, constants[key])
	}
	b.WriteString(shared)
	s := Shader{Name: strings.Join(append([]string{name}, features...), " "), WGSL: b.String()}
	if s.Bindings, err = bindings(body); err != nil {
		return Shader{}, fmt.Errorf("gpu: %s.wgsl: %w", name, err)
	}
	return s, nil
}

// include puts files where lines ask for them.
func include(source string, read func(name string) string) string {
	var b strings.Builder
	for line := range strings.Lines(source) {
		if name, ok := strings.CutPrefix(line, "//#include "); ok {
			line = read(strings.TrimSpace(name))
		}
		b.WriteString(line)
	}
	return b.String()
}

// bindings are the buffers of group 1 that a kernel declares.
func bindings(source string) ([]Binding, error) {
	kinds := map[string]Binding{"storage, read": {}, "storage, read_write": {Write: true}, "uniform": {Uniform: true}}
	var all []Binding
	for _, declared := range strings.Split(source, "@group(1) @binding(")[1:] {
		number, rest, _ := strings.Cut(declared, ") var<")
		kind, _, _ := strings.Cut(rest, ">")
		b, known := kinds[kind]
		index, err := strconv.Atoi(number)
		if err != nil || !known {
			return nil, fmt.Errorf("%q declares no buffer", strings.TrimSpace("@group(1) @binding("+strings.SplitN(declared, "\n", 2)[0]))
		}
		b.Index = index
		all = append(all, b)
	}
	return all, nil
}

// prune keeps the lines between //#if NAME …, //#else and //#endif that features
// ask for; all the names must be among them. Conditions do not nest.
func prune(source string, features []string) (string, error) {
	var b strings.Builder
	inside, keep := false, true
	for line := range strings.Lines(source) {
		directive, ok := strings.CutPrefix(strings.TrimSpace(line), "//#")
		if !ok {
			if keep {
				b.WriteString(line)
			}
			continue
		}
		word, names, _ := strings.Cut(directive, " ")
		switch {
		case strings.TrimSpace(word) == "each" || strings.TrimSpace(word) == "end":
			if keep {
				b.WriteString(line)
			}
		case word == "if" && !inside:
			inside, keep = true, true
			for name := range strings.FieldsSeq(names) {
				keep = keep && slices.Contains(features, name)
			}
		case word == "else" && inside:
			keep = !keep
		case word == "endif" && inside:
			inside, keep = false, true
		default:
			return "", fmt.Errorf("directive %q out of place", directive)
		}
	}
	if inside {
		return "", fmt.Errorf("an //#if without its //#endif")
	}
	return b.String(), nil
}

// repeat writes the lines between //#each NAME COUNT and //#end so often, with $NAME the number of the time.
func repeat(source string, constants map[string]int) (string, error) {
	var b, inner strings.Builder
	name, count := "", 0
	for line := range strings.Lines(source) {
		directive, ok := strings.CutPrefix(strings.TrimSpace(line), "//#")
		fields := strings.Fields(directive)
		switch {
		case !ok && name == "":
			b.WriteString(line)
		case !ok:
			inner.WriteString(line)
		case fields[0] == "each" && len(fields) == 3 && name == "":
			var err error
			if count, err = strconv.Atoi(fields[2]); err != nil {
				if count, ok = constants[fields[2]]; !ok {
					return "", fmt.Errorf("directive %q: no constant is called %s", directive, fields[2])
				}
			}
			name = fields[1]
		case fields[0] == "end" && name != "":
			for i := range count {
				b.WriteString(strings.ReplaceAll(inner.String(), "$"+name, strconv.Itoa(i)))
			}
			inner.Reset()
			name = ""
		default:
			return "", fmt.Errorf("directive %q out of place", directive)
		}
	}
	if name != "" {
		return "", fmt.Errorf("an //#each without its //#end")
	}
	return b.String(), nil
}
