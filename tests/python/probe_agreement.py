"""The numbers of gaplab_probe on one of Gaplab's own models, for the test that holds them against Gaplab's.

    python3 probe_agreement.py CASE.json FOLDER

CASE.json, which the test writes: {"model", "weights": {name: {"shape", "values"}} in the order of the row, "samples": token rows, "batch":
samples of a curvature batch, "update": [P], "signs": {"purpose/index": [1, −1, …]}}. FOLDER gets numbers.json, noise.npy with its
coordinates, and probe.json. The forward pass is that of tests/golden, which shares nothing with Gaplab; signs take the place of random
draws.
"""
import json
import os
import sys

import gaplab_probe
import torch
from make_gpt_vectors import cross_entropy, forward

case, folder = json.load(open(sys.argv[1], encoding="utf-8")), sys.argv[2]
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
weights = {n: torch.tensor(t["values"]).reshape(t["shape"]).requires_grad_() for n, t in case["weights"].items()}
samples = torch.tensor(case["samples"])
singles, batches = samples.split(1), samples.split(case["batch"])
gaplab_probe._signs = lambda purpose, index, count, seed: torch.tensor(case["signs"][f"{purpose}/{index}"])


def loss(rows):
    return cross_entropy(forward(rows[:, :-1], case["model"], weights), rows[:, 1:])


update = torch.tensor(case["update"])
numbers = {
    "sharpness": gaplab_probe.sharpness(loss, weights, update, batches, check=True),
    "critical": gaplab_probe.critical_sharpness(loss, weights, update * case["factor"], batches=batches),
    "noise-scale": gaplab_probe.noise_scale(loss, singles, weights, 1),
    "spectrum": gaplab_probe.spectrum(loss, batches, weights, blocks="layers", probes=1),
}
gaplab_probe.noise(loss, singles, weights, k=200, out=folder)
gaplab_probe.probe(loss, singles, weights, 1, [4, 16, 64], samples=640, curvature=batches, layers=True, out=folder)
flat = torch.cat([w.detach().reshape(-1) for w in weights.values()])
gaplab_probe.probe(
    loss, singles, weights, 1, [4], steps=10, curvature=batches, origin=flat - update, initialLoss=4.0, out=os.path.join(folder, "moved")
)
with open(os.path.join(folder, "numbers.json"), "w", encoding="utf-8") as file:
    json.dump(gaplab_probe._plain(numbers), file)
