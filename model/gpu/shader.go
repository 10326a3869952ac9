package gpu

import (
	"embed"
	"fmt"
	"regexp"
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
	// Bindings are the storage buffers of group 1.
	Bindings []Binding
}

// Binding is a storage buffer of a kernel. Group 0 holds the two uniforms of every kernel.
type Binding struct {
	Index int
	Write bool
}

// Signature tells kernels apart whose groups of buffers cannot stand for each other.
func (s *Shader) Signature() string {
	var b strings.Builder
	for _, x := range s.Bindings {
		fmt.Fprintf(&b, "%d%t ", x.Index, x.Write)
	}
	return b.String()
}

var bindingLine = regexp.MustCompile(`@group\(1\) @binding\((\d+)\) var<storage, (read|read_write)>`)

// shader assembles a kernel: the shared part, constants, and the lines of its
// file that its features keep.
func shader(name string, constants map[string]any, features ...string) (Shader, error) {
	shared, err := shaders.ReadFile("shaders/shared.wgsl")
	if err != nil {
		return Shader{}, err
	}
	source, err := shaders.ReadFile("shaders/" + name + ".wgsl")
	if err != nil {
		return Shader{}, err
	}
	body, err := prune(string(source), features)
	if err != nil {
		return Shader{}, fmt.Errorf("gpu: %s.wgsl: %w", name, err)
	}
	var b strings.Builder
	for _, key := range sortedKeys(constants) {
		switch v := constants[key].(type) {
		case int:
			fmt.Fprintf(&b, "const %s: u32 = %du;\n", key, v)
		case float32:
			fmt.Fprintf(&b, "const %s: f32 = %sf;\n", key, strconv.FormatFloat(float64(v), 'e', -1, 32))
		default:
			return Shader{}, fmt.Errorf("gpu: %s.wgsl: constant %s is a %T", name, key, v)
		}
	}
	b.Write(shared)
	b.WriteString(body)
	s := Shader{Name: strings.Join(append([]string{name}, features...), " "), WGSL: b.String()}
	for _, m := range bindingLine.FindAllStringSubmatch(body, -1) {
		index, err := strconv.Atoi(m[1])
		if err != nil {
			return Shader{}, err
		}
		s.Bindings = append(s.Bindings, Binding{Index: index, Write: m[2] == "read_write"})
	}
	return s, nil
}

// prune keeps the lines between //#if NAME, //#else and //#endif that features ask for. Conditions do not nest.
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
		word, name, _ := strings.Cut(directive, " ")
		switch {
		case word == "if" && !inside:
			inside, keep = true, slices.Contains(features, name)
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

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
