"""Golden vectors of the encoder-decoder: loss, gradient and one Hessian-vector product of a plain float64 PyTorch implementation.

Run with PyTorch 1.13 or newer (Debian: apt-get install python3-torch):

    /usr/bin/python3 tests/golden/make_t5_vectors.py

It writes t5-vectors.json beside itself:
{"buckets": [...], "cases": [{"name", "model", "tokens", "parameters", "loss", "smoothed", "gradient", "vector", "hvp"}]}.
    model       the options, under the field names of ModelSpec, with vocabulary, context (T) and source (S)
    tokens      [B][S + T + 1]: source, end (2), padding (0); begin (1), target, end, padding
    parameters, gradient, vector, hvp    name -> {"shape": [...], "values": [...]} row by row;
                                         hvp = Hessian of the smoothed loss times vector
    loss        mean cross-entropy over the targets that are no padding; smoothed: with label smoothing; gradient is the smoothed loss's

The forward is written sentence by sentence without any padding, and shares nothing with what it tests. Weights are [in, out], y = x W.
"""
import json
import math
import pathlib

import numpy
import torch

PADDING, BEGIN, END = 0, 1, 2


def bucket(offset, buckets, distance, bidirectional):
    """T5's bucket of key - query, as published: half the buckets exact, half logarithmic."""
    result = 0
    n = -offset
    if bidirectional:
        buckets //= 2
        result += (n < 0) * buckets
        n = abs(n)
    else:
        n = max(n, 0)
    exact = buckets // 2
    if n < exact:
        return result + n
    far = exact + int(numpy.float32(math.log(n / exact)) / numpy.float32(math.log(distance / exact)) * (buckets - exact))
    return result + min(far, buckets - 1)


def normed(x, model, weights, name):
    if model["norm"] == "none":
        return x
    if model["norm"] == "layernorm":
        x = x - x.mean(-1, keepdim=True)
        y = x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-5)
    else:
        y = x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-6)
    return y * weights[name + ".gain"] if name + ".gain" in weights else y


def attention(x, memory, bias, model, weights, name):
    """x [N, D] on memory [M, D]; bias [heads, N, M] or None."""
    heads = model["heads"]
    d = x.shape[1] // heads
    mixed = []
    for h in range(heads):
        part = slice(h * d, (h + 1) * d)
        q, k, v = (y @ weights[f"{name}.{p}"][:, part] for y, p in ((x, "query"), (memory, "key"), (memory, "value")))
        scores = q @ k.T
        if bias is not None:
            scores = scores + bias[h]
        mixed.append(torch.softmax(scores, -1) @ v)
    return torch.cat(mixed, -1) @ weights[name + ".output"]


def mlp(x, model, weights, name):
    h = x @ weights[name + ".input"]
    activation = model["activation"]
    if activation == "relu":
        h = torch.relu(h)
    else:
        gate = x @ weights[name + ".gate"]
        if activation == "geglu":
            gate = 0.5 * gate * (1 + torch.erf(gate / math.sqrt(2)))
        elif activation == "reglu":
            gate = torch.relu(gate)
        elif activation == "swiglu":
            gate = gate * torch.sigmoid(gate)
        h = gate * h
    return h @ weights[name + ".output"]


def relative_bias(length, model, weights, name, bidirectional):
    table = weights[name]
    rows = [
        [table[bucket(k - q, model["relativeBuckets"], model["relativeDistance"], bidirectional)] for k in range(length)]
        for q in range(length)
    ]
    bias = torch.stack([torch.stack(r) for r in rows]).permute(2, 0, 1)  # [heads, N, N]
    return bias if bidirectional else bias + torch.full((length, length), -math.inf).triu(1)


def log_probabilities(source, inputs, model, weights):
    """One sentence: source ids [S], decoder inputs [T] -> [T, vocabulary]."""
    x = weights["embedding"][source]
    bias = relative_bias(len(source), model, weights, "encoder.relative-bias", True)
    for i in range(model["layers"]):
        block = f"encoder.{i}"
        y = normed(x, model, weights, block + ".attention-norm")
        x = x + attention(y, y, bias, model, weights, block + ".attention")
        x = x + mlp(normed(x, model, weights, block + ".mlp-norm"), model, weights, block + ".mlp")
    memory = normed(x, model, weights, "encoder.final-norm")
    x = weights["embedding"][inputs]
    bias = relative_bias(len(inputs), model, weights, "decoder.relative-bias", False)
    for i in range(model["decoderLayers"] or model["layers"]):
        block = f"decoder.{i}"
        y = normed(x, model, weights, block + ".attention-norm")
        x = x + attention(y, y, bias, model, weights, block + ".attention")
        x = x + attention(normed(x, model, weights, block + ".cross-norm"), memory, None, model, weights, block + ".cross")
        x = x + mlp(normed(x, model, weights, block + ".mlp-norm"), model, weights, block + ".mlp")
    x = normed(x, model, weights, "decoder.final-norm")
    logits = x @ weights["head"] if not model["tiedHead"] else (x / math.sqrt(model["width"])) @ weights["embedding"].T
    return logits - torch.logsumexp(logits, -1, keepdim=True)


def losses(rows, model, weights):
    """The loss and the loss with label smoothing."""
    exact, smoothed, epsilon, vocabulary = [], [], model["labelSmoothing"], model["vocabulary"]
    for row in rows:
        source = [t for t in row[: model["source"]] if t != PADDING]
        target = [t for t in row[model["source"] :] if t != PADDING]
        found = log_probabilities(torch.tensor(source), torch.tensor(target[:-1]), model, weights)
        for t, token in enumerate(target[1:]):
            exact.append(-found[t, token])
            wanted = torch.full((vocabulary,), epsilon / vocabulary)
            wanted[token] += 1 - epsilon
            smoothed.append(-(wanted * found[t]).sum())
    return torch.stack(exact).mean(), torch.stack(smoothed).mean()


def shapes(model):
    width, hidden, heads = model["width"], round(model["mlpRatio"] * model["width"]), model["heads"]
    result = {"embedding": (model["vocabulary"], width)}

    def norm(name):
        if model["norm"] != "none" and model["normGain"]:
            result[name + ".gain"] = (width,)

    def attend(name):
        for part in ("query", "key", "value", "output"):
            result[f"{name}.{part}"] = (width, width)

    for stack, layers in (("encoder", model["layers"]), ("decoder", model["decoderLayers"] or model["layers"])):
        result[stack + ".relative-bias"] = (model["relativeBuckets"], heads)
        for i in range(layers):
            norm(f"{stack}.{i}.attention-norm")
            attend(f"{stack}.{i}.attention")
            if stack == "decoder":
                norm(f"{stack}.{i}.cross-norm")
                attend(f"{stack}.{i}.cross")
            norm(f"{stack}.{i}.mlp-norm")
            if model["activation"].endswith("glu"):
                result[f"{stack}.{i}.mlp.gate"] = (width, hidden)
            result[f"{stack}.{i}.mlp.input"] = (width, hidden)
            result[f"{stack}.{i}.mlp.output"] = (hidden, width)
        norm(stack + ".final-norm")
    if not model["tiedHead"]:
        result["head"] = (width, model["vocabulary"])
    return result


def case(name, changes, seed):
    model = {
        "kind": "t5",
        "layers": 1,
        "decoderLayers": 0,
        "heads": 2,
        "width": 6,
        "mlpRatio": 1.5,
        "activation": "relu",
        "norm": "rmsnorm",
        "normGain": True,
        "tiedHead": True,
        "relativeBuckets": 8,
        "relativeDistance": 6,
        "labelSmoothing": 0.1,
        "vocabulary": 11,
        "context": 6,
        "source": 9,
        **changes,
    }
    random = numpy.random.default_rng(seed)
    # Three decimals: exact text, and every reader gets the same number.
    values = {n: numpy.round((1 if n.endswith(".gain") else 0) + 0.5 * random.standard_normal(s), 3) for n, s in shapes(model).items()}
    vector = {n: numpy.round(random.standard_normal(s), 3) for n, s in shapes(model).items()}

    def padded(ids, length):
        return ids + [PADDING] * (length - len(ids))

    rows = []
    for source, target in ((8, 3), (4, 5), (1, 1), (6, 4)):
        draw = lambda n: [int(t) for t in random.integers(3, model["vocabulary"], n)]
        rows.append(padded(draw(source) + [END], model["source"]) + padded([BEGIN] + draw(target) + [END], model["context"] + 1))
    weights = {n: torch.tensor(v, requires_grad=True) for n, v in values.items()}
    loss, smoothed = losses(rows, model, weights)
    gradient = torch.autograd.grad(smoothed, list(weights.values()), create_graph=True)
    along = sum((g * torch.tensor(vector[n])).sum() for n, g in zip(weights, gradient))
    hvp = torch.autograd.grad(along, list(weights.values()))

    # The second derivative against a central difference of the first, so that the vectors do not rest on double backward alone.
    def gradient_at(step):
        moved = {n: torch.tensor(v + step * vector[n], requires_grad=True) for n, v in values.items()}
        return torch.autograd.grad(losses(rows, model, moved)[1], list(moved.values()))

    difference = [(a - b) / 2e-6 for a, b in zip(gradient_at(1e-6), gradient_at(-1e-6))]
    error = max(float((a - b).abs().max()) for a, b in zip(difference, hvp)) / max(float(h.abs().max()) for h in hvp)
    assert error < 1e-5, (name, error)
    print(
        f"{name:20} {sum(v.size for v in values.values()):5} parameters, loss {loss.item():.6f}, smoothed {smoothed.item():.6f}, "
        f"hvp against differences {error:.1e}"
    )

    def table(arrays, digits="{:.12g}"):
        return {
            n: {"shape": list(numpy.shape(a)), "values": [float(digits.format(x)) for x in numpy.asarray(a).ravel()]} for n, a in arrays
        }

    return {
        "name": name,
        "model": model,
        "tokens": rows,
        "parameters": table(values.items()),
        "vector": table(vector.items()),
        "loss": loss.item(),
        "smoothed": smoothed.item(),
        "gradient": table((n, g.detach().numpy()) for n, g in zip(weights, gradient)),
        "hvp": table((n, h.numpy()) for n, h in zip(weights, hvp)),
    }


CASES = {
    "t5": {"layers": 2},
    "untied-geglu": {"tiedHead": False, "activation": "geglu", "labelSmoothing": 0.0},
    "swiglu-deep-decoder": {"activation": "swiglu", "decoderLayers": 2, "heads": 3},
    "reglu-no-gain": {"activation": "reglu", "normGain": False},
    "layernorm": {"norm": "layernorm"},
}


def main():
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    path = pathlib.Path(__file__).with_name("t5-vectors.json")
    buckets = [
        {
            "buckets": n,
            "distance": d,
            "bidirectional": b,
            "offsets": [-d - 5, d + 5],
            "ids": [bucket(o, n, d, b) for o in range(-d - 5, d + 6)],
        }
        for n, d in ((32, 128), (8, 6), (16, 20))
        for b in (True, False)
    ]
    done = [case(name, changes, 300 + i) for i, (name, changes) in enumerate(CASES.items())]
    path.write_text(
        '{"made":"PyTorch '
        + torch.__version__
        + ', tests/golden/make_t5_vectors.py",\n"buckets":'
        + json.dumps(buckets)
        + ',\n"cases":[\n'
        + ",\n".join(json.dumps(c) for c in done)
        + "]}\n",
        encoding="utf-8",
    )
    print(path, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
