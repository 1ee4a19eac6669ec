"""Losses and gradients of GAT and GRIT by plain PyTorch in float64: each graph for itself, node by node, without padding.

Run: /usr/bin/python3 tests/golden/make_graph_vectors.py  (Debian: python3-torch). Writes graph-vectors.json beside it.
Each case: model (ModelSpec keys), graphs (nodes, edges [from, to, type], target), parameters, loss, gradient, vector, hvp;
tensors by name as {shape, values}.
"""
import json, os
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def layer_norm(x, p, name):
    return F.layer_norm(x, x.shape[-1:], p[name + ".gain"], p[name + ".bias"], 1e-5)


def gat(p, g, m):
    n, H, D = len(g["nodes"]), m["heads"], m["width"]
    x = p["nodes"][g["nodes"]]
    near = [[i] for i in range(n)]
    for a, b, _ in g["edges"]:
        near[a].append(b)
        near[b].append(a)
    for l in range(m["layers"]):
        h = (x @ p[f"blocks.{l}.weight"]).reshape(n, H, D // H)
        new = []
        for i in range(n):
            heads = []
            for k in range(H):
                s = torch.stack([F.leaky_relu(p[f"blocks.{l}.to"][k] @ h[i, k] + p[f"blocks.{l}.from"][k] @ h[j, k], 0.2) for j in near[i]])
                heads.append(F.elu(s.softmax(0) @ h[near[i], k]))
            new.append(torch.cat(heads))
        x = x + torch.stack(new)
    return x.mean(0) @ p["head"] + p["head.bias"]


def grit(p, g, m):
    n, H, D, K = len(g["nodes"]), m["heads"], m["width"], m["walk"]
    E = D // H
    A, kind = torch.zeros(n, n), torch.zeros(n, n, dtype=torch.long)
    for a, b, t in g["edges"]:
        A[a, b] = A[b, a] = 1
        kind[a, b] = kind[b, a] = t + 1
    d = A.sum(1)
    M = A / d.clamp(min=1)[:, None]
    powers = [torch.eye(n)]
    for _ in range(K - 1):
        powers.append(powers[-1] @ M)
    P = torch.stack(powers, -1)
    x = p["nodes"][g["nodes"]] + P.diagonal().t() @ p["walk-nodes"]
    e = p["edges"][kind] + P @ p["walk-pairs"]
    for l in range(m["layers"]):
        w = lambda s: p[f"blocks.{l}.{s}"]
        y, q = layer_norm(x, p, f"blocks.{l}.attention-norm"), layer_norm(e, p, f"blocks.{l}.pair-norm")
        Q, Kk = y @ w("query") + w("query.bias"), y @ w("key")
        z = (Q[:, None] + Kk[None, :]) * (q @ w("pair-weight") + w("pair-weight.bias"))
        pair = F.relu(z / torch.sqrt(z.abs() + 1e-3) + q @ w("pair-bias") + w("pair-bias.bias"))  # i j D
        byhead = pair.reshape(n, n, H, E)
        alpha = torch.einsum("ijhe,he->ijh", byhead, w("score")).softmax(1)
        V = (y @ w("value")).reshape(n, H, E)
        messages = V[None] + torch.einsum("ijhe,hef->ijhf", byhead, w("pair-value"))
        out = torch.einsum("ijh,ijhe->ihe", alpha, messages).reshape(n, D) @ w("output") + w("output.bias")
        x = x + out * w("scale") + torch.log(1 + d)[:, None] * out * w("degree-scale")
        if l + 1 < m["layers"]:
            e = e + pair @ w("pair-output") + w("pair-output.bias")
        y = layer_norm(x, p, f"blocks.{l}.mlp-norm")
        x = x + F.relu(y @ w("mlp.input") + w("mlp.input.bias")) @ w("mlp.output") + w("mlp.output.bias")
    x = layer_norm(x, p, "final-norm")
    return x.sum(0) @ p["head"] + p["head.bias"]


def shapes(m):
    D, L, H = m["width"], m["layers"], m["heads"]
    s = {"nodes": (4, D), "head": (D, 1), "head.bias": (1,)}
    for l in range(L):
        n = f"blocks.{l}."
        if m["kind"] == "gat":
            s |= {n + "weight": (D, D), n + "to": (H, D // H), n + "from": (H, D // H)}
            continue
        for k in ["attention-norm", "pair-norm", "mlp-norm"]:
            s |= {n + k + ".gain": (D,), n + k + ".bias": (D,)}
        for k in ["query", "pair-weight", "pair-bias", "output"] + (["pair-output"] if l + 1 < L else []):
            s |= {n + k: (D, D), n + k + ".bias": (D,)}
        h = round(m["mlpRatio"] * D)
        s |= {
            n + "key": (D, D),
            n + "value": (D, D),
            n + "pair-value": (H, D // H, D // H),
            n + "score": (H, D // H),
            n + "scale": (D,),
            n + "degree-scale": (D,),
            n + "mlp.input": (D, h),
            n + "mlp.input.bias": (h,),
            n + "mlp.output": (h, D),
            n + "mlp.output.bias": (D,),
        }
    if m["kind"] == "grit":
        s |= {"edges": (3, D), "walk-nodes": (m["walk"], D), "walk-pairs": (m["walk"], D), "final-norm.gain": (D,), "final-norm.bias": (D,)}
    return s


GRAPHS = [
    {"nodes": [0, 1, 2, 3, 1], "edges": [[0, 1, 0], [1, 2, 1], [2, 3, 0], [3, 0, 0], [3, 4, 1]], "target": 1.3},
    {"nodes": [2, 2], "edges": [[0, 1, 1]], "target": -0.4},
    {"nodes": [3, 0, 1], "edges": [[0, 1, 0]], "target": 2.1},
]


def record(name, m, seed):
    g = torch.Generator().manual_seed(seed)
    p = {}
    for key, shape in shapes(m).items():
        x = torch.randn(shape, generator=g) * 0.5
        if key.endswith("gain"):
            x = 1 + x
        p[key] = x.requires_grad_(True)
    f = gat if m["kind"] == "gat" else grit
    loss = torch.stack([(f(p, graph, m)[0] - graph["target"]) ** 2 for graph in GRAPHS]).mean()
    grads = torch.autograd.grad(loss, list(p.values()), create_graph=True)
    v = [torch.randn(x.shape, generator=g) for x in p.values()]
    hvp = torch.autograd.grad(sum((a * b).sum() for a, b in zip(grads, v)), list(p.values()), allow_unused=True)
    hvp = [torch.zeros_like(x) if h is None else h for h, x in zip(hvp, p.values())]
    named = lambda xs: {
        k: {"shape": list(t.shape), "values": [float(y) for y in x.detach().reshape(-1)]} for (k, t), x in zip(p.items(), xs)
    }
    return {
        "name": name,
        "model": m,
        "graphs": GRAPHS,
        "parameters": named(p.values()),
        "loss": float(loss),
        "gradient": named(grads),
        "vector": named(v),
        "hvp": named(hvp),
    }


cases = [
    record("gat", {"kind": "gat", "layers": 2, "heads": 2, "width": 6, "norm": "none", "readout": "mean"}, 1),
    record(
        "grit",
        {
            "kind": "grit",
            "layers": 2,
            "heads": 2,
            "width": 6,
            "walk": 4,
            "mlpRatio": 2,
            "activation": "relu",
            "norm": "layernorm",
            "bias": True,
            "readout": "sum",
        },
        2,
    ),
]
json.dump({"cases": cases}, open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "graph-vectors.json"), "w"))
