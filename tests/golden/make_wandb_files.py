"""Folders of runs of Weights & Biases, as we read its format; nothing of the tool itself is used.

    python3 tests/golden/make_wandb_files.py tests/golden/wandb

The framing and the messages are written with struct and zlib alone. Numbers of fields: wandb_internal.proto in github.com/wandb/wandb.
Each run is one of the ways in which runs lie on a disk; the tests say what they must become.
"""
import json
import struct
import sys
import zlib
from pathlib import Path

BLOCK = 32768
root = Path(sys.argv[1])


def varint(value):
    out = bytearray()
    value &= (1 << 64) - 1
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def whole(number, value):
    return varint(number << 3) + varint(value)


def inside(number, content):
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(content)) + content


def item(key, value, nested=True):
    keys = key if isinstance(key, list) else [key]
    names = b"".join(inside(2, k) for k in keys) if nested else inside(1, ".".join(keys))
    return names + inside(16, json.dumps(value))  # json.dumps writes NaN and Infinity bare


def items(number, values, nested=True):
    return b"".join(inside(number, item(k, v, nested)) for k, v in values.items())


def history(step, values, nested=True):
    own = {"_step": step, "_runtime": step / 10, "_timestamp": 1.7e9 + step}
    return inside(2, items(1, {**values, **own}, nested) + inside(2, whole(1, step)))


def summary(values, nested=True):
    return inside(3, items(1, values, nested))


def config(values, nested=True):
    return inside(5, items(1, values, nested))


def run(id, values, start, nested=True, sweep="", resumed=False):
    own = {"_wandb": {"cli_version": "0", "t": {"1": [1]}}, **values}
    message = inside(1, id) + inside(3, "golden") + inside(4, items(1, own, nested)) + inside(8, "name-of-" + id)
    message += (inside(12, sweep) if sweep else b"") + inside(17, whole(1, start) + whole(2, 500_000_000))
    return inside(17, message + (whole(18, 1) if resumed else b""))


def ended(code):
    return inside(18, (whole(1, code) if code else b"") + whole(2, 7))


def output(text):
    return inside(13, whole(1, 1) + inside(3, text))


def framed(records):
    out = bytearray(b":W&B" + struct.pack("<HB", 0xBEE1, 0))
    for number, record in enumerate(records, 1):
        rest, first = whole(1, number) + record + inside(16, whole(7, len(out))), True
        while rest or first:
            left = BLOCK - len(out) % BLOCK
            if left < 7:
                out += bytes(left)
                continue
            chunk, rest = rest[: left - 7], rest[left - 7 :]
            kind = (1 if not rest else 2) if first else (3 if rest else 4)
            out += struct.pack("<IHB", zlib.crc32(bytes([kind]) + chunk), len(chunk), kind) + chunk
            first = False
    return bytes(out)


def place(folder, log=None, **files):
    path = root / folder
    (path / "files").mkdir(parents=True, exist_ok=True)
    if log is not None:
        (path / f"run-{folder.split('-')[-1]}.wandb").write_bytes(log)
    for name, text in files.items():
        (path / "files" / name.replace("__", "-").replace("_dot_", ".")).write_text(text)


def loss(step, scale):
    return round(0.5 + scale / (1 + step), 6)


def yaml(**values):
    own = "wandb_version: 1\n_wandb:\n    desc: null\n    value:\n        cli_version: 0.21.2\n        t:\n"
    own += "            \"1\":\n            - 1\n"
    return "".join([own] + [f"{k}:\n    desc: null\n    value: {v}\n" for k, v in values.items()])


def logged(steps, *metrics):
    """Of each metric (name, every, scale) a value at every so many steps."""
    return [history(s, {name: loss(s, scale) for name, every, scale in metrics if s % every == 0}) for s in steps]


SGD = {"optimizer": "sgd", "lr": 0.1, "batch_size": 32, "seed": 1, "model": {"width": 64, "layers": [1, 2]}}

# Finished; one record is longer than two blocks, and validation is logged at every tenth step only.
place(
    "run-20260101_000000-aaaa0001",
    framed(
        [inside(21, inside(1, inside(1, "0.21.2"))), run("aaaa0001", SGD, 1_767_225_600), output("x" * 70_000)]
        + logged(range(51), ("train/loss", 1, 4), ("val/loss", 10, 5))
        + [summary({"train/loss": loss(50, 4), "val/loss": loss(50, 5)})]
        + [summary({"best_val_loss": 0.55, "picture": {"_type": "image-file"}}), ended(0)]
    ),
)
# Failed before it logged anything but one step.
place(
    "run-20260101_000100-aaaa0002",
    framed([run("aaaa0002", {**SGD, "lr": 1.0}, 1_767_225_660), history(0, {"train/loss": 4.5, "val/loss": 5.5}), ended(1)]),
)
# Diverged: the log is empty, and only the summary says so.
place(
    "run-20260101_000200-aaaa0003",
    b"",
    config_dot_yaml=yaml(optimizer="sgd", lr="10", batch_size="32", seed="1")
    + "model:\n    value:\n        width: 64\n        layers:\n            - 1\n            - 2\n",
    wandb__summary_dot_json='{"_runtime":39.6,"train/loss":NaN,"val/loss":NaN,"lr_now":0.1,"_wandb":{"runtime":39},"_step":33}',
)
# Begun, ended in the middle without a word, and resumed from a checkpoint at step 30.
place(
    "run-20260101_000300-aaaa0004",
    framed(
        [run("aaaa0004", {**SGD, "seed": 2}, 1_767_225_780)]
        + [history(s, {"train/loss": 9.0 + s, "val/loss": 90.0 + s}) for s in range(0, 45, 5)]
    ),
)
place(
    "run-20260101_000900-aaaa0004",
    framed(
        [run("aaaa0004", {**SGD, "seed": 2, "resumed_from": 30}, 1_767_226_140, resumed=True)]
        + logged(range(30, 65, 5), ("train/loss", 5, 6), ("val/loss", 10, 7))
        + [ended(0)]
    ),
)
# Of an old version, offline: whole keys, no step of its own, values in objects, a number that is none among them.
place(
    "offline-run-20260101_000400-aaaa0005",
    framed(
        [run("aaaa0005", {}, 1_767_225_840, nested=False)]
        + [config({"optimizer": "adam", "lr": 0.001, "batch_size": 32, "seed": 1}, nested=False)]
        + [
            inside(2, items(1, {"train": {"loss": loss(s, 2)}, "val/loss": "NaN" if s == 2 else loss(s, 3), "note": "text"}, nested=False))
            for s in range(6)
        ]
        + [ended(0)]
    ),
)
# The disk was full: the log breaks off at step 20, the summary was written at step 50.
adam = {**SGD, "optimizer": "adam"}
torn = framed([run("aaaa0006", {**adam, "lr": 0.01}, 1_767_225_900)] + logged(range(0, 51, 10), ("val/loss", 10, 8)))
place(
    "run-20260101_000500-aaaa0006",
    torn[: len(torn) - 350],
    wandb__summary_dot_json='{"val/loss": 0.625, "_step": 50, "_wandb": {"runtime": 9}}',
)
# A byte of the second block is wrong: what stands in that block is lost, what follows is read.
damaged = bytearray(
    framed(
        [run("aaaa0007", {**adam, "lr": 0.1}, 1_767_225_960), history(0, {"val/loss": 9.0}), output("y" * 40_000)]
        + [history(1, {"val/loss": 8.0}), output("z" * 30_000), history(2, {"val/loss": 7.0}), ended(0)]
    )
)
damaged[BLOCK + 5_000] ^= 1
place("run-20260101_000600-aaaa0007", bytes(damaged))
# Ended by hand; the sweep's key is in its log, the rest on its command line.
place(
    "run-20260101_000700-aaaa0009",
    framed([run("aaaa0009", {"batch_size": 64}, 1_767_226_020, sweep="abcd"), history(0, {"val/loss": 3.0}), ended(255)]),
    wandb__metadata_dot_json=json.dumps(
        {"program": "train.py", "args": ["--batch_size=64", "--lr", "0.25", "-o", "x", "optim.name=sgd", "--amp"]}
    ),
)
# Failed before it had settings.
place("run-20260101_000800-aaaa0010", framed([run("aaaa0010", {}, 1_767_226_080), ended(1)]))
# No log at all; the settings of its sweep lie beside.
place("run-20260101_001000-aaaa0011", wandb__metadata_dot_json="{}", wandb__summary_dot_json='{"val/loss": Infinity, "_step": 3}')
(root / "sweep-abcd").mkdir(exist_ok=True)
(root / "sweep-abcd" / "config-aaaa0011.yaml").write_text("wandb_version: 1\n\nbatch_size:\n  value: 128\n")
