package checkpoint

import (
	"slices"
	"strings"
)

// wrappers are path elements that torch puts into names: torch.compile, DataParallel, FSDP and activation checkpointing.
var wrappers = []string{"_orig_mod", "module", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"}

// canonical is the name of a tensor as this model's layout has it, whatever it is wrapped in: a bare base model has
// no prefix, a training framework's has one more. Names that lead to no slot stay as they are.
func (r *reader) canonical(name string) string {
	if r.knows(name) {
		return name
	}
	elements := slices.DeleteFunc(strings.Split(name, "."), func(e string) bool { return slices.Contains(wrappers, e) })
	base := baseName(&r.settings.config, r.settings.biases)
	for skip := range min(3, len(elements)) {
		rest := strings.Join(elements[skip:], ".")
		for _, candidate := range []string{rest, base + rest} {
			if r.knows(candidate) {
				return candidate
			}
		}
	}
	return name
}

// knows tells whether the layout has a place for a tensor, or for the scales of one.
func (r *reader) knows(name string) bool {
	if r.slots[name] != nil {
		return true
	}
	matrix, ok := strings.CutSuffix(name, scaleSuffix)
	return ok && r.slots[matrix] != nil && len(r.slots[matrix].matrices) > 0
}

// follows tells whether a tensor is a buffer that some version of some program saves though
// it follows from config.json: tables of the rotary embedding and masks.
func follows(name string) bool {
	elements := strings.Split(name, ".")
	switch elements[len(elements)-1] {
	case "inv_freq", "original_inv_freq", "cos_cached", "sin_cached", "freqs_cis", "freqs_cos", "freqs_sin", "masked_bias", "position_ids", "causal_mask":
		return true
	case "bias":
		// The causal mask of GPT-NeoX, which its biases proper are not named like.
		return strings.HasSuffix(name, ".attention.bias")
	}
	return slices.Contains(elements, "rotary_emb") || strings.HasPrefix(name, "rope.") || strings.HasPrefix(name, "rope_freqs.")
}
