"""Golden vectors of the optimizers: what torch.optim does to one parameter vector fed 200 recorded gradients.

Run with PyTorch 1.13 or newer (Debian: apt-get install python3-torch):

    /usr/bin/python3 tests/golden/make_optimizer_vectors.py

It writes optimizer-vectors.json beside itself:
    gradients  [200][P], start [P]: numbers that float32 holds exactly, so that both precisions are fed the same
    cases      each an optimizer under the field names of OptimizerSpec and ScheduleSpec, and
               thetas: {"t": [P]} the parameters after t steps, t = 1, 2, 10, 50, 200

Conventions, all PyTorch's: the learning rate of step k = 0, 1, ... is learningRate * s_k; momentum v <- mu v + g, the first v is g;
clipNorm scales the gradient by min(1, c / (norm + 1e-6)); decay "coupled" adds wd * p to the (clipped) gradient,
"lr" multiplies p by (1 - lr_t * wd) before the step (AdamW), "schedule" multiplies p by (1 - wd * lr_t / lr_max)
after the step, where the 2026 study does it.
Schedule "warmup-cosine": W = max(1, ceil(warmup * K - 1e-9)), s_k = (k + 1) / W for k < W, then
final + (1 - final) * (1 + cos(pi (k - W) / (K - W))) / 2. The other kinds leave out one of the two parts; "cosine" has
W = 0, "linear-warmup" holds 1 after it; "warmup-stable-decay" holds 1 after it until the last D = max(1, ceil(decay * K - 1e-9))
steps, which fall linearly from 1: s_k = final + (1 - final) * (K - k) / D.
"""
import json
import math
import pathlib

import numpy
import torch

STEPS, PARAMETERS = 200, 37
RECORDED = (1, 2, 10, 50, 200)


def recorded_gradients():
    """Gaussian noise around a drifting mean, with zeros, sign flips, a dead coordinate and magnitudes from 1e-30 to 1e6."""
    random = numpy.random.default_rng(20260117)
    scale = 10.0 ** numpy.linspace(-4, 1, PARAMETERS)
    mean = random.standard_normal(PARAMETERS)
    gradients = numpy.empty((STEPS, PARAMETERS))
    for k in range(STEPS):
        gradients[k] = scale * (mean * math.cos(k / 17.0) + random.standard_normal(PARAMETERS))
    gradients[:, 0] = 0.0  # never any gradient
    gradients[::2, 1] = 0.0  # every second one missing
    gradients[:, 2] = [(-1.0) ** k for k in range(STEPS)]  # pure sign flips
    gradients[:, 3] = 1e-12 * random.standard_normal(STEPS)  # far below Adam's epsilon
    gradients[:, 4] = 1e-30 * random.standard_normal(STEPS)  # its square underflows float32
    gradients[:, 5] = 1e3 * random.standard_normal(STEPS)
    gradients[60:64, 6] = 1e6  # a burst
    gradients[100] = 0.0  # a step with no gradient at all
    return gradients.astype(numpy.float32).astype(numpy.float64)


def factor(schedule, k):
    """s_k, the learning rate of step k as a fraction of its peak."""
    kind, final = schedule["kind"], schedule["final"]
    up = max(1, math.ceil(schedule["warmup"] * STEPS - 1e-9))
    down = max(1, math.ceil(schedule["decay"] * STEPS - 1e-9))
    if kind == "constant":
        return 1.0
    if kind == "cosine":
        up = 0
    if k < up:
        return (k + 1) / up
    if kind == "linear-warmup":
        return 1.0
    if kind == "warmup-stable-decay":
        return 1.0 if k < STEPS - down else final + (1 - final) * (STEPS - k) / down
    return final + (1 - final) * (1 + math.cos(math.pi * (k - up) / (STEPS - up))) / 2


def build(spec, p):
    rate, coupled = spec["learningRate"], spec["weightDecay"] if spec["decay"] == "coupled" else 0.0
    if spec["kind"] == "sgd":
        return torch.optim.SGD([p], lr=rate, momentum=spec["momentum"], nesterov=spec["nesterov"], weight_decay=coupled)
    betas = (spec["beta1"], spec["beta2"])
    if spec["decay"] == "lr":
        return torch.optim.AdamW([p], lr=rate, betas=betas, eps=spec["epsilon"], weight_decay=spec["weightDecay"])
    return torch.optim.Adam([p], lr=rate, betas=betas, eps=spec["epsilon"], weight_decay=coupled)


def train(spec, gradients, start):
    dtype = getattr(torch, spec["precision"])
    p = torch.nn.Parameter(torch.tensor(start, dtype=dtype))
    optimizer = build(spec, p)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: factor(spec["schedule"], k))
    thetas = {}
    for k in range(STEPS):
        p.grad = torch.tensor(gradients[k], dtype=dtype)
        if spec["clipNorm"] > 0:
            torch.nn.utils.clip_grad_norm_([p], spec["clipNorm"])
        optimizer.step()
        if spec["decay"] == "schedule":
            with torch.no_grad():
                p.mul_(1 - spec["weightDecay"] * optimizer.param_groups[0]["lr"] / spec["learningRate"])
        scheduler.step()
        if k + 1 in RECORDED:
            thetas[str(k + 1)] = p.detach().double().tolist()
    return thetas


def cases():
    constant = {"kind": "constant", "warmup": 0.1, "decay": 0.2, "final": 0.0}
    cosine = {**constant, "kind": "warmup-cosine"}
    default = {
        "learningRate": 0.01,
        "momentum": 0.0,
        "nesterov": False,
        "beta1": 0.9,
        "beta2": 0.999,
        "epsilon": 1e-8,
        "weightDecay": 0.0,
        "decay": "none",
        "clipNorm": 0.0,
    }
    sgd, adam = {**default, "kind": "sgd"}, {**default, "kind": "adam"}
    rules = {
        "sgd": sgd,
        "sgd-momentum": {**sgd, "momentum": 0.9},
        "sgd-nesterov": {**sgd, "momentum": 0.9, "nesterov": True},
        "sgd-coupled-decay": {**sgd, "momentum": 0.9, "weightDecay": 0.1, "decay": "coupled"},
        "sgd-clip": {**sgd, "learningRate": 0.1, "momentum": 0.9, "clipNorm": 1.0},
        "adam": adam,
        "adam-beta-95": {**adam, "beta1": 0.95, "beta2": 0.95},
        "adam-beta2-95": {**adam, "beta2": 0.95},
        "adam-epsilon": {**adam, "epsilon": 1e-4},
        "adam-coupled-decay": {**adam, "weightDecay": 0.1, "decay": "coupled"},
        "adam-clip": {**adam, "clipNorm": 1.0},
        "adam-schedule-decay": {**adam, "weightDecay": 0.01, "decay": "schedule"},
        "adamw": {**default, "kind": "adamw", "weightDecay": 0.1, "decay": "lr"},
    }
    for name, rule in rules.items():
        for suffix, schedule in (("", constant), ("-scheduled", cosine)):
            yield {"name": name + suffix, **rule, "schedule": schedule}
    for schedule in (
        {**constant, "kind": "linear-warmup"},
        {**constant, "kind": "cosine", "final": 0.1},
        {**constant, "kind": "warmup-stable-decay", "final": 0.05},
    ):
        yield {"name": "sgd-" + schedule["kind"], **sgd, "schedule": schedule}


def main():
    torch.set_num_threads(1)
    gradients = recorded_gradients()
    start = numpy.random.default_rng(7).standard_normal(PARAMETERS).astype(numpy.float32).astype(numpy.float64)
    done = []
    for case in cases():
        exact = None
        for precision in ("float64", "float32"):
            spec = {**case, "precision": precision}
            thetas = train(spec, gradients, start)
            exact = exact or thetas
            apart = max(numpy.abs((numpy.array(thetas[t]) - exact[t]) / numpy.array(exact[t])).max() for t in thetas)
            print(f"{case['name']:32} {precision}  |theta_200| {numpy.linalg.norm(thetas['200']):.6g}  relative to float64 {apart:.1e}")
            # Nine digits write a float32 exactly; float64 takes the shortest form that reads back the same.
            done.append({**spec, "thetas": {t: v if precision == "float64" else [float(f"{x:.9g}") for x in v] for t, v in thetas.items()}})
    path = pathlib.Path(__file__).with_name("optimizer-vectors.json")
    with open(path, "w", encoding="utf-8") as out:
        out.write(
            '{"made":"PyTorch '
            + torch.__version__
            + ', tests/golden/make_optimizer_vectors.py",\n"start":'
            + json.dumps(start.tolist())
            + ',\n"gradients":[\n'
        )
        out.write(",\n".join(json.dumps([float(f"{x:.9g}") for x in g]) for g in gradients.tolist()) + '],\n"cases":[\n')
        out.write(",\n".join(json.dumps(c) for c in done) + "]}\n")
    print(path, path.stat().st_size, "bytes,", len(done), "cases")


if __name__ == "__main__":
    main()
