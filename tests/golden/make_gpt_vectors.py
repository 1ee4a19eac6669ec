"""Golden vectors of the GPT: logits, loss, gradient and one Hessian-vector product of a plain float64 PyTorch implementation.

Run with PyTorch 1.13 or newer (Debian: apt-get install python3-torch):

    /usr/bin/python3 tests/golden/make_gpt_vectors.py

It writes gpt-vectors.json beside itself:
{"cases": [{"name", "model", "tokens", "parameters", "logits", "loss", "gradient", "vector", "hvp"}]}.
    model       the options, under the field names of ModelSpec, with vocabulary and context
    tokens      [B][T + 1]: position t predicts token t + 1
    parameters, gradient, vector, hvp    name -> {"shape": [...], "values": [...]} row by row; hvp = Hessian of the loss times vector
    logits      [B * T * vocabulary], row by row; loss is the mean cross-entropy in nats

The forward below is written for reading, one line per formula, and shares nothing with what it tests. Weights are [in, out], y = x W.
Rotary positions turn the pair (i, i + d/2) of a head of width d by the angle t * theta^(-2i/d). Biases, where on, belong to every
linear map of the blocks and to layer norm; the head has none. Learned positions are added before the embedding norm.
"""
import json
import math
import pathlib

import numpy
import torch


def normed(x, model, weights, name):
    if model["norm"] == "none":
        return x
    if model["norm"] == "layernorm":
        x = x - x.mean(-1, keepdim=True)
        y = x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-5)
    else:
        y = x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-6)
    y = y * weights[name + ".gain"] if name + ".gain" in weights else y
    return y + weights[name + ".bias"] if name + ".bias" in weights else y


def linear(x, weights, name):
    y = x @ weights[name]
    return y + weights[name + ".bias"] if name + ".bias" in weights else y


def rotated(x, theta):
    """x [B, heads, T, d]."""
    length, d = x.shape[-2:]
    angle = torch.arange(length, dtype=x.dtype)[:, None] * theta ** (-2 * torch.arange(d // 2, dtype=x.dtype) / d)
    first, second = x[..., : d // 2], x[..., d // 2 :]
    return torch.cat([first * angle.cos() - second * angle.sin(), first * angle.sin() + second * angle.cos()], -1)


def attention(x, model, weights, name):
    batch, length, width = x.shape
    heads, d = model["heads"], width // model["heads"]
    kind = model.get("attention", "softmax")
    if kind == "mean":
        v = linear(x, weights, name + ".value")
        return linear(torch.stack([v[:, : t + 1].mean(1) for t in range(length)], 1), weights, name + ".output")
    q, k, v = (linear(x, weights, f"{name}.{part}").reshape(batch, length, heads, d).transpose(1, 2) for part in ("query", "key", "value"))
    if model["qkNorm"]:
        q, k = (y / torch.sqrt((y * y).mean(-1, keepdim=True) + 1e-6) for y in (q, k))
    if model["positions"] == "rope":
        q, k = rotated(q, model["ropeTheta"]), rotated(k, model["ropeTheta"])
    scores = q @ k.transpose(-1, -2) / math.sqrt(d)
    future = torch.ones(length, length, dtype=torch.bool).triu(1)
    if kind == "linear":
        # The recurrence, state by state.
        q, k = (torch.where(y > 0, y + 1, torch.exp(y)) for y in (q, k))
        state, total, rows = 0, 0, []
        for t in range(length):
            state = state + k[:, :, t, :, None] * v[:, :, t, None, :]
            total = total + k[:, :, t]
            rows.append((q[:, :, t, None] @ state)[:, :, 0] / ((q[:, :, t] * total).sum(-1, keepdim=True) + 1e-6))
        y = torch.stack(rows, 2)
    elif kind == "sigmoid":
        y = (1 / (1 + length * torch.exp(-scores))).masked_fill(future, 0) @ v
    else:
        y = torch.softmax(scores.masked_fill(future, -math.inf), -1) @ v
    return linear(y.transpose(1, 2).reshape(batch, length, width), weights, name + ".output")


def mlp(x, model, weights, name):
    h = linear(x, weights, name + ".input")
    activation = model["activation"]
    if activation == "relu2":
        h = torch.relu(h) ** 2
    elif activation == "relu":
        h = torch.relu(h)
    elif activation == "gelu":
        h = 0.5 * h * (1 + torch.erf(h / math.sqrt(2)))
    elif activation == "tanh":
        h = torch.tanh(h)
    elif activation == "swiglu":
        gate = linear(x, weights, name + ".gate")
        h = gate * torch.sigmoid(gate) * h
    return linear(h, weights, name + ".output")


def forward(inputs, model, weights):
    """Logits [B, T, vocabulary]."""
    x = weights["embedding"][inputs]
    if model["positions"] == "learned":
        x = x + weights["positions"][: inputs.shape[1]]
    if model["embeddingNorm"]:
        x = normed(x, model, weights, "embedding-norm")
    for i in range(model["layers"]):
        block = f"blocks.{i}"
        if model.get("attention") == "none":
            x = x + mlp(normed(x, model, weights, block + ".mlp-norm"), model, weights, block + ".mlp")
        elif model["normPlacement"] == "pre":
            x = x + attention(normed(x, model, weights, block + ".attention-norm"), model, weights, block + ".attention")
            x = x + mlp(normed(x, model, weights, block + ".mlp-norm"), model, weights, block + ".mlp")
        else:
            x = normed(x + attention(x, model, weights, block + ".attention"), model, weights, block + ".attention-norm")
            x = normed(x + mlp(x, model, weights, block + ".mlp"), model, weights, block + ".mlp-norm")
    if model["finalNorm"]:
        x = normed(x, model, weights, "final-norm")
    return x @ (weights["embedding"].T if model["tiedHead"] else weights["head"])


def cross_entropy(logits, targets):
    return (torch.logsumexp(logits, -1) - logits.gather(-1, targets[..., None])[..., 0]).mean()


def shapes(model):
    """Names and shapes of the parameters."""
    width, hidden = model["width"], round(model["mlpRatio"] * model["width"])
    result = {"embedding": (model["vocabulary"], width)}

    def norm(name):
        if model["norm"] != "none" and model["normGain"]:
            result[name + ".gain"] = (width,)
        if model["norm"] == "layernorm" and model["bias"]:
            result[name + ".bias"] = (width,)

    def weight(name, inputs, outputs):
        result[name] = (inputs, outputs)
        if model["bias"]:
            result[name + ".bias"] = (outputs,)

    if model["positions"] == "learned":
        result["positions"] = (model["context"], width)
    if model["embeddingNorm"]:
        norm("embedding-norm")
    for i in range(model["layers"]):
        kind = model.get("attention", "softmax")
        if kind != "none":
            norm(f"blocks.{i}.attention-norm")
        for part in {"none": (), "mean": ("value", "output")}.get(kind, ("query", "key", "value", "output")):
            weight(f"blocks.{i}.attention.{part}", width, width)
        norm(f"blocks.{i}.mlp-norm")
        if model["activation"] == "swiglu":
            weight(f"blocks.{i}.mlp.gate", width, hidden)
        weight(f"blocks.{i}.mlp.input", width, hidden)
        weight(f"blocks.{i}.mlp.output", hidden, width)
    if model["finalNorm"]:
        norm("final-norm")
    if not model["tiedHead"]:
        result["head"] = (width, model["vocabulary"])
    return result


def case(name, changes, seed):
    study = {
        "kind": "gpt",
        "layers": 1,
        "heads": 2,
        "width": 8,
        "mlpRatio": 2,
        "activation": "relu2",
        "norm": "rmsnorm",
        "normPlacement": "pre",
        "embeddingNorm": True,
        "finalNorm": True,
        "normGain": True,
        "qkNorm": True,
        "positions": "rope",
        "ropeTheta": 1e4,
        "bias": False,
        "tiedHead": False,
        "vocabulary": 11,
        "context": 6,
    }
    model = {**study, **changes}
    random = numpy.random.default_rng(seed)
    # Three decimals: exact text, and every reader gets the same number.
    values = {n: numpy.round((1 if n.endswith(".gain") else 0) + 0.5 * random.standard_normal(s), 3) for n, s in shapes(model).items()}
    vector = {n: numpy.round(random.standard_normal(s), 3) for n, s in shapes(model).items()}
    tokens = torch.tensor(random.integers(0, model["vocabulary"], (3, model["context"] + 1)))
    weights = {n: torch.tensor(v, requires_grad=True) for n, v in values.items()}
    logits = forward(tokens[:, :-1], model, weights)
    loss = cross_entropy(logits, tokens[:, 1:])
    gradient = torch.autograd.grad(loss, list(weights.values()), create_graph=True)
    along = sum((g * torch.tensor(vector[n])).sum() for n, g in zip(weights, gradient))
    hvp = torch.autograd.grad(along, list(weights.values()))

    # The second derivative against a central difference of the first, so that the vectors do not rest on double backward alone.
    def gradient_at(step):
        moved = {n: torch.tensor(v + step * vector[n], requires_grad=True) for n, v in values.items()}
        return torch.autograd.grad(cross_entropy(forward(tokens[:, :-1], model, moved), tokens[:, 1:]), list(moved.values()))

    difference = [(a - b) / 2e-6 for a, b in zip(gradient_at(1e-6), gradient_at(-1e-6))]
    error = max(float((a - b).abs().max()) for a, b in zip(difference, hvp)) / max(float(h.abs().max()) for h in hvp)
    assert error < 1e-5, (name, error)
    print(f"{name:20} {sum(v.size for v in values.values()):5} parameters, loss {loss.item():.6f}, hvp against differences {error:.1e}")

    def table(arrays, digits="{:.12g}"):
        return {
            n: {"shape": list(numpy.shape(a)), "values": [float(digits.format(x)) for x in numpy.asarray(a).ravel()]} for n, a in arrays
        }

    return {
        "name": name,
        "model": model,
        "tokens": tokens.tolist(),
        "parameters": table(values.items()),
        "vector": table(vector.items()),
        "loss": loss.item(),
        "logits": [float(f"{x:.12g}") for x in logits.detach().numpy().ravel()],
        "gradient": table((n, g.detach().numpy()) for n, g in zip(weights, gradient)),
        "hvp": table((n, h.numpy()) for n, h in zip(weights, hvp)),
    }


CASES = {
    "study": {"layers": 2, "mlpRatio": 4},
    "relu": {"activation": "relu"},
    "gelu": {"activation": "gelu"},
    "tanh": {"activation": "tanh"},
    "swiglu": {"activation": "swiglu", "mlpRatio": 1.375},
    "layernorm": {"norm": "layernorm"},
    "layernorm-bias": {"norm": "layernorm", "bias": True},
    "no-norm": {"norm": "none", "embeddingNorm": False, "finalNorm": False},
    "no-gain": {"normGain": False},
    "post-norm": {"normPlacement": "post", "layers": 2},
    "no-qk-norm": {"qkNorm": False},
    "learned-positions": {"positions": "learned"},
    "no-positions": {"positions": "none"},
    "tied-head": {"tiedHead": True},
    "bias": {"bias": True},
    "gpt2": {
        "norm": "layernorm",
        "bias": True,
        "activation": "gelu",
        "positions": "learned",
        "tiedHead": True,
        "qkNorm": False,
        "embeddingNorm": False,
    },
    "linear-attention": {"attention": "linear"},
    "linear-attention-no-qk-norm": {"attention": "linear", "qkNorm": False, "positions": "none", "bias": True},
    "sigmoid-attention": {"attention": "sigmoid"},
    "sigmoid-attention-post-norm": {"attention": "sigmoid", "normPlacement": "post", "positions": "learned"},
    "mean-attention": {"attention": "mean", "bias": True},
    "no-attention": {"attention": "none", "layers": 2},
}


def main():
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    path = pathlib.Path(__file__).with_name("gpt-vectors.json")
    done = [case(name, changes, 100 + i) for i, (name, changes) in enumerate(CASES.items())]
    path.write_text(
        '{"made":"PyTorch '
        + torch.__version__
        + ', tests/golden/make_gpt_vectors.py",\n"cases":[\n'
        + ",\n".join(json.dumps(c) for c in done)
        + "]}\n",
        encoding="utf-8",
    )
    print(path, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
