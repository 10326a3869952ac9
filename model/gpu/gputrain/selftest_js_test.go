//go:build js && wasm

package gputrain

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"clexlab/model/gpu"
)

// broken is a device that takes one text of its kernels for another.
type broken struct {
	gpu.Driver
	kernel, was, is string
	found           bool
}

func (b *broken) Compile(ctx context.Context, list []gpu.Shader) ([]gpu.Pipeline, []error, error) {
	changed := append([]gpu.Shader(nil), list...)
	for i, s := range list {
		if s.Name == b.kernel && strings.Contains(s.WGSL, b.was) {
			changed[i].WGSL = strings.Replace(s.WGSL, b.was, b.is, 1)
			b.found = true
		}
	}
	return b.Driver.Compile(ctx, changed)
}

// A device that computes right is trusted, whatever the model; one that has any kernel wrong is not, and what is wrong is named.
func TestSelfTest(t *testing.T) {
	d := open(t)
	for _, distil := range []string{"0", "0.4"} {
		r := parse(t, replace(recipe, "TIED", "false", "FROM", "base", "DISTIL", distil))
		begin := time.Now()
		if err := SelfTest(t.Context(), d, r); err != nil {
			t.Errorf("distil %s: %v", distil, err)
		}
		t.Logf("distil %s: %v", distil, time.Since(begin))
	}
	hard := parse(t, replace(recipe, "TIED", "true", "FROM", "", "DISTIL", "0"))
	soft := parse(t, replace(recipe, "TIED", "true", "FROM", "base", "DISTIL", "0.4"))
	for i, c := range []struct{ kernel, was, is, off string }{
		{"crossentropy", "let weight = row_weights[row];", "let weight = min(row_weights[row], 0.003);", "the loss is off"},
		{"attendkey VALUES", "if (key < u32(seen.z)) { s += seen.w; }", "", "layer 0 qkv"},
		{"rotateback", "f32(positions[row])", "(1.01 * f32(positions[row]))", "rotary frequencies"},
		{"embed", "tokens[", "0u * tokens[", ""},
		{"norm", "p.eps", "0.1", ""},
		{"angles", "positions[row]", "min(positions[row], 1000u)", ""},
		{"rotate", "cs.y", "0.99 * cs.y", ""},
		{"attend", "if (k + j < before) { s += skip.y; }", "", ""},
		{"attendquery", "if (k + j < before) { s += skip.y; }", "", ""},
		{"attendkey", "if (key < u32(seen.z)) { s += seen.w; }", "", ""},
		{"swiglu", "exp(-", "exp(-0.99 * ", ""},
		{"swigluback", "(1.0 - s)", "(1.01 - s)", ""},
		{"normback", "- v * back", "", ""},
		{"matmul", "sum7 = fma(vec4<f32>(v.w), w, sum7)", "sum7 = fma(vec4<f32>(v.z), w, sum7)", ""},
		{"matmul RESIDUAL", "sum0 += residual[at]", "", ""},
		{"matmul B_ACROSS", "sum7 = fma(vec4<f32>(v.w), w, sum7)", "sum7 = fma(vec4<f32>(v.z), w, sum7)", ""},
		{"matmul A_ACROSS B_ACROSS SPLIT", "group.z * p.share", "group.z * (p.share + 1u)", ""},
		{"gather", "s < p.rows", "s + 1u < p.rows", ""},
		{"crossentropy SOFT", "weight * p.distil", "0.9 * weight * p.distil", ""},
		{"shardsums", "nll[r].x * answers[r]", "nll[r].x", "loss of the answers"},
		{"squares", "part += dot(gradient[i], gradient[i])", "part += abs(gradient[i].x)", ""},
		{"clip", "p.clip / ", "1.01 * p.clip / ", ""},
		{"adamw", "p.correct1 * m", "m", "the step of"},
		{"adamw", "p.mean * (w - mean[i])", "w - mean[i]", "mean of the weights"},
		{"embedback", "i < to", "i + 1u < to", "the embedding"},
	} {
		if testing.Short() && i > 2 {
			break
		}
		b := &broken{Driver: d, kernel: c.kernel, was: c.was, is: c.is}
		r := hard
		if strings.Contains(c.kernel, "SOFT") {
			r = soft
		}
		var trouble *gpu.Error
		if err := SelfTest(t.Context(), b, r); !b.found || !errors.As(err, &trouble) || trouble.Kind != gpu.Wrong || !strings.Contains(trouble.Text, c.off) {
			t.Errorf("%s with %q (found: %t): %v", c.kernel, c.is, b.found, err)
		} else {
			t.Logf("%s: %v", c.kernel, err)
		}
	}
}
