"""PyTorch's side of the test of arrays and weights (WeightsCommandSpecs, ./test --all); it needs python3-torch and python3-numpy.

    weights_peer.py write FOLDER             arrays as NumPy saves them, weights of a torch.nn model, its loss on the first 64 rows
    weights_peer.py loss FOLDER FILE         the mean cross-entropy of the model with these weights on the training rows
    weights_peer.py validation FOLDER FILE   likewise on the validation rows

Weights go through the safetensors format as its README describes it; tensors have the names of Gaplab's layout, matrices [in, out].
"""
import json
import pathlib
import struct
import sys

import numpy
import torch
from torch import nn

TYPES = {"F32": numpy.dtype("<f4"), "F64": numpy.dtype("<f8"), "I64": numpy.dtype("<i8")}
ROWS, INPUTS, WIDTH, CLASSES = 64, 5, 6, 3


def load(path):
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    tensors = {name: t for name, t in json.loads(data[8 : 8 + length]).items() if name != "__metadata__"}
    body = data[8 + length :]
    return {
        name: numpy.frombuffer(body[slice(*t["data_offsets"])], TYPES[t["dtype"]]).reshape(t["shape"]).copy() for name, t in tensors.items()
    }


def save(path, arrays):
    header, body = {}, b""
    for name, array in arrays.items():
        dtype = next(key for key, value in TYPES.items() if value == array.dtype)
        data = numpy.ascontiguousarray(array).tobytes()
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + body)


def model():
    return nn.Sequential(
        nn.Linear(INPUTS, WIDTH), nn.LayerNorm(WIDTH), nn.Tanh(),
        nn.Linear(WIDTH, WIDTH), nn.LayerNorm(WIDTH), nn.Tanh(),
        nn.Linear(WIDTH, CLASSES),
    )  # fmt: skip


NAMES = {
    "0.weight": "layers.0.weight", "0.bias": "layers.0.weight.bias", "1.weight": "layers.0.norm.gain", "1.bias": "layers.0.norm.bias",
    "3.weight": "layers.1.weight", "3.bias": "layers.1.weight.bias", "4.weight": "layers.1.norm.gain", "4.bias": "layers.1.norm.bias",
    "6.weight": "head", "6.bias": "head.bias",
}  # fmt: skip


def renamed(state):
    return {NAMES[name]: (value.T if value.dim() == 2 else value).numpy() for name, value in state.items()}


def loaded(path):
    arrays = load(path)
    assert sorted(arrays) == sorted(NAMES.values()), sorted(arrays)
    made = model()
    state = {own: torch.from_numpy(arrays[name]) for own, name in NAMES.items()}
    made.load_state_dict({own: value.T if value.dim() == 2 else value for own, value in state.items()})
    return made


def loss(made, x, y):
    with torch.no_grad():
        return nn.functional.cross_entropy(made(torch.from_numpy(x.copy())), torch.from_numpy(y.astype("i8"))).item()


def main(mode, folder, *file):
    at = pathlib.Path(folder)
    if mode == "write":
        draw = numpy.random.default_rng(5)
        x, y = draw.normal(size=(ROWS, INPUTS)).astype("f4"), draw.integers(0, CLASSES, ROWS)
        numpy.save(at / "x.npy", numpy.asfortranarray(x))
        numpy.savez_compressed(at / "y.npz", other=x, classes=y.astype("u1"))
        save(at / "v.safetensors", {"x": draw.normal(size=(20, INPUTS)).astype("f4"), "y": draw.integers(0, CLASSES, 20)})
        torch.manual_seed(7)
        made = model()
        for parameter in made.parameters():  # gains and biases too are other than where they start
            nn.init.normal_(parameter, std=0.7)
        save(at / "torch.safetensors", renamed(made.state_dict()))
        print(loss(made, x, y))
    elif mode == "loss":
        print(loss(loaded(*file), numpy.load(at / "x.npy"), numpy.load(at / "y.npz")["classes"]))
    else:
        held = load(at / "v.safetensors")
        print(loss(loaded(*file), held["x"], held["y"]))


main(*sys.argv[1:])
