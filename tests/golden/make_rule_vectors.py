"""Golden vectors of the rules beyond SGD and Adam: 60 steps of each on recorded gradients, in float64.

Run with PyTorch 1.13 or newer (Debian: apt-get install python3-torch):

    /usr/bin/python3 tests/golden/make_rule_vectors.py

It writes rule-vectors.json beside itself:
    layout     [[name, shape], ...] of the tensors in a row of P numbers
    gradients  [60][P], start [P]
    cases      each an optimizer under the field names of OptimizerSpec, with schedule (factor of the rate: "constant" or
               "warmup-cosine", 10% up), the source of its numbers ("torch.optim" or "published formula"), and
               thetas: {"t": [P]} the parameters after t steps, t = 1, 2, 10, 60

What PyTorch 1.13 has (SGD, Adam, Adagrad, RMSprop) is run by PyTorch on one tensor a name. The others are written out here from
their papers, with plain sums and numpy's sort, on purpose in another style than the program's.
"""
import json
import math
import pathlib

import numpy as np
import torch

STEPS, RECORDED = 60, (1, 2, 10, 60)
# Two hidden matrices (wide and tall, [inputs, outputs]), a table, a head and a vector.
LAYOUT = [("blocks.0.up", (4, 6)), ("blocks.0.down", (7, 3)), ("embedding", (5, 3)), ("head", (3, 5)), ("blocks.0.norm", (4,))]
SIZES = [math.prod(s) for _, s in LAYOUT]
P = sum(SIZES)


def hidden(name, shape):
    return len(shape) == 2 and name.startswith("blocks")


def split(row):
    return [piece.reshape(shape) for piece, (_, shape) in zip(np.split(row, np.cumsum(SIZES)[:-1]), LAYOUT)]


def join(pieces):
    return np.concatenate([np.asarray(p).reshape(-1) for p in pieces])


def factor(kind, k):
    if kind == "constant":
        return 1.0
    up = max(1, math.ceil(0.1 * STEPS - 1e-9))
    return (k + 1) / up if k < up else (1 + math.cos(math.pi * (k - up) / (STEPS - up))) / 2


def top_clip(u, fraction):
    """Coordinates above the k-th (0-based) largest magnitude come down to it; a threshold of 0 clips nothing."""
    if fraction == 0:
        return u
    k = min(math.floor(u.size * fraction + 1e-9), u.size - 1)
    tau = np.sort(np.abs(u).reshape(-1))[::-1][k]
    return u if tau == 0 else np.sign(u) * np.minimum(np.abs(u), tau)


def clip_top(row, spec):
    if spec["clipTopScope"] == "tensor":
        return join([top_clip(p, spec["clipTop"]) for p in split(row)])
    return top_clip(row, spec["clipTop"])


def trusted(u, p, coefficient):
    """You et al. 2017 and (coefficient 1) 2020, Algorithm 2: a layer's update at the layer's own size."""
    return u * (coefficient * math.sqrt(float((p * p).sum())) / math.sqrt(float((u * u).sum())))


class Rule:
    """A published rule: direction(g, p, t) is subtracted times the rate; t = 1, 2, ..."""

    def __init__(self, spec):
        self.s = spec
        self.memory = {}

    def average(self, name, value, beta):
        self.memory[name] = beta * self.memory.get(name, np.zeros_like(value)) + (1 - beta) * value
        return self.memory[name]

    def heavy_ball(self, g):
        mu = self.s["momentum"]
        v = self.memory["v"] = mu * self.memory.get("v", np.zeros_like(g)) + g
        return g + mu * v if self.s["nesterov"] else v

    def adam(self, g, t, name="adam", clipped=None):
        m = self.average(name + "m", g if clipped is None else clipped, self.s["beta1"])
        v = self.average(name + "v", g * g, self.s["beta2"])
        return m / (1 - self.s["beta1"] ** t) / (np.sqrt(v / (1 - self.s["beta2"] ** t)) + self.s["epsilon"])

    def direction(self, g, p, t):
        s = self.s
        if s["clipTop"] and s["clipTopAt"] == "gradient":
            g = clip_top(g, s)
        kind = s["kind"]
        if kind == "sgd":
            u = self.heavy_ball(g)
        elif kind in ("adam", "adamw", "lamb"):
            u = self.adam(g, t, clipped=clip_top(g, s) if s["clipTop"] and s["clipTopAt"] == "gradient-m" else None)
        elif kind == "normalised-sgd":
            u = self.heavy_ball(g)
            u = u / math.sqrt(float((u * u).sum())) if np.any(u) else u
        elif kind == "signum":
            u = np.sign(self.heavy_ball(g))
        elif kind == "adagrad":
            self.memory["s"] = self.memory.get("s", np.full_like(g, s["initialAccumulator"])) + g * g
            u = g / (np.sqrt(self.memory["s"]) + s["epsilon"])
        elif kind == "lion":
            old = self.memory.get("m", np.zeros_like(g))
            u = np.sign(s["beta1"] * old + (1 - s["beta1"]) * g)
            self.memory["m"] = s["beta2"] * old + (1 - s["beta2"]) * g
        elif kind == "adafactor":
            u = join([self.adafactor(gi, pi, t, i) for i, (gi, pi) in enumerate(zip(split(g), split(p)))])
        elif kind == "lars":
            g = g + s["weightDecay"] * p
            u = self.heavy_ball(join([trusted(gi, pi, s["trust"]) for gi, pi in zip(split(g), split(p))]))
        elif kind == "muon":
            u = join(
                [
                    self.muon(gi, i) if hidden(*LAYOUT[i]) else s["adamLearningRate"] / s["learningRate"] * self.adam(gi, t, f"adam{i}")
                    for i, gi in enumerate(split(g))
                ]
            )
        if s["clipTop"] and s["clipTopAt"] == "update":
            u = clip_top(u, s)
        if kind == "lamb":
            u = join([trusted(ui + s["weightDecay"] * pi, pi, 1.0) for ui, pi in zip(split(u), split(p))])
        return u

    def adafactor(self, g, p, t, i):
        """Shazeer and Stern 2018, Algorithms 4 and 5, with row and column means for sums."""
        s = self.s
        beta2 = 1 - t ** (-s["decayRate"])
        square = g * g + s["epsilon"]
        if g.ndim == 2:
            r = self.average(f"r{i}", square.mean(axis=1), beta2)
            c = self.average(f"c{i}", square.mean(axis=0), beta2)
            v = np.outer(r, c) / r.mean()
        else:
            v = self.average(f"v{i}", square, beta2)
        u = g / np.sqrt(v)
        u = u / max(1.0, math.sqrt((u * u).mean()) / s["updateClip"])
        if s["relativeStep"]:
            u = u * max(s["epsilon2"], math.sqrt((p * p).mean()))
        return self.average(f"m{i}", u, s["beta1"]) if s["beta1"] else u

    def muon(self, g, i):
        """Jordan et al. 2024 on the transposed matrix, as PyTorch would hold it: [outputs, inputs]."""
        mu = self.s["momentum"]
        g = g.T
        b = self.memory[f"b{i}"] = mu * self.memory.get(f"b{i}", np.zeros_like(g)) + g
        x = g + mu * b if self.s["nesterov"] else b
        scale = max(1.0, x.shape[0] / x.shape[1]) ** 0.5
        x = x / (np.linalg.norm(x) + 1e-7)
        if x.shape[0] > x.shape[1]:
            x = x.T
        for _ in range(self.s["newtonSchulz"]):
            gram = x @ x.T
            x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
        return (scale * (x if x.shape == g.shape else x.T)).T


def by_formula(spec, gradients, start):
    rule, p, thetas = Rule(spec), start.copy(), {}
    for k in range(STEPS):
        rate = spec["learningRate"] * factor(spec["schedule"]["kind"], k)
        u = rule.direction(gradients[k], p, k + 1)
        if spec["decay"] == "lr" and spec["kind"] != "lamb":
            own = join(
                [
                    np.full(
                        shape, 1.0 if spec["kind"] != "muon" or hidden(name, shape) else spec["adamLearningRate"] / spec["learningRate"]
                    )
                    for name, shape in LAYOUT
                ]
            )
            p = p * (1 - rate * own * spec["weightDecay"])
        p = p - rate * u
        if k + 1 in RECORDED:
            thetas[str(k + 1)] = p.tolist()
    return thetas


def by_torch(spec, gradients, start):
    tensors = [torch.nn.Parameter(torch.tensor(p)) for p in split(start)]
    if spec["kind"] == "adagrad":
        optimizer = torch.optim.Adagrad(
            tensors,
            lr=spec["learningRate"],
            eps=spec["epsilon"],
            initial_accumulator_value=spec["initialAccumulator"],
            weight_decay=spec["weightDecay"],
        )
    else:
        optimizer = torch.optim.RMSprop(
            tensors,
            lr=spec["learningRate"],
            alpha=spec["beta2"],
            eps=spec["epsilon"],
            centered=spec["centered"],
            momentum=spec["momentum"],
            weight_decay=spec["weightDecay"],
        )
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: factor(spec["schedule"]["kind"], k))
    thetas = {}
    for k in range(STEPS):
        for tensor, g in zip(tensors, split(gradients[k])):
            tensor.grad = torch.tensor(g)
        optimizer.step()
        scheduler.step()
        if k + 1 in RECORDED:
            thetas[str(k + 1)] = join([t.detach().numpy() for t in tensors]).tolist()
    return thetas


def cases():
    default = {
        "learningRate": 0.01,
        "momentum": 0.0,
        "nesterov": False,
        "beta1": 0.9,
        "beta2": 0.999,
        "epsilon": 1e-8,
        "weightDecay": 0.0,
        "decay": "none",
        "clipTop": 0.0,
        "clipTopAt": "gradient",
        "clipTopScope": "row",
        "centered": False,
        "initialAccumulator": 0.0,
        "decayRate": 0.8,
        "updateClip": 1.0,
        "relativeStep": False,
        "epsilon2": 1e-3,
        "newtonSchulz": 5,
        "adamLearningRate": 3e-4,
    }
    sgd, adam = {**default, "kind": "sgd", "momentum": 0.9}, {**default, "kind": "adam"}
    adagrad, rmsprop = {**default, "kind": "adagrad", "epsilon": 1e-10}, {**default, "kind": "rmsprop", "beta2": 0.99}
    adafactor = {**default, "kind": "adafactor", "epsilon": 1e-30, "beta1": 0.0}
    lion = {**default, "kind": "lion", "beta2": 0.99}
    lamb = {**default, "kind": "lamb", "epsilon": 1e-6}
    lars = {**default, "kind": "lars", "learningRate": 5.0, "momentum": 0.9, "trust": 1e-3}
    muon = {**default, "kind": "muon", "learningRate": 0.02, "momentum": 0.95, "nesterov": True, "beta2": 0.95, "epsilon": 1e-10}
    torch_cases = {
        "adagrad": adagrad,
        "adagrad-initial": {**adagrad, "initialAccumulator": 0.1},
        "adagrad-coupled": {**adagrad, "weightDecay": 0.1, "decay": "coupled"},
        "rmsprop": rmsprop,
        "rmsprop-centered": {**rmsprop, "centered": True},
        "rmsprop-momentum": {**rmsprop, "momentum": 0.9},
        "rmsprop-centered-momentum": {**rmsprop, "centered": True, "momentum": 0.9, "epsilon": 1e-6},
    }
    own_cases = {
        "normalised-sgd": {**default, "kind": "normalised-sgd"},
        "normalised-sgd-momentum": {**default, "kind": "normalised-sgd", "momentum": 0.9},
        "signsgd": {**default, "kind": "signum"},
        "signum": {**default, "kind": "signum", "momentum": 0.9},
        "lion": lion,
        "lion-decay": {**lion, "beta1": 0.95, "weightDecay": 0.1, "decay": "lr"},
        "adafactor": adafactor,
        "adafactor-relative": {**adafactor, "relativeStep": True, "epsilon2": 0.5},
        "adafactor-first-moment": {**adafactor, "beta1": 0.9, "decayRate": 0.5, "updateClip": 0.5},
        "muon": muon,
        "muon-plain": {**muon, "nesterov": False, "newtonSchulz": 3, "adamLearningRate": 0.003},
        "muon-decay": {**muon, "weightDecay": 0.1, "decay": "lr"},
        "lamb": lamb,
        "lamb-decay": {**lamb, "beta2": 0.99, "weightDecay": 0.1, "decay": "lr"},
        "lars": lars,
        "lars-decay": {**lars, "learningRate": 0.5, "trust": 0.01, "nesterov": True, "weightDecay": 0.1, "decay": "coupled"},
        "sgd-clip-top": {**sgd, "clipTop": 0.1},
        "sgd-clip-top-half": {**sgd, "clipTop": 0.5},
        "sgd-clip-top-tensor": {**sgd, "clipTop": 0.2, "clipTopScope": "tensor"},
        "sgd-clip-top-update": {**sgd, "clipTop": 0.1, "clipTopAt": "update"},
        "adam-clip-top": {**adam, "clipTop": 0.1},
        "adam-clip-top-m": {**adam, "clipTop": 0.1, "clipTopAt": "gradient-m"},
        "adam-clip-top-m-tensor": {**adam, "clipTop": 0.2, "clipTopAt": "gradient-m", "clipTopScope": "tensor"},
        "adam-clip-top-update": {**adam, "clipTop": 0.1, "clipTopAt": "update"},
        "adam-clip-top-update-tensor": {**adam, "clipTop": 0.2, "clipTopAt": "update", "clipTopScope": "tensor"},
        "adamw-clip-top-update": {**adam, "kind": "adamw", "weightDecay": 0.1, "decay": "lr", "clipTop": 0.3, "clipTopAt": "update"},
        "adagrad-clip-top": {**adagrad, "clipTop": 0.1},
        "lion-clip-top": {**lion, "clipTop": 0.1},
        "adafactor-clip-top-update": {**adafactor, "clipTop": 0.1, "clipTopAt": "update"},
        "muon-clip-top-update": {**muon, "clipTop": 0.1, "clipTopAt": "update", "weightDecay": 0.1, "decay": "lr"},
    }
    for source, group in (("torch.optim", torch_cases), ("published formula", own_cases)):
        for name, spec in group.items():
            for suffix, kind in (("", "constant"), ("-scheduled", "warmup-cosine")):
                yield {"name": name + suffix, "source": source, **spec, "schedule": {"kind": kind}}


def main():
    torch.set_num_threads(1)
    random = np.random.default_rng(20260211)
    scale = 10.0 ** random.uniform(-2, 1, P)
    mean = random.standard_normal(P)
    gradients = np.array([scale * (mean * math.cos(k / 7.0) + random.standard_normal(P)) for k in range(STEPS)])
    gradients[:, 3] = 0.0  # never any gradient
    gradients[::2, 5] = 0.0  # every second one missing
    gradients[:, -2] = [(-1.0) ** k for k in range(STEPS)]  # pure sign flips
    gradients = gradients.astype(np.float32).astype(np.float64)
    start = random.standard_normal(P).astype(np.float32).astype(np.float64)
    done = []
    for case in cases():
        thetas = (by_torch if case["source"] == "torch.optim" else by_formula)(case, gradients, start)
        print(f"{case['name']:36} {case['source']:18} |theta_{STEPS}| {np.linalg.norm(thetas[str(STEPS)]):.6g}")
        done.append({**case, "thetas": thetas})
    path = pathlib.Path(__file__).with_name("rule-vectors.json")
    with open(path, "w", encoding="utf-8") as out:
        out.write(
            '{"made":"numpy '
            + np.__version__
            + ", PyTorch "
            + torch.__version__
            + ', tests/golden/make_rule_vectors.py",\n"layout":'
            + json.dumps([[n, list(s)] for n, s in LAYOUT])
        )
        out.write(
            ',\n"start":'
            + json.dumps(start.tolist())
            + ',\n"gradients":[\n'
            + ",\n".join(json.dumps([float(f"{x:.9g}") for x in g]) for g in gradients.tolist())
            + '],\n"cases":[\n'
        )
        out.write(",\n".join(json.dumps(c) for c in done) + "]}\n")
    print(path, path.stat().st_size, "bytes,", len(done), "cases")


if __name__ == "__main__":
    main()
