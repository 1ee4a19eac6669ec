"""Loss, gradient and Hessian-vector product of the LSTM by PyTorch's own torch.lstm in float64, on text and on images line by line.

Run: /usr/bin/python3 tests/golden/make_lstm_vectors.py  (Debian: python3-torch). Writes lstm-vectors.json beside it.
Text: as sequence-vectors.json. Images: as vision-vectors.json (channels, side, pixels, labels, mean, deviation).
PyTorch orders the gates i, f, g, o and has two biases; here they are i, f, o, g and one.
"""
import json, os
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def gates(w):
    i, f, o, g = w.chunk(4, -1)
    return torch.cat([i, f, g, o], -1)


def lstm(p, x, m):
    D, weights = m["width"], []
    for l in range(m["layers"]):
        n = f"layers.{l}."
        weights += [gates(p[n + "input"]).t(), gates(p[n + "recurrent"]).t()]
        if m["bias"]:
            weights += [gates(p[n + "bias"]), torch.zeros(4 * D)]
    zero = torch.zeros(m["layers"], x.shape[0], D)
    return torch.lstm(x, (zero, zero), weights, m["bias"], m["layers"], 0.0, False, False, True)[0]


def shapes(m, inputs, outputs, text, gates=4):
    D = m["width"]
    s = {"embedding": (outputs, D)} if text else {}
    for l in range(m["layers"]):
        n = f"layers.{l}."
        s |= {n + "input": (D if text or l else inputs, gates * D), n + "recurrent": (D, gates * D)}
        if m["bias"]:
            s[n + "bias"] = (gates * D,)
    if not m.get("tiedHead"):
        s["head"] = (D, outputs)
        if m["bias"]:
            s["head.bias"] = (outputs,)
    return s


def record(name, m, extra, loss_of, named_shapes, generator):
    p = {k: (torch.randn(shape, generator=generator) * 0.5).requires_grad_(True) for k, shape in named_shapes.items()}
    loss = loss_of(p)
    grads = torch.autograd.grad(loss, list(p.values()), create_graph=True)
    v = [torch.randn(x.shape, generator=generator) for x in p.values()]
    hvp = torch.autograd.grad(sum((a * b).sum() for a, b in zip(grads, v)), list(p.values()))
    named = lambda xs: {
        k: {"shape": list(t.shape), "values": [float(y) for y in x.detach().reshape(-1)]} for (k, t), x in zip(p.items(), xs)
    }
    return {
        "name": name,
        "model": m,
        **extra,
        "parameters": named(p.values()),
        "loss": float(loss),
        "gradient": named(grads),
        "vector": named(v),
        "hvp": named(hvp),
    }


def text(name, m, V, B, T, seed, rnn=lstm, gates=4):
    g = torch.Generator().manual_seed(seed)
    tokens = torch.randint(V, (B, T + 1), generator=g)

    def loss_of(p):
        h = rnn(p, F.embedding(tokens[:, :-1], p["embedding"]), m)
        logits = h @ p["embedding"].t() if m.get("tiedHead") else h @ p["head"] + (p["head.bias"] if m["bias"] else 0)
        return F.cross_entropy(logits.reshape(-1, V), tokens[:, 1:].reshape(-1))

    return record(name, m, {"vocabulary": V, "tokens": tokens.tolist()}, loss_of, shapes(m, 0, V, True, gates), g)


def images(name, m, channels, side, K, seed):
    g = torch.Generator().manual_seed(seed)
    pixels = torch.randint(256, (4, channels, side, side), generator=g)
    labels = torch.randint(K, (4,), generator=g)
    mean, deviation = [0.4, 0.5, 0.6][:channels], [0.2, 0.3, 0.25][:channels]

    def loss_of(p):
        x = (pixels / 255 - torch.tensor(mean).view(-1, 1, 1)) / torch.tensor(deviation).view(-1, 1, 1)
        h = lstm(p, x.permute(0, 2, 1, 3).flatten(2), m)[:, -1]
        return F.cross_entropy(h @ p["head"] + p["head.bias"], labels)

    extra = {
        "channels": channels,
        "side": side,
        "pixels": pixels.flatten().tolist(),
        "labels": labels.tolist(),
        "mean": mean,
        "deviation": deviation,
    }
    return record(name, m, extra, loss_of, shapes(m, channels * side, K, False), g)


if __name__ == "__main__":
    L = {"kind": "lstm", "layers": 2, "width": 5, "bias": True, "headInit": "xavier-uniform"}
    json.dump(
        {
            "text": [
                text("lstm", L, 7, 3, 6, 1),
                text("lstm-tied-no-bias", L | {"layers": 1, "bias": False, "tiedHead": True}, 6, 2, 5, 2),
            ],
            "images": [images("lstm-images", L | {"width": 4}, 3, 4, 3, 3)],
        },
        open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "lstm-vectors.json"), "w"),
    )
