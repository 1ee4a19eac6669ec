"""Loss, gradient and Hessian-vector product of the GRU by PyTorch's own torch.gru in float64.

Run: /usr/bin/python3 tests/golden/make_gru_vectors.py  (Debian: python3-torch).
Writes gru-vectors.json beside it; the form is lstm-vectors.json's.
PyTorch orders the gates r, z, n as we do and has two biases, of which the recurrent one is 0 here.
"""
import json, os
import torch
from make_lstm_vectors import text


def gru(p, x, m):
    D, weights = m["width"], []
    for l in range(m["layers"]):
        n = f"layers.{l}."
        weights += [p[n + "input"].t(), p[n + "recurrent"].t()]
        if m["bias"]:
            weights += [p[n + "bias"], torch.zeros(3 * D)]
    return torch.gru(x, torch.zeros(m["layers"], x.shape[0], D), weights, m["bias"], m["layers"], 0.0, False, False, True)[0]


G = {"kind": "gru", "layers": 2, "width": 5, "bias": True, "headInit": "xavier-uniform"}
json.dump(
    {
        "text": [
            text("gru", G, 7, 3, 6, 1, gru, 3),
            text("gru-tied-no-bias", G | {"layers": 1, "bias": False, "tiedHead": True}, 6, 2, 5, 2, gru, 3),
        ]
    },
    open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "gru-vectors.json"), "w"),
)
