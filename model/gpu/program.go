package gpu

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// program is a compiled kernel.
type program struct {
	Shader
	pipeline Pipeline
	// plain is the same kernel without what only some devices have; nil if this is it.
	plain *Shader
}

// fallBack puts a kernel's plain form in its place, to be compiled. Its bindings
// are the same, so groups of buffers stay. It reports whether there was another form.
func (m *Model) fallBack(p *program, why error) bool {
	if p.plain == nil {
		return false
	}
	m.fallbacks = append(m.fallbacks, fmt.Sprintf("%s (%v)", p.Name, why))
	p.Shader, p.plain = *p.plain, nil
	return true
}

// compile makes the pipelines of kernels; one that the device refuses is tried in its plain form.
func (m *Model) compile(ctx context.Context, list []*program) error {
	for len(list) > 0 {
		shaders := make([]Shader, len(list))
		for i, p := range list {
			shaders[i] = p.Shader
		}
		made, refused, err := m.driver.Compile(ctx, shaders)
		if err != nil {
			return err
		}
		var again []*program
		for i, p := range list {
			switch {
			case refused[i] == nil:
				p.pipeline = made[i]
			case m.fallBack(p, refused[i]):
				again = append(again, p)
			default:
				return fmt.Errorf("kernel %s: %w", p.Name, refused[i])
			}
		}
		list = again
	}
	return nil
}

// Report says in a line, for a person, what the kernels use of a device beyond
// what every one has, and which of them had to do without, and why. It is final after SelfTest.
func (m *Model) Report() string {
	var uses []string
	for _, extra := range []struct{ feature, words string }{{subgroups, "subgroups"}, {shaderF16, "16-bit floats"}} {
		if slices.ContainsFunc(m.programs, func(p *program) bool { return slices.Contains(strings.Fields(p.Name), extra.feature) }) {
			uses = append(uses, extra.words)
		}
	}
	line := "plain WGSL"
	if len(uses) > 0 {
		line = strings.Join(uses, " and ")
	}
	if len(m.fallbacks) > 0 {
		line += "; in plain WGSL, as the other form failed here: " + strings.Join(m.fallbacks, "; ")
	}
	return line
}
