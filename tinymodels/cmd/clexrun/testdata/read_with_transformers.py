# Reads folders in Hugging Face's layout with stock transformers and says how far it is from what ours.json in each of
# them says: read_with_transformers.py FOLDER... prints a line of JSON for every folder.
import json, os, sys
import torch, transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

torch.set_grad_enabled(False)


def taught(t):
    """The model and tokenizer that the card's own Python makes at t."""
    code = open("README.md").read().split("```python\n")[1].split("```")[0]
    names = {}
    exec(code.replace("t=4)", "t=%g)" % t), names)
    return names["model"], names["tokenizer"]


def compared():
    ours = json.load(open("ours.json"))
    if ours["taught"]:
        model, tokenizer = taught(ours["t"])
    else:
        model, tokenizer = AutoModelForCausalLM.from_pretrained("."), AutoTokenizer.from_pretrained(".")
    model = model.float().eval()
    ids, prompt = torch.tensor([ours["ids"]]), ours["prompt"]
    logits = model(ids).logits[0]
    likeliest = logits[prompt - 1 : -1].argmax(-1).tolist()
    # The same text written by its own generate, which keeps keys and values.
    written = model.generate(ids[:, :prompt], max_new_tokens=len(likeliest), do_sample=False, eos_token_id=None, pad_token_id=0)
    follows = written[0].tolist()[prompt:]
    return {
        "versions": "transformers %s, torch %s" % (transformers.__version__, torch.__version__),
        "likeliest": likeliest,
        "logits": logits[-1].tolist(),
        "written": follows,
        "texts": [tokenizer(text, add_special_tokens=False)["input_ids"] for text in ours["texts"]],
    }


for folder in map(os.path.abspath, sys.argv[1:]):
    os.chdir(folder)
    print(json.dumps(compared()), flush=True)
