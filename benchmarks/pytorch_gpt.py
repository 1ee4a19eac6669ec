"""The PyTorch side of the training benchmark: the same GPT, written as a good engineer would, trained by torch.optim.Adam.

    /usr/bin/python3 benchmarks/pytorch_gpt.py --layers 2 --heads 2 --width 64 --context 64 --vocabulary 65 --batch 16 --replicas 1

One thread, float32, torch 1.13 or later; seconds are of the processor. It prints one JSON line that describes the model, then answers
commands from standard input, a line each:

    run N           trains N steps of each replica          -> {"seconds": …, "steps": N, "samples": N * batch * replicas, "loss": …}
    quit

so that the program that drives it can interleave timed blocks of both frameworks. Replicas are separate models trained one after
the other, as a PyTorch user would; --vmap trains them together with functorch instead (a second, stronger peer).
--malloc gives it the settings of malloc that Gaplab makes, which no user of PyTorch has by themselves.
--check compares loss and gradient with tests/golden/gpt-vectors.json ("study") and ends.
"""
import argparse
import json
import math
import os
import pathlib
import sys
import time

os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"})  # before torch loads its libraries

import torch
import torch.nn.functional as F
from torch import nn


class RmsNorm(nn.Module):
    """torch 1.13 has none of its own."""

    def __init__(self, width):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6) * self.gain


class Block(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.heads = heads
        self.attention_norm, self.mlp_norm = RmsNorm(width), RmsNorm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)  # one product instead of three
        self.output = nn.Linear(width, width, bias=False)
        self.mlp_input, self.mlp_output = nn.Linear(width, hidden, bias=False), nn.Linear(hidden, width, bias=False)

    def forward(self, x, cos, sin, mask):
        batch, length, width = x.shape
        # [B, T, 3, heads, d] -> [3, B, heads, T, d]; queries and keys are normalised and turned together.
        qkv = self.qkv(self.attention_norm(x)).view(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        qk = qkv[:2]
        qk = qk * torch.rsqrt(qk.square().mean(-1, keepdim=True) + 1e-6)
        first, second = qk.chunk(2, -1)
        qk = torch.cat((first * cos - second * sin, second * cos + first * sin), -1)
        if hasattr(F, "scaled_dot_product_attention"):  # torch 2
            y = F.scaled_dot_product_attention(qk[0], qk[1], qkv[2], is_causal=True)
        else:
            scores = torch.matmul(qk[0] * (1 / math.sqrt(width // self.heads)), qk[1].transpose(-1, -2)) + mask
            y = torch.matmul(scores.softmax(-1), qkv[2])
        x = x + self.output(y.transpose(1, 2).reshape(batch, length, width))
        return x + self.mlp_output(F.relu(self.mlp_input(self.mlp_norm(x))).square())


class Gpt(nn.Module):
    def __init__(self, vocabulary, context, layers, heads, width, ratio=4):
        super().__init__()
        self.embedding, self.embedding_norm, self.final_norm = nn.Embedding(vocabulary, width), RmsNorm(width), RmsNorm(width)
        self.blocks = nn.ModuleList(Block(width, heads, round(ratio * width)) for _ in range(layers))
        self.head = nn.Linear(width, vocabulary, bias=False)
        d = width // heads
        angle = torch.arange(context)[:, None] * 1e4 ** (-2 * torch.arange(d // 2) / d)
        self.register_buffer("cos", angle.cos())
        self.register_buffer("sin", angle.sin())
        self.register_buffer("mask", torch.full((context, context), -math.inf).triu(1))
        nn.init.normal_(self.embedding.weight, std=0.02)
        for name, parameter in self.blocks.named_parameters():
            if parameter.dim() == 2:
                nn.init.xavier_uniform_(parameter)
                if "output" in name:
                    parameter.data /= math.sqrt(2 * layers)
        nn.init.zeros_(self.head.weight)

    def forward(self, tokens):
        """tokens [B, T + 1]; the mean cross-entropy of predicting each next one."""
        x = self.embedding_norm(self.embedding(tokens[:, :-1]))
        for block in self.blocks:
            x = block(x, self.cos, self.sin, self.mask)
        return F.cross_entropy(self.head(self.final_norm(x)).flatten(0, 1), tokens[:, 1:].flatten())


def check():
    """The same loss and gradient as the golden implementation on the same weights."""
    golden = json.loads((pathlib.Path(__file__).parents[1] / "tests/golden/gpt-vectors.json").read_text())["cases"][0]
    options = golden["model"]
    torch.set_default_dtype(torch.float64)
    model = Gpt(options["vocabulary"], options["context"], options["layers"], options["heads"], options["width"], options["mlpRatio"])

    def packed(values):
        """Named golden arrays ([in, out]) under this model's names ([out, in], query, key and value in one)."""
        w = {n: torch.tensor(v["values"]).view(v["shape"]) for n, v in values.items()}
        result = {
            "embedding.weight": w["embedding"],
            "embedding_norm.gain": w["embedding-norm.gain"],
            "final_norm.gain": w["final-norm.gain"],
            "head.weight": w["head"].T,
        }
        for i in range(options["layers"]):
            b = f"blocks.{i}."
            result[b + "attention_norm.gain"], result[b + "mlp_norm.gain"] = w[b + "attention-norm.gain"], w[b + "mlp-norm.gain"]
            result[b + "qkv.weight"] = torch.cat([w[b + "attention." + part].T for part in ("query", "key", "value")])
            result[b + "output.weight"] = w[b + "attention.output"].T
            result[b + "mlp_input.weight"], result[b + "mlp_output.weight"] = w[b + "mlp.input"].T, w[b + "mlp.output"].T
        return result

    missing, extra = model.load_state_dict(packed(golden["parameters"]), strict=False)
    assert not extra and set(missing) <= {"cos", "sin", "mask"}, (missing, extra)
    loss = model(torch.tensor(golden["tokens"]))
    loss.backward()
    expected = packed(golden["gradient"])
    worst = max(float((p.grad - expected[n]).abs().max()) for n, p in model.named_parameters())
    ok = abs(loss.item() - golden["loss"]) < 1e-9 and worst < 1e-9
    print(json.dumps({"loss": loss.item(), "golden": golden["loss"], "largestGradientDifference": worst, "ok": ok}))
    sys.exit(0 if ok else 1)


def adam(parameters, rate):
    """One kernel for all tensors where torch has it on the processor (2.4), else their update in a few calls."""
    fused = tuple(int(part) for part in torch.__version__.split(".")[:2]) >= (2, 4)
    return torch.optim.Adam(parameters, lr=rate, **({"fused": True} if fused else {"foreach": True}))


def separate(models, batches, rate):
    """Trains the replicas one after the other."""
    optimizers = [adam(model.parameters(), rate) for model in models]

    def run(steps):
        # By whole blocks, which is kinder to the caches than a step of each in turn.
        last = None
        for model, optimizer in zip(models, optimizers):
            for k in range(steps):
                optimizer.zero_grad(set_to_none=True)
                last = model(batches[k % len(batches)])
                last.backward()
                optimizer.step()
        return last.item()

    return run


def stacked(models):
    """One function of (parameters, buffers, tokens) for all models, with their parameters stacked."""
    if hasattr(torch, "func"):
        parameters, buffers = torch.func.stack_module_state(models)
        one = models[0]
        return torch.vmap(lambda p, b, x: torch.func.functional_call(one, (p, b), (x,)), in_dims=(0, 0, None)), parameters, buffers
    import functorch  # torch 1.13

    function, parameters, buffers = functorch.combine_state_for_ensemble(models)
    return functorch.vmap(function, in_dims=(0, 0, None)), [p.detach().requires_grad_() for p in parameters], buffers


def leaves(parameters):
    return list(parameters.values()) if isinstance(parameters, dict) else parameters


def tune_malloc():
    """Memory that is freed is kept, as in Gaplab."""
    import ctypes

    for option, value in ((-3, 1 << 30), (-1, 1 << 30), (-2, 16 << 20)):  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, M_TOP_PAD
        ctypes.CDLL(None).mallopt(option, value)


def together(models, batches, rate):
    """Trains the replicas in one program by vmap over stacked parameters."""
    ensemble, parameters, buffers = stacked(models)
    optimizer = adam(leaves(parameters), rate)

    def run(steps):
        last = None
        for k in range(steps):
            optimizer.zero_grad(set_to_none=True)
            last = ensemble(parameters, buffers, batches[k % len(batches)])
            last.sum().backward()
            optimizer.step()
        return last[-1].item()

    return run


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (
        ("layers", 2),
        ("heads", 2),
        ("width", 64),
        ("context", 64),
        ("vocabulary", 65),
        ("batch", 16),
        ("replicas", 1),
        ("seed", 1),
    ):
        parser.add_argument("--" + name, type=int, default=value)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--vmap", action="store_true")
    parser.add_argument("--malloc", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.malloc:
        tune_malloc()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    if options.check:
        check()
    models = [Gpt(options.vocabulary, options.context, options.layers, options.heads, options.width) for _ in range(options.replicas)]
    batches = [torch.randint(options.vocabulary, (options.batch, options.context + 1)) for _ in range(16)]
    run = (together if options.vmap else separate)(models, batches, options.rate)
    print(
        json.dumps(
            {
                "framework": "pytorch "
                + torch.__version__
                + (" vmap" if options.vmap else " eager")
                + (" with Gaplab's malloc" if options.malloc else ""),
                "threads": torch.get_num_threads(),
                "parameters": sum(p.numel() for p in models[0].parameters()),
                "replicas": options.replicas,
                "batch": options.batch,
            }
        ),
        flush=True,
    )
    for line in sys.stdin:
        words = line.split()
        if words[:1] == ["quit"]:
            break
        if len(words) != 2 or words[0] != "run" or not words[1].isdigit() or int(words[1]) < 1:
            print(json.dumps({"error": f"got {line.strip()!r}; expected 'run N' with N >= 1, or 'quit'"}), flush=True)
            continue
        steps = int(words[1])
        began = time.process_time()
        loss = run(steps)
        print(
            json.dumps(
                {"seconds": time.process_time() - began, "steps": steps, "samples": steps * options.batch * options.replicas, "loss": loss}
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
