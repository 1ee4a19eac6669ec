"""Loss, gradient and Hessian-vector product of the image models in PyTorch, written independently: tests/golden/vision-vectors.json.

    /usr/bin/python3 tests/golden/make_vision_vectors.py
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
ACT = {"relu": torch.relu, "gelu": F.gelu, "tanh": torch.tanh, "silu": F.silu}


class Parameters:
    """Named tensors, made on first use; in order."""

    def __init__(self):
        self.tensors, self.generator = {}, torch.Generator().manual_seed(5)

    def __call__(self, name, *shape, scale=0.3, offset=0.0):
        if name not in self.tensors:
            self.tensors[name] = (offset + scale * torch.randn(*shape, generator=self.generator)).requires_grad_()
        return self.tensors[name]


def norm2d(p, spec, name, x):
    c = x.shape[1]
    if spec["norm"] == "none":
        return x
    gain, bias = p(name + ".gain", c, offset=1.0), p(name + ".bias", c)
    if spec["norm"] == "batch":
        return F.batch_norm(x, None, None, gain, bias, True, 0.1, 1e-5)
    return F.group_norm(x, math.gcd(32, c), gain, bias, 1e-5)


def conv(p, spec, name, x, out, k, stride, pad):
    w = p(name, out, x.shape[1], k, k)
    b = p(name + ".bias", out) if spec["norm"] == "none" else None
    return F.conv2d(x, w, b, stride, pad)


def linear(p, name, x, out):
    return x @ p(name, x.shape[-1], out) + p(name + ".bias", out)


def resnet(p, spec, x, classes):
    act, n, w, pre = ACT[spec["activation"]], spec["layers"], spec["width"], spec.get("normPlacement") == "pre"
    h = conv(p, spec, "stem", x, w, 3, 1, 1)
    if not pre:
        h = act(norm2d(p, spec, "stem-norm", h))
    for i in range(3 * n):
        stage, name = i // n, f"blocks.{i}"
        out, stride = w << stage, 2 if stage > 0 and i % n == 0 else 1
        inner = act(norm2d(p, spec, name + ".first-norm", h)) if pre else h
        y = conv(p, spec, name + ".first", inner, out, 3, stride, 1)
        y = conv(p, spec, name + ".second", act(norm2d(p, spec, name + (".second-norm" if pre else ".first-norm"), y)), out, 3, 1, 1)
        if not pre:
            y = norm2d(p, spec, name + ".second-norm", y)
        if stride == 1:
            s = h
        elif spec.get("shortcut") == "projection":
            s = conv(p, spec, name + ".projection", inner, out, 1, stride, 0)
            if not pre:
                s = norm2d(p, spec, name + ".projection-norm", s)
        else:
            s = F.pad(h[:, :, ::2, ::2], (0, 0, 0, 0, 0, out - h.shape[1]))
        h = s + y if pre else act(s + y)
    if pre:
        h = act(norm2d(p, spec, "final-norm", h))
    return linear(p, "head", h.mean((2, 3)), classes)


def alexnet(p, spec, x, classes):
    act, w = ACT[spec["activation"]], spec["width"]
    for i, (out, k) in enumerate([(w, 5), (3 * w, 5), (6 * w, 3), (4 * w, 3), (4 * w, 3)]):
        x = conv(p, spec, f"convolutions.{i}.weight", x, out, k, 1, k // 2)
        x = act(norm2d(p, spec, f"convolutions.{i}.norm", x))
        if i in (0, 1, 4):
            x = F.max_pool2d(x, 3, 2)
    h = act(linear(p, "hidden.0.weight", x.flatten(1), 64 * w))
    return linear(p, "head", act(linear(p, "hidden.1.weight", h, 64 * w)), classes)


def mlp(p, spec, x, classes):
    h = x.flatten(1)
    for i in range(spec["layers"]):
        y = linear(p, f"layers.{i}.weight", h, spec["width"])
        if spec["norm"] == "layernorm":
            y = F.layer_norm(
                y, (spec["width"],), p(f"layers.{i}.norm.gain", spec["width"], offset=1.0), p(f"layers.{i}.norm.bias", spec["width"]), 1e-5
            )
        h = ACT[spec["activation"]](y)
    return linear(p, "head", h, classes)


def vit(p, spec, x, classes):
    d, heads, k = spec["width"], spec["heads"], spec["patch"]
    b, c, side, _ = x.shape
    n = side // k
    patches = F.unfold(x, k, stride=k).transpose(1, 2)  # channel by channel within a patch
    h = linear(p, "patch-embedding", patches, d)
    omega = 1 / 10000 ** (torch.arange(d // 4) / (d // 4 - 1))
    y, x_ = torch.meshgrid(torch.arange(n), torch.arange(n), indexing="ij")
    y, x_ = y.flatten()[:, None] * omega, x_.flatten()[:, None] * omega
    h = h + torch.cat([x_.sin(), x_.cos(), y.sin(), y.cos()], 1)

    def ln(name, z):
        return F.layer_norm(z, (d,), p(name + ".gain", d, offset=1.0), p(name + ".bias", d), 1e-5)

    for i in range(spec["layers"]):
        name = f"blocks.{i}"
        z = ln(name + ".attention-norm", h)
        q, key, v = (
            linear(p, f"{name}.attention.{s}", z, d).view(b, n * n, heads, d // heads).transpose(1, 2) for s in ("query", "key", "value")
        )
        a = (q @ key.transpose(2, 3) / math.sqrt(d // heads)).softmax(-1) @ v
        h = h + linear(p, name + ".attention.output", a.transpose(1, 2).reshape(b, n * n, d), d)
        z = ln(name + ".mlp-norm", h)
        h = h + linear(p, name + ".mlp.output", ACT[spec["activation"]](linear(p, name + ".mlp.input", z, 2 * d)), d)
    return linear(p, "head", ln("final-norm", h).mean(1), classes)


MODELS = {"resnet": resnet, "alexnet": alexnet, "mlp": mlp, "vit": vit}
# Smooth activations: a Hessian-vector product through a kink would prove less.
CASES = [
    ("resnet-batch", dict(kind="resnet", layers=1, width=4, norm="batch", activation="gelu"), 3, 8),
    (
        "resnet-group-pre-projection",
        {
            "kind": "resnet",
            "layers": 1,
            "width": 4,
            "norm": "group",
            "activation": "silu",
            "normPlacement": "pre",
            "shortcut": "projection",
        },
        1,
        8,
    ),
    ("resnet-none", dict(kind="resnet", layers=2, width=2, norm="none", activation="tanh"), 1, 8),
    ("alexnet", dict(kind="alexnet", width=1, norm="none", activation="gelu"), 3, 16),
    ("mlp", dict(kind="mlp", layers=2, width=6, norm="layernorm", activation="silu"), 1, 4),
    (
        "vit",
        {"kind": "vit", "layers": 2, "heads": 2, "width": 8, "mlpRatio": 2, "norm": "layernorm", "activation": "gelu", "patch": 2},
        3,
        4,
    ),
]


DEFAULTS = dict(
    bias=True, residualScale=False, embeddingNorm=False, qkNorm=False, qkGain=False, positions="sincos", headInit="xavier-uniform"
)


def main():
    cases = []
    for name, options, channels, side in CASES:
        spec = {"normPlacement": "pre" if options["kind"] == "vit" else "post", **DEFAULTS, **options}
        generator = torch.Generator().manual_seed(9)
        pixels = torch.randint(256, (4, channels, side, side), generator=generator)
        labels = torch.randint(3, (4,), generator=generator)
        mean, deviation = [0.4 + 0.05 * c for c in range(channels)], [0.25 + 0.02 * c for c in range(channels)]
        x = (pixels / 255 - torch.tensor(mean).view(1, -1, 1, 1)) / torch.tensor(deviation).view(1, -1, 1, 1)
        p = Parameters()
        loss = F.cross_entropy(MODELS[spec["kind"]](p, spec, x, 3), labels)
        tensors = list(p.tensors.values())
        gradient = torch.autograd.grad(loss, tensors, create_graph=True)
        vector = [torch.randn(t.shape, generator=generator) for t in tensors]
        hvp = torch.autograd.grad(sum((g * v).sum() for g, v in zip(gradient, vector)), tensors)
        rows = lambda values: {k: {"shape": list(v.shape), "values": v.detach().flatten().tolist()} for k, v in zip(p.tensors, values)}
        cases.append(
            dict(
                name=name,
                model=spec,
                channels=channels,
                side=side,
                mean=mean,
                deviation=deviation,
                pixels=pixels.flatten().tolist(),
                labels=labels.tolist(),
                parameters=rows(tensors),
                loss=loss.item(),
                gradient=rows(gradient),
                vector=rows(vector),
                hvp=rows(hvp),
            )
        )
    path = pathlib.Path(__file__).with_name("vision-vectors.json")
    path.write_text(
        '{"made by":"PyTorch '
        + torch.__version__
        + ', tests/golden/make_vision_vectors.py",\n"cases":[\n'
        + ",\n".join(json.dumps(c) for c in cases)
        + "]}\n",
        encoding="utf-8",
    )
    print(path, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
