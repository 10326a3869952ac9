# Writes small random checkpoints of every family with transformers' own save_pretrained, each with the logits that
# transformers computes of it in float64: write_with_transformers.py FOLDER.
import json, sys
import torch, transformers
from transformers import AutoModelForCausalLM, GPTNeoXConfig, LlamaConfig, MistralConfig, PhiConfig, Qwen2Config, Qwen3Config

torch.set_grad_enabled(False)

SIZES = dict(vocab_size=48, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=32)
GROUPED = dict(num_key_value_heads=2, head_dim=8)
# Texts are longer than the window of 32.
LENGTH, AT = 44, [0, 1, 17, 31, 32, 43]


def rope(kind, **more):
    return dict(GROUPED, rope_parameters=dict(rope_type=kind, rope_theta=10000.0, **more))


CASES = {
    "llama": (LlamaConfig, dict(GROUPED, tie_word_embeddings=False)),
    "llama-tied-bias": (LlamaConfig, dict(num_key_value_heads=4, head_dim=8, tie_word_embeddings=True, attention_bias=True, mlp_bias=True)),
    "llama-linear": (LlamaConfig, rope("linear", factor=2.0)),
    "llama-dynamic": (LlamaConfig, rope("dynamic", factor=2.0)),
    "llama-yarn": (LlamaConfig, rope("yarn", factor=2.0, original_max_position_embeddings=32)),
    "llama-longrope": (LlamaConfig, rope("longrope", factor=2.0, short_factor=[1.0] * 4, long_factor=[1 + 0.3 * i for i in range(4)], original_max_position_embeddings=32)),
    "llama-llama3": (LlamaConfig, rope("llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32)),
    "qwen2": (Qwen2Config, dict(num_key_value_heads=2)),
    "qwen3": (Qwen3Config, dict(GROUPED)),
    "mistral": (MistralConfig, dict(GROUPED, sliding_window=None)),
    "gpt-neox": (GPTNeoXConfig, dict(rotary_pct=0.5, use_parallel_residual=True)),
    "gpt-neox-sequential": (GPTNeoXConfig, dict(rotary_pct=1.0, use_parallel_residual=False)),
    "phi": (PhiConfig, dict(partial_rotary_factor=0.5)),
}


def write(folder, kind, settings, dtype):
    torch.manual_seed(7)
    config = kind(**{**SIZES, **settings}, bos_token_id=None, eos_token_id=2, pad_token_id=None)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
    for name, values in model.named_parameters():
        # Biases and gains of a new model are 0 and 1: an error there would not be seen.
        gain = values.dim() == 1 and "norm" in name and name.endswith("weight")
        values.copy_(torch.randn_like(values) * (0.35 if values.dim() > 1 else 0.2) + (1.0 if gain else 0.0))
    model.to(dtype).save_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).double().eval()
    ids = torch.randint(0, SIZES["vocab_size"], (1, LENGTH), generator=torch.Generator().manual_seed(3))
    logits = [[round(v, 7) for v in row] for row in model(ids).logits[0][AT].tolist()]
    with open(folder + "/logits.json", "w") as out:
        json.dump(dict(transformers=transformers.__version__, ids=ids[0].tolist(), logits=logits, at=AT), out)


for name, (kind, settings) in CASES.items():
    write(sys.argv[1] + "/" + name, kind, settings, torch.float32)
write(sys.argv[1] + "/llama-bf16", *CASES["llama"], torch.bfloat16)
