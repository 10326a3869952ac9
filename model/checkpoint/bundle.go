package checkpoint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"clexlab/clex"
)

// TokenizerConfigFile is the file by which transformers knows the tokenizer's class.
const TokenizerConfigFile = "tokenizer_config.json"

// anyTokenizer names the class that takes any tokenizer.json as it is.
const anyTokenizer = `{"tokenizer_class": "PreTrainedTokenizerFast"}` + "\n"

// CardFile is the card beside the files of a model.
const CardFile = "README.md"

// RecipeFile is the training that made the weights, as data.
const RecipeFile = "recipe.json"

// RecipeKey and MadeKey are entries of [Checkpoint.Metadata]: the recipe in JSON, and in a paragraph of plain words what it was
// trained on, how, and by which program. A bundle has the one as RecipeFile and the other on its card.
const (
	RecipeKey = "clexlab.recipe"
	MadeKey   = "clexlab.made"
)

// BundleFile is one file of a folder that is made for other programs.
type BundleFile struct {
	Name  string
	Write func(io.Writer) error
}

// Words are the files of a tokenizer; Class may be empty.
type Words struct{ Tokenizer, Class []byte }

// FrozenBundle is a folder in Hugging Face's layout with the model as scheme s reads it at one t (see
// [Checkpoint.Frozen]), which stock readers run. p is F32 or F16: other readers know no I8. A scheme that no list of frequencies
// holds is an error that says why.
func (c *Checkpoint) FrozenBundle(w Words, s clex.Scheme, t float64, p Precision) ([]BundleFile, error) {
	frozen, err := c.Frozen(s, t)
	if err != nil {
		return nil, err
	}
	card := fmt.Sprintf("# %s at t = %g\n\nThe model as %s reads it at the length scaling factor %g: texts of up to %d tokens, where it was trained on %d. "+
		"The frequencies stand in config.json as a longrope block, the same for short and long texts, and stock transformers runs them as they are.\n",
		s.Name(), t, s.Name(), t, int(t*float64(c.Config.Rotary.Window)), c.Config.Rotary.Window)
	return frozen.bundle(w, p, card)
}

// CLEXBundle is a folder with the network of CLEX as the reference implementation names it. Its card holds the Python that
// makes transformers read it at any t. A checkpoint without a network is an error.
func (c *Checkpoint) CLEXBundle(w Words, p Precision) ([]BundleFile, error) {
	if c.CLEX == nil {
		return nil, fmt.Errorf("checkpoint: there is no network of CLEX to write")
	}
	return c.bundle(w, p, c.clexCard())
}

func (c *Checkpoint) bundle(w Words, p Precision, card string) ([]BundleFile, error) {
	if p == I8 {
		return nil, fmt.Errorf("checkpoint: precision %v: other readers of Hugging Face's layout know F32 and F16 alone", p)
	}
	c = c.halfSplit()
	config, err := c.MarshalConfig(p)
	if err != nil {
		return nil, err
	}
	if len(w.Class) == 0 {
		w.Class = []byte(anyTokenizer)
	}
	text := func(data []byte) func(io.Writer) error {
		return func(out io.Writer) error {
			_, err := out.Write(data)
			return err
		}
	}
	if made := strings.Join(strings.Fields(c.Metadata[MadeKey]), " "); made != "" {
		card += "\n" + made + "\n"
	}
	var recipe bytes.Buffer
	if json.Indent(&recipe, []byte(c.Metadata[RecipeKey]), "", "  ") == nil && recipe.Len() > 0 {
		recipe.WriteByte('\n')
	} else {
		recipe.Reset() // the file is anybody's
	}
	files := []BundleFile{
		{ConfigFile, text(config)},
		{WeightsFile, func(out io.Writer) error { return c.WriteWeights(out, p) }},
		{TokenizerFile, text(w.Tokenizer)},
		{TokenizerConfigFile, text(w.Class)},
		{CardFile, text([]byte(card))},
	}
	if recipe.Len() > 0 {
		files = append(files, BundleFile{RecipeFile, text(recipe.Bytes())})
	}
	return files, nil
}

// clexCard says how transformers is taught to read the folder.
func (c *Checkpoint) clexCard() string {
	r, n := c.Config.Rotary, c.CLEX
	base := n.PriorBase
	if base == 0 {
		base = clex.DefaultPriorBase
	}
	act := "math.tanh(x)"
	if n.Act == clex.SiLU {
		act = "x / (1 + math.exp(-x))"
	}
	card := strings.NewReplacer("TMAX", fmt.Sprintf("%g", c.TMax()), "WINDOW", fmt.Sprint(r.Window), "PREFIX", baseName(&c.Config, biases{}),
		"PRIOR", fmt.Sprintf("%g", base), "BASE", fmt.Sprintf("%g", r.Base), "ACT", act).Replace(clexCardText)
	if c.Scaling.LogN {
		card += "\nThe model was tuned with queries scaled by the logarithm of the text's length (`log_scale`), which this does not do.\n"
	}
	return card
}

const clexCardText = `# CLEX

Trained on texts of WINDOW tokens and tuned with CLEX (arXiv 2310.16450) for length scaling factors t up to TMAX: the logarithms z of the
rotary frequencies follow dz/dt = ξ(t) + act((z + log θ^ntk(t))·W_up)·W_down from the plain ones at t = 1. transformers does not know
the type ` + "`clex`" + `; this teaches it, for one t at a time:

` + "```python" + `
import math, torch
from safetensors import safe_open
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

def clex(folder, t, steps=400):
    def frequencies(config=None, device=None, seq_len=None, **_):
        with safe_open(folder + "/model.safetensors", "pt") as file:
            up, down = [file.get_tensor("PREFIXclex_layer.proj_func.ode_%s_proj" % name).tolist() for name in ("up", "down")]
        d, act = 2 * len(up), lambda x: ACT
        def rate(u, z):  # dz/du at u = ln t
            t = math.exp(u)
            alpha = max(2 * t - 1, 1)
            x = [z[i] - 2 * i / d * math.log(PRIOR) - 2 * i / (d - 2) * math.log(alpha) for i in range(d // 2)]
            h = [act(sum(x[i] * up[i][j] for i in range(d // 2))) for j in range(len(down))]
            return [t * (-4 * i / (d - 2) / alpha + sum(h[j] * down[j][i] for j in range(len(down)))) for i in range(d // 2)]
        def step(z, by, slope):
            return [a + by * b for a, b in zip(z, slope)]
        z, du = [-2 * i / d * math.log(BASE) for i in range(d // 2)], math.log(t) / steps
        for k in range(steps):  # classical Runge-Kutta
            a = rate(k * du, z)
            b = rate((k + 0.5) * du, step(z, du / 2, a))
            c = rate((k + 0.5) * du, step(z, du / 2, b))
            e = rate((k + 1) * du, step(z, du, c))
            z = [z[i] + du / 6 * (a[i] + 2 * b[i] + 2 * c[i] + e[i]) for i in range(d // 2)]
        return torch.tensor([math.exp(v) for v in z], device=device), 1.0
    return frequencies

ROPE_INIT_FUNCTIONS["clex"] = clex(".", t=4)
model, tokenizer = AutoModelForCausalLM.from_pretrained("."), AutoTokenizer.from_pretrained(".")
` + "```" + `
`
