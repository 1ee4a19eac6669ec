"""Losses and gradients of GCNN and Gated DeltaNet by plain PyTorch in float64, the delta rule one position at a time.

Run: /usr/bin/python3 tests/golden/make_sequence_vectors.py  (Debian: python3-torch). Writes sequence-vectors.json beside it.
Each case: model (ModelSpec keys), vocabulary, tokens [B][T+1], parameters, loss, gradient, vector, hvp; tensors by name as {shape, values}.
"""
import json, math, os
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def rms(x, gain, eps=1e-6):
    y = x / torch.sqrt((x * x).mean(-1, keepdim=True) + eps)
    return y if gain is None else y * gain


def gcnn(p, tokens, m):
    x = F.embedding(tokens[:, :-1], p["embedding"])  # B T D
    D, K = m["width"], m["kernel"]
    for l in range(m["layers"]):
        w = p[f"blocks.{l}.weight"].reshape(K, D, 2 * D)
        if m["weightNorm"]:
            w = w / torch.sqrt((w**2).sum((0, 1), keepdim=True)) * p[f"blocks.{l}.length"]
        kernel = w.permute(2, 1, 0)  # out in K
        h = rms(x, p[f"blocks.{l}.norm.gain"]) if m["norm"] == "rmsnorm" else x
        y = F.conv1d(F.pad(h.transpose(1, 2), (K - 1, 0)), kernel, p[f"blocks.{l}.bias"] if m["bias"] else None)
        x = x + F.glu(y, dim=1).transpose(1, 2)
    if m["norm"] == "rmsnorm":
        x = rms(x, p["final-norm.gain"])
    logits = x @ p["head"] + (p["head.bias"] if m["bias"] else 0)
    return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), tokens[:, 1:].reshape(-1))


def delta_net(p, tokens, m):
    x = F.embedding(tokens[:, :-1], p["embedding"])
    B, T, D = x.shape
    H = m["heads"]
    E = D // H
    V = round(m["valueRatio"] * E)
    K = m["kernel"]

    def short(y, filter):  # filter K C
        c = y.shape[-1]
        return F.silu(F.conv1d(F.pad(y.transpose(1, 2), (K - 1, 0)), filter.t().unsqueeze(1), groups=c).transpose(1, 2))

    for l in range(m["layers"]):
        n = f"blocks.{l}."
        h = rms(x, p[n + "delta-norm.gain"])
        q = short(h @ p[n + "query"], p[n + "query-filter"]).reshape(B, T, H, E)
        k = short(h @ p[n + "key"], p[n + "key-filter"]).reshape(B, T, H, E)
        v = short(h @ p[n + "value"], p[n + "value-filter"]).reshape(B, T, H, V)
        q = q / torch.sqrt((q * q).sum(-1, keepdim=True) + 1e-6) / math.sqrt(E)
        k = k / torch.sqrt((k * k).sum(-1, keepdim=True) + 1e-6)
        beta = torch.sigmoid(h @ p[n + "beta"])
        alpha = torch.exp(-torch.exp(p[n + "decay-rate"]) * F.softplus(h @ p[n + "decay"] + p[n + "decay-step"]))
        S = torch.zeros(B, H, E, V)
        out = []
        for t in range(T):
            kt, vt, qt = k[:, t], v[:, t], q[:, t]
            a, b = alpha[:, t, :, None, None], beta[:, t, :, None, None]
            S = a * (S - b * torch.einsum("bhe,bhf,bhfv->bhev", kt, kt, S)) + b * kt[..., None] * vt[:, :, None, :]
            out.append(torch.einsum("bhev,bhe->bhv", S, qt))
        o = rms(torch.stack(out, 1), p[n + "output-norm.gain"]).reshape(B, T, H * V)
        x = x + (o * F.silu(h @ p[n + "gate"])) @ p[n + "output"]
        h = rms(x, p[n + "mlp-norm.gain"])
        x = x + (F.silu(h @ p[n + "mlp.gate"]) * (h @ p[n + "mlp.input"])) @ p[n + "mlp.output"]
    x = rms(x, p["final-norm.gain"])
    logits = x @ p["head"]
    return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), tokens[:, 1:].reshape(-1))


def shapes(m, V):
    D, L, K = m["width"], m["layers"], m["kernel"]
    s = {"embedding": (V, D)}
    if m["kind"] == "gcnn":
        for l in range(L):
            s[f"blocks.{l}.weight"] = (K * D, 2 * D)
            if m["weightNorm"]:
                s[f"blocks.{l}.length"] = (2 * D,)
            if m["bias"]:
                s[f"blocks.{l}.bias"] = (2 * D,)
            if m["norm"] == "rmsnorm":
                s[f"blocks.{l}.norm.gain"] = (D,)
        if m["norm"] == "rmsnorm":
            s["final-norm.gain"] = (D,)
        s["head"] = (D, V)
        if m["bias"]:
            s["head.bias"] = (V,)
        return s
    H, Vd = m["heads"], round(m["valueRatio"] * (D // m["heads"]))
    hidden = round(m["mlpRatio"] * D)
    for l in range(L):
        n = f"blocks.{l}."
        s |= {
            n + "delta-norm.gain": (D,),
            n + "query": (D, D),
            n + "key": (D, D),
            n + "value": (D, H * Vd),
            n + "gate": (D, H * Vd),
            n + "beta": (D, H),
            n + "decay": (D, H),
            n + "query-filter": (K, D),
            n + "key-filter": (K, D),
            n + "value-filter": (K, H * Vd),
            n + "decay-rate": (H,),
            n + "decay-step": (H,),
            n + "output-norm.gain": (Vd,),
            n + "output": (H * Vd, D),
            n + "mlp-norm.gain": (D,),
            n + "mlp.gate": (D, hidden),
            n + "mlp.input": (D, hidden),
            n + "mlp.output": (hidden, D),
        }
    return s | {"final-norm.gain": (D,), "head": (D, V)}


def record(name, m, V, B, T, seed):
    g = torch.Generator().manual_seed(seed)
    p = {}
    for key, shape in shapes(m, V).items():
        x = torch.randn(shape, generator=g) * 0.4
        if key.endswith("gain") or key.endswith("length"):
            x = 1 + 0.5 * x
        p[key] = x.requires_grad_(True)
    tokens = torch.randint(V, (B, T + 1), generator=g)
    f = gcnn if m["kind"] == "gcnn" else delta_net
    loss = f(p, tokens, m)
    grads = torch.autograd.grad(loss, list(p.values()), create_graph=True)
    v = [torch.randn(x.shape, generator=g) for x in p.values()]
    hvp = torch.autograd.grad(sum((a * b).sum() for a, b in zip(grads, v)), list(p.values()), allow_unused=True)
    named = lambda xs: {
        k: {"shape": list(t.shape), "values": [float(y) for y in x.detach().reshape(-1)]} for (k, t), x in zip(p.items(), xs)
    }
    hvp = [torch.zeros_like(x) if h is None else h for h, x in zip(hvp, p.values())]
    return {
        "name": name,
        "model": m,
        "vocabulary": V,
        "tokens": tokens.tolist(),
        "parameters": named(p.values()),
        "loss": float(loss),
        "gradient": named(grads),
        "vector": named(v),
        "hvp": named(hvp),
    }


G = {
    "kind": "gcnn",
    "layers": 2,
    "width": 5,
    "kernel": 3,
    "weightNorm": True,
    "bias": True,
    "norm": "none",
    "headInit": "xavier-uniform",
    "residualScale": False,
}
N = {
    "kind": "gated-delta-net",
    "layers": 2,
    "heads": 2,
    "width": 6,
    "kernel": 3,
    "valueRatio": 2,
    "mlpRatio": 2,
    "activation": "swiglu",
    "norm": "rmsnorm",
    "bias": False,
}
cases = [
    record("gcnn", G, 7, 2, 6, 1),
    record("gcnn-rmsnorm-plain-weights", G | {"weightNorm": False, "norm": "rmsnorm", "bias": False}, 7, 2, 6, 2),
    record("delta-one-chunk", N | {"chunk": 32}, 5, 2, 7, 3),
    record("delta-chunks", N | {"chunk": 3}, 5, 2, 7, 4),
]
json.dump({"cases": cases}, open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "sequence-vectors.json"), "w"))
