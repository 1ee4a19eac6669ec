# SPDX-License-Identifier: MIT
"""Measures a PyTorch training where it runs: a log, gradient noise, the noise scale, sharpness, and the probe of Gaplab's gap model.

One file for the folder of your script; it needs PyTorch (1.13 or newer) and nothing else. Examples: docs/python.md of Gaplab.

    run = gaplab_probe.Run()                           metrics.jsonl in $GAPLAB_OUT, else here
    run.log(step, samples=n, loss=loss)                one line; run.stopping is true once the run was asked to stop
    noise(loss_fn, batches, model)                     rows of noise.npy, for `gaplab tails`
    noise_scale(loss_fn, batches, model, batch_size)   tr(Σ)/|G|², in samples; NoiseScale while training
    sharpness(loss_fn, model, update)                  vᵀHv along an update; critical_sharpness from losses alone
    spectrum(loss_fn, batches, model)                  spectral densities of blocks of the Hessian
    probe(loss_fn, batches, model, …)                  probe.json, for `gaplab predict`

loss_fn(batch) gives one number, the mean loss of a batch; loss_fn() where a function takes no batches, or none were given. P is the
number of parameters; a flat vector [P] holds those that need a gradient, in their order. The parameters are best given as the model, so
that its buffers are kept too; otherwise as tensors, as (name, tensor) pairs or as a dict.

A measurement leaves no trace: parameters, .grad, buffers, random states (Python's, the CPU's and CUDA's) and training modes are as
before. The model is measured in the mode that it is in; dropout is fixed by the seed, batch by batch. Autocast is off, compiled modules
and DistributedDataParallel step aside. Where torch.distributed is initialised every process calls the function with batches of its own:
means go over all of them, at one all-reduce for each gradient or product. Sharded parameters (FSDP, tensor parallelism, ZeRO-3) are
refused.
"""
import array
import contextlib
import hashlib
import itertools
import json
import math
import os
import random
import re
import signal
import sys
import threading

import torch
from torch.nn.parallel import DistributedDataParallel

__all__ = ["NoiseScale", "Run", "Step", "critical_sharpness", "noise", "noise_scale", "probe", "quadrature", "sharpness", "spectrum"]


class Run(contextlib.AbstractContextManager):
    """The log of a run and its wish to stop.

    out: the run's folder; without it $GAPLAB_OUT, else the working directory. A run that is started again in it appends.
    """

    def __init__(self, out=None):
        self.folder = _folder(out)
        attempt = os.environ.get("GAPLAB_ATTEMPT", "1")
        if not attempt.isdecimal() or int(attempt) < 1:
            raise ValueError(f"GAPLAB_ATTEMPT is {attempt!r}; expected a whole number of at least 1")
        self.attempt = int(attempt)
        self._path = os.path.join(self.folder, "metrics.jsonl")
        self._file, self._signals, self._previous = None, [], {}
        if threading.current_thread() is threading.main_thread():
            for number in (getattr(signal, n) for n in ("SIGTERM", "SIGINT", "SIGUSR1", "SIGUSR2") if hasattr(signal, n)):
                previous = signal.getsignal(number)
                if previous not in (signal.SIG_IGN, None):  # What is ignored stays so; None: a handler that Python cannot call.
                    self._previous[number] = previous
                    signal.signal(number, self._ask)

    def _ask(self, number, frame):
        """Sets the flag, and calls the handler that was there; Python's own for Ctrl-C raises, and is left for the second time."""
        again = number in self._signals
        self._signals.append(number)
        previous = self._previous.get(number)
        if callable(previous) and (again or previous is not signal.default_int_handler):
            previous(number, frame)

    @property
    def stopping(self):
        """Whether SIGTERM, SIGINT, SIGUSR1 or SIGUSR2 came: save a checkpoint and end."""
        return bool(self._signals)

    def log(self, step, samples=None, sync=False, **metrics):
        """Writes a line {"step", "samples", metric: number, …}. NaN and the infinities are written as words in quotes.

        sync: wait until it is on the disk; close() does that for the last line. Under torch.distributed only rank 0 writes.
        """
        if _rank() != 0:
            return
        row = {"step": step, **({} if samples is None else {"samples": samples}), **metrics}
        line = (json.dumps(_plain(row), allow_nan=False) + "\n").encode()
        if self._file is None:
            self._file = _open_log(self._path)
        end = self._file.seek(0, os.SEEK_END)
        if self._file.write(line) != len(line):
            self._file.truncate(end)
            raise OSError(f"{self._path}: the line of step {step} did not fit; is the disk full?")
        if sync:
            os.fsync(self._file.fileno())

    def close(self):
        """Puts the log on the disk and gives the signals back."""
        if self._file is not None:
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None
        for number, previous in self._previous.items():
            if signal.getsignal(number) == self._ask:
                signal.signal(number, previous)
        self._previous = {}

    def __exit__(self, *_):
        self.close()


def _folder(out):
    folder = os.fspath(out if out is not None else os.environ.get("GAPLAB_OUT") or ".")
    os.makedirs(folder, exist_ok=True)
    return folder


def _open_log(path):
    """The log to append to. A kill can leave a last line without its end: if it is whole it gets one, else it is cut."""
    file = open(path, "a+b", buffering=0)
    size, tail = file.seek(0, os.SEEK_END), b""
    while b"\n" not in tail and len(tail) < size:
        start = max(0, size - len(tail) - (1 << 16))
        file.seek(start)
        tail = file.read(size - len(tail) - start) + tail
    last = tail[tail.rfind(b"\n") + 1 :]
    if last:
        try:
            whole = isinstance(json.loads(last), dict)
        except ValueError:
            whole = False
        if whole:
            file.write(b"\n")
        else:
            file.truncate(size - len(last))
    return file


def _plain(value):
    """What JSON can hold: tensors and NumPy's numbers become numbers, what is not finite a word."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return value


def _replace(path, parts):
    """Writes a file whole or not at all: parts are bytes, one after the other."""
    with open(path + ".new", "wb") as file:
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def _distributed():
    return torch.distributed.is_available() and torch.distributed.is_initialized()


def _rank():
    return torch.distributed.get_rank() if _distributed() else 0


def _total(value, device=None):
    """The sum over all processes: of a tensor, in place, or of a number."""
    if not _distributed():
        return value
    tensor = value if torch.is_tensor(value) else torch.tensor(value, dtype=torch.float64, device=device)
    torch.distributed.all_reduce(tensor)
    return tensor if torch.is_tensor(value) else float(tensor)


def _dot(a, b):
    return float(torch.sum(a * b, dtype=torch.float64))


def _named(parameters):
    """(module or None, {name: tensor}) of the parameters that need a gradient, each once."""
    module = inner = parameters if isinstance(parameters, torch.nn.Module) else None
    while inner is not None and _wrapped(inner) is not None:
        inner = _wrapped(inner)
    pairs = inner.named_parameters() if inner is not None else parameters.items() if isinstance(parameters, dict) else enumerate(parameters)
    named, seen = {}, set()
    for name, tensor in pairs:
        name, tensor = tensor if isinstance(tensor, tuple) else (name, tensor)
        if id(tensor) not in seen and tensor.requires_grad:
            seen.add(id(tensor))
            named[str(name).replace("_orig_mod.", "")] = tensor
    kinds = [type(m).__name__ for m in (() if module is None else module.modules())]
    kinds += [type(t).__name__ if not hasattr(t, "ds_id") else "DTensor" for p in named.values() for t in (p, p.data)]
    sharded = [k for k in kinds if k in ("FullyShardedDataParallel", "FlatParameter", "DTensor")]
    if sharded:
        raise ValueError(f"{sharded[0]} is sharded (FSDP, tensor parallelism or ZeRO-3); measure an unsharded copy of the model")
    if not named:
        raise ValueError("no parameter needs a gradient; expected a model, or tensors with requires_grad")
    return module, named


def _wrapped(module):
    """What a compiled module or a DistributedDataParallel wraps; else None."""
    return module._modules.get("_orig_mod") or (module.module if isinstance(module, DistributedDataParallel) else None)


@contextlib.contextmanager
def _module_kept(module):
    """Inside, the module has copies of its buffers, and wrappers call what they wrap; afterwards everything is the very object it was."""
    buffers, attributes, modes, copies = [], [], [(m, m.training) for m in module.modules()], {}
    try:
        for m in module.modules():
            for name, buffer in list(m._buffers.items()):
                if buffer is not None:
                    buffers.append((m, name, buffer))
                    m._buffers[name] = copies.setdefault(id(buffer), buffer.detach().clone())
            aside = {"forward": _wrapped(m)} if _wrapped(m) is not None else {}
            if m.__dict__.get("_compiled_call_impl") is not None:
                aside["_compiled_call_impl"] = None
            for name, value in aside.items():
                attributes.append((m, name, name in m.__dict__, m.__dict__.get(name)))
                m.__dict__[name] = value
        yield
    finally:
        for m, name, buffer in buffers:
            m._buffers[name] = buffer
        for m, name, was, value in attributes:
            if was:
                m.__dict__[name] = value
            else:
                del m.__dict__[name]
        for m, mode in modes:
            m.training = mode


@contextlib.contextmanager
def _math_attention():
    """Attention in plain operations: the fused kernels have no second derivative."""
    cuda = torch.backends.cuda  # Its switches hold for the CPU's kernels too.
    kinds = [k for k in ("flash", "mem_efficient", "cudnn", "math") if hasattr(cuda, f"enable_{k}_sdp")]
    found = [(getattr(cuda, f"enable_{k}_sdp"), getattr(cuda, f"{k}_sdp_enabled")(), k == "math") for k in kinds]
    try:
        for enable, _, wanted in found:
            enable(wanted)
        yield
    finally:
        for enable, was, _ in found:
            enable(was)


# What PyTorch says where an operation has no second derivative.
_MISSING = re.compile("not implemented|differentiate twice|once_differentiable|double backward", re.IGNORECASE)


class _Point:
    """A loss and its derivatives at the present parameters; used as a context, at whose end everything is as it was.

    tensors: the parameters; size: P; method: how products with the Hessian are made, once one was; step: the length h of differences.
    """

    def __init__(self, loss_fn, parameters, batches=None, seed=0, curvature=False):
        self.module, named = _named(parameters)
        self.names, self.tensors = list(named), list(named.values())
        self.sizes = [p.numel() for p in self.tensors]
        self.starts = [0, *itertools.accumulate(self.sizes)]
        self.size, self.device = self.starts[-1], self.tensors[0].device
        low = [n for n, p in named.items() if torch.finfo(p.dtype).eps > 1e-6]
        if curvature and low:
            raise ValueError(f"{low[0]} is {named[low[0]].dtype}; curvature needs float32 or float64: measure copy.deepcopy(model).float()")
        self.dtype = torch.float64 if any(p.dtype == torch.float64 for p in self.tensors) else torch.float32
        self.loss_fn, self.seed, self.curvature = loss_fn, seed, curvature
        self.batches = [()] if batches is None else [(b,) for b in batches]
        if not self.batches:
            raise ValueError("got no batches; expected at least one")
        self.count = int(_total(float(len(self.batches)), self.device))
        self.method, self.step, self._graph = "exact", None, None

    def __enter__(self):
        self._stack = contextlib.ExitStack()
        with contextlib.ExitStack() as stack:
            stack.callback(random.setstate, random.getstate())
            stack.enter_context(torch.random.fork_rng(range(torch.cuda.device_count()) if torch.cuda.is_initialized() else []))
            stack.enter_context(torch.enable_grad())
            for kind in {"cpu", *(p.device.type for p in self.tensors)} & {"cpu", "cuda", "xpu"}:
                stack.enter_context(torch.autocast(kind, enabled=False))
            if self.curvature:
                stack.enter_context(_math_attention())
            if "torch._dynamo" in sys.modules and hasattr(getattr(torch, "compiler", None), "set_stance"):
                stack.enter_context(torch.compiler.set_stance("force_eager"))
            if self.module is not None:
                stack.enter_context(_module_kept(self.module))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        self._graph = None
        return self._stack.__exit__(*error)

    def flat(self, parts):
        """[P] of one tensor (or None, zeros) for each parameter."""
        parts = [torch.zeros(n) if p is None else p.detach() for p, n in zip(parts, self.sizes)]
        return torch.cat([(p.to_dense() if p.is_sparse else p).reshape(-1).to(self.device, self.dtype) for p in parts])

    def split(self, vector):
        """A tensor like each parameter, of [P]."""
        return [v.reshape(p.shape).to(p.device, p.dtype) for v, p in zip(vector.split(self.sizes), self.tensors)]

    def vector(self, update):
        """[P] of an update: a Step, [P] itself, a dict by name, or one tensor for each parameter."""
        parts = update.update if isinstance(update, Step) else update
        if torch.is_tensor(parts) and parts.dim() == 1 and parts.numel() == self.size:
            return parts.detach().to(self.device, self.dtype)
        parts = [parts.get(n) for n in self.names] if isinstance(parts, dict) else [parts] if torch.is_tensor(parts) else list(parts)
        if len(parts) != len(self.tensors) or any(p is not None and p.numel() != n for p, n in zip(parts, self.sizes)):
            raise ValueError(f"the update does not fit; expected {self.size} numbers, or a tensor like each parameter ({len(self.sizes)})")
        return self.flat(parts)

    @contextlib.contextmanager
    def at(self, values):
        """Other values of the parameters, in tensors of their own: the old ones are not written to."""
        kept = [p.data for p in self.tensors]
        try:
            for p, value in zip(self.tensors, values):
                p.data = value
            yield
        finally:
            for p, value in zip(self.tensors, kept):
                p.data = value

    def moved(self, by):
        return self.at([p.data + d for p, d in zip(self.tensors, self.split(by))])

    def loss(self, i, batch=None):
        """The loss of batch i, a tensor of no dimensions."""
        seed = self.seed + i + 1_000_003 * _rank()
        random.seed(seed)
        torch.default_generator.manual_seed(seed)
        if torch.cuda.is_initialized():
            torch.cuda.manual_seed_all(seed)
        loss = self.loss_fn(*(self.batches[i] if batch is None else (batch,)))
        if not torch.is_tensor(loss) or loss.numel() != 1:
            what = f"a tensor of shape {list(loss.shape)}" if torch.is_tensor(loss) else type(loss).__name__
            raise ValueError(f"loss_fn gave {what}; expected one number as a tensor: the mean loss of the batch")
        return loss.reshape(())

    def mean_loss(self):
        """f, the mean over the batches of all processes."""
        with torch.no_grad():
            total = sum(self.loss(i).double() for i in range(len(self.batches)))
        return float(_total(total)) / self.count

    def gradient(self, i, batch=None):
        """(gradient [P], loss) of batch i."""
        loss = self.loss(i, batch)
        return self.flat(torch.autograd.grad(loss, self.tensors, allow_unused=True)), float(loss.detach())

    def second(self, i, v):
        """(gradient [P], Hv [P]) of batch i: by differentiating ⟨∇f, v⟩ (Pearlmutter 1994), or by differences where that is missing."""
        if self.method == "exact":
            try:
                return self._exact(i, v)
            except (RuntimeError, NotImplementedError) as e:
                if not _MISSING.search(str(e)):
                    raise
                self.method, self._graph = "central difference", None
        return self._difference(i, v)

    def _exact(self, i, v):
        g, alone = self._graph, len(self.batches) == 1
        if g is None:
            g = torch.autograd.grad(self.loss(i), self.tensors, create_graph=True, allow_unused=True)
            if not any(x is not None and x.requires_grad for x in g):
                raise NotImplementedError("double backward")  # Of a linear loss, or of a backward pass that autograd did not see.
            self._graph = g if alone else None
        pairs = [(x, y) for x, y in zip(g, self.split(v)) if x is not None and x.requires_grad]
        outputs, vectors = zip(*pairs)
        return self.flat(g), self.flat(torch.autograd.grad(outputs, self.tensors, vectors, retain_graph=alone, allow_unused=True))

    def _difference(self, i, v):
        """(∇f(θ+hv) − ∇f(θ−hv))/2h. Rounding leaves an error of ε/h and truncation one of h², both relative: h = ε^⅓ (Dennis and
        Schnabel 1983, section 5.6), for a step of length |θ| along v."""
        if self.step is None:
            epsilon = max(torch.finfo(p.dtype).eps for p in self.tensors)
            self.step = epsilon ** (1 / 3) * max(1.0, math.sqrt(sum(_dot(p.data, p.data) for p in self.tensors)))
        length = math.sqrt(_dot(v, v))
        by = v * (self.step / length) if length > 0 else v
        with self.moved(by):
            up = self.gradient(i)[0]
        with self.moved(-by):
            down = self.gradient(i)[0]
        return (up + down) / 2, (up - down) * (length / (2 * self.step))

    def product(self, v):
        """Hv [P], H the Hessian of the mean loss of all batches."""
        total = torch.zeros_like(v)
        for i in range(len(self.batches)):
            total += self.second(i, v)[1]
        return _total(total) / self.count


def noise(loss_fn, batches, parameters, k=4096, seed=0, out=None):
    """The gradient of every batch at k fixed coordinates: a row each, appended to noise.npy in the folder out.

    Rows are [k], coordinates drawn without replacement by the seed; noise-coordinates.json says which. Rows are gradients, with their
    mean: `gaplab tails` subtracts it. The rows of a call appear together, or after a kill not at all. Returns them, [batches, k].
    """
    point = _Point(loss_fn, parameters, seed=seed)
    chosen = sorted(random.Random(seed).sample(range(point.size), min(k, point.size)))
    index = torch.tensor(chosen, device=point.device)
    rows = []
    with point:
        for i, batch in enumerate(batches):
            row = point.gradient(i, batch)[0][index]
            if _distributed():
                gathered = [torch.empty_like(row) for _ in range(torch.distributed.get_world_size())]
                torch.distributed.all_gather(gathered, row)
                rows += [r.cpu() for r in gathered]
            else:
                rows.append(row.cpu())
    if not rows:
        raise ValueError("got no batches; expected at least one")
    if _rank() == 0:
        folder = _folder(out)
        told = {"seed": seed, "parameters": [[n, s] for n, s in zip(point.names, point.sizes)], "coordinates": chosen}
        path, names, text = os.path.join(folder, "noise.npy"), os.path.join(folder, "noise-coordinates.json"), json.dumps(told) + "\n"
        if os.path.exists(path):
            with contextlib.suppress(FileNotFoundError), open(names, encoding="utf-8") as file:
                known = file.read() == text
            if not os.path.exists(names) or not known:
                raise ValueError(f"{path} has other coordinates: of another model, k or seed; give another folder, or move it away")
        _replace(names, [text.encode()])
        _append_rows(path, rows, len(chosen), "f8" if point.dtype == torch.float64 else "f4")
    return torch.stack(rows)


def _append_rows(path, rows, columns, kind):
    """Appends to a .npy file (NumPy's format 1.0, little endian, C order): a new file with the rows, renamed over the old one."""

    def header(count):
        text = f"{{'descr': '<{kind}', 'fortran_order': False, 'shape': ({count}, {columns}), }}".ljust(117) + "\n"
        return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()

    width, had = columns * int(kind[1]), 0
    if os.path.exists(path):
        had = max(0, os.path.getsize(path) - 128) // width
        with open(path, "rb") as old:
            if os.path.getsize(path) != 128 + had * width or old.read(128) != header(had):
                raise ValueError(f"{path} does not hold rows of {columns} numbers of type {kind}; give another folder, or move it away")

    def parts():
        yield header(had + len(rows))
        if had:
            with open(path, "rb") as old:
                old.seek(128)
                yield from iter(lambda: old.read(1 << 22), b"")
        for row in rows:
            numbers = array.array("d" if kind == "f8" else "f", row.tolist())
            if sys.byteorder == "big":
                numbers.byteswap()
            yield numbers.tobytes()

    _replace(path, parts())


def noise_scale(loss_fn, batches, parameters, batch_size, seed=0):
    """tr(Σ)/|G|², the batch size at which noise and signal are equal, from batches of batch_size samples (two at least).

    {"noise_scale", "noise_trace", "gradient_square"}: tr(Σ) of one sample's gradient and |G|² of the mean, both unbiased; the scale is NaN
    where the estimate of |G|² is not above 0. McCandlish et al. 2018 (arXiv:1812.06162), equation 2.9 and appendix A.1.
    """
    with _Point(loss_fn, parameters, batches, seed) as point:
        mean, square = 0, 0.0
        for i in range(len(point.batches)):
            g = point.gradient(i)[0]
            mean, square = mean + g, square + _dot(g, g)
        mean = _total(mean) / point.count
        square = _total(square, point.device) / point.count
    return _two_sizes(batch_size, square, batch_size * point.count, _dot(mean, mean))


def _two_sizes(small, small_square, big, big_square):
    """From the mean squared norms of gradients of small and of big batches."""
    if not 0 < small < big:
        raise ValueError(f"got batches of {small} and {big} samples; expected two sizes: accumulate at least two batches")
    square = (big * big_square - small * small_square) / (big - small)
    trace = (small_square - big_square) / (1 / small - 1 / big)
    return {"noise_scale": trace / square if square > 0 else math.nan, "noise_trace": trace, "gradient_square": square}


class NoiseScale:
    """The noise scale while training, from the gradients that a loop accumulates anyway; it reads .grad and keeps one copy of it.

    micro_batch() after each backward pass, step(samples of a micro-batch) after the last. tr(Σ) and |G|² are averaged separately, past
    steps by decay, decay², …, and then divided: a mean of ratios would be biased (McCandlish et al. 2018, appendix A.1). averaged: whether
    losses are divided by the number of micro-batches. Where processes average their gradients while they accumulate, .grad is no sum of
    micro-batches: use add().
    """

    def __init__(self, parameters=None, decay=0.99, averaged=True):
        self.decay, self.averaged = decay, averaged
        self._tensors = [] if parameters is None else list(_named(parameters)[1].values())
        self._before, self._squares = None, []
        self._trace = self._square = self._weight = 0.0

    def micro_batch(self):
        now = [None if p.grad is None else p.grad.detach().to_dense().clone() for p in self._tensors]
        before = self._before or [None] * len(now)
        parts = [n if b is None else n - b for n, b in zip(now, before) if n is not None]
        self._squares.append(sum(_dot(g, g) for g in parts))
        self._before = now

    def step(self, size):
        """Before gradients are clipped or zeroed; each micro-batch had size samples."""
        count, big = len(self._squares), sum(_dot(g, g) for g in self._before or [] if g is not None)
        small = sum(self._squares) / max(1, count) * (count**2 if self.averaged else 1)
        self._before, self._squares = None, []
        return self.add(size, small, size * count, big if self.averaged else big / max(1, count) ** 2)

    def add(self, small, small_square, big, big_square):
        """One step's mean squared norms |G|² of gradients over small and over big samples; what noise_scale gives, of all steps."""
        found = _two_sizes(small, small_square, big, big_square)
        self._trace = self.decay * self._trace + (1 - self.decay) * found["noise_trace"]
        self._square = self.decay * self._square + (1 - self.decay) * found["gradient_square"]
        self._weight = self.decay * self._weight + 1 - self.decay
        trace, square = self._trace / self._weight, self._square / self._weight
        return {"noise_scale": trace / square if square > 0 else math.nan, "noise_trace": trace, "gradient_square": square}


class Step:
    """What an optimizer's step adds: `with Step(model) as step: optimizer.step()`. Then step.update holds Δ and step.before the
    parameters that it was added to, which is where sharpness measures."""

    def __init__(self, parameters):
        self._tensors = list(_named(parameters)[1].values())
        self.before = self.update = None

    def __enter__(self):
        self.before = [p.detach().clone() for p in self._tensors]
        return self

    def __exit__(self, *_):
        self.update = [p.detach() - b for p, b in zip(self._tensors, self.before)]


@contextlib.contextmanager
def _along(loss_fn, parameters, update, batches, seed, curvature):
    """(point, Δ [P], |Δ|), at the parameters before a Step, else where they are."""
    with _Point(loss_fn, parameters, batches, seed, curvature) as point:
        delta = point.vector(update)
        with point.at(update.before) if isinstance(update, Step) else contextlib.nullcontext():
            yield point, delta, math.sqrt(_dot(delta, delta))


def sharpness(loss_fn, parameters, update, batches=None, seed=0, check=False):
    """How the loss changes along an update Δ, v = Δ/|Δ|: the numbers of Gaplab's docs/sharpness.md.

    {"sharpness": vᵀHv (Pan and Li 2023), "sharpness_error": its standard error over batches, NaN from one, "slope": gᵀv, "cosine":
    gᵀv/|g|, "length": |Δ|, "linear": gᵀΔ, "quadratic": ½ΔᵀHΔ, "method": "exact", or "central difference" with its "difference_step" where
    an operation has no second derivative}. check adds "finite_difference", vᵀHv by differences of two gradients: a kernel whose backward
    pass autograd does not see counts as linear without a word. Without batches the loss is loss_fn(). Costs two gradients a batch.
    """
    with _along(loss_fn, parameters, update, batches, seed, True) as (point, delta, length):
        if not 0 < length < math.inf:
            raise ValueError(f"the update has length {length:g}; expected a direction")
        v, mean = delta / length, torch.zeros_like(delta)
        sums = torch.zeros(3, dtype=torch.float64, device=point.device)
        for i in range(len(point.batches)):
            g, hv = point.second(i, v)
            curve = _dot(v, hv)
            mean += g
            sums += torch.tensor([curve, curve**2, 0.0], dtype=torch.float64, device=point.device)
            if check:
                sums[2] += _dot(v, point._difference(i, v)[1])
        n, mean = point.count, _total(mean) / point.count
        curve, squares, difference = (_total(sums) / n).tolist()
        slope, norm = _dot(mean, v), math.sqrt(_dot(mean, mean))
        error, cosine = math.sqrt(max(0.0, squares - curve**2) / (n - 1)) if n > 1 else math.nan, slope / norm if norm > 0 else math.nan
        found = {"sharpness": curve, "sharpness_error": error, "slope": slope, "cosine": cosine, "length": length}
        found.update(linear=slope * length, quadratic=curve * length**2 / 2, method=point.method)
        step = {} if point.method == "exact" else {"difference_step": point.step}
        return {**found, **step, **({"finite_difference": difference} if check else {})}


def critical_sharpness(loss_fn, parameters, update, rate=1.0, batches=None, seed=0, forwards=9):
    """2/η_c from losses alone; η_c = c·rate, c the least factor of the update Δ at which the loss is above that of c = 0.

    For a quadratic loss c = −2gᵀΔ/ΔᵀHΔ. A bracket is sought from c = 1 on, and narrowed by regula falsi, along (f(θ+cΔ) − f(θ))/c,
    of a quadratic a straight line; at most `forwards` losses are taken. Kalra et al. 2026 (arXiv:2601.16979).
    {"critical_sharpness", "critical_factor", "factor_low", "factor_high", "forwards"}: no rise is at factor_low, one at factor_high (∞:
    none found, and the sharpness is 0). An update that raises the loss however small has factor 0 and sharpness NaN.
    """
    with _along(loss_fn, parameters, update, batches, seed, False) as (point, delta, _):
        used = 1
        start = point.mean_loss()

        def rise(c):  # What the loss gains for each unit of c; a loss that is not finite has risen.
            nonlocal used
            used += 1
            with point.moved(delta * c):
                gain = point.mean_loss() - start
            return gain / c if math.isfinite(gain) else math.inf

        low, high, points, c = (0.0, -math.inf), (math.inf, math.inf), [], 1.0
        while used < forwards and (low[0] == 0 or high[0] == math.inf):
            points = [*points[-1:], (c, rise(c))]
            low, high = (points[-1], high) if points[-1][1] <= 0 else (low, points[-1])
            up = high[0] == math.inf
            c = c * 2 if up else c / 2
            (a, u), (b, w) = points[0], points[-1]
            if math.isfinite(u) and math.isfinite(w) and (w - u) * (b - a) > 0:  # Where the line through the last two leads, and 5% on.
                root = b - w * (b - a) / (w - u)
                c = min(max(1.05 * root, 1.05 * b), 100 * b) if up else max(min(0.95 * root, 0.95 * b), b / 100)
        side = 0
        while used < forwards and 0 < low[0] and high[0] < math.inf and high[0] / low[0] > 1.01:
            (a, u), (b, w) = low, high
            c = b - w * (b - a) / (w - u) if math.isfinite(w) else math.sqrt(a * b)
            margin = 0.02 * (b - a)  # Keeps off the ends, so that the bracket closes from both sides.
            c = min(max(c + (margin if side > 0 else -margin if side < 0 else 0), a + margin / 100), b - margin / 100)
            r = rise(c)
            side = 1 if r <= 0 else -1
            low, high = ((c, r), high) if r <= 0 else (low, (c, r))
        (a, u), (b, w) = low, high
        factor = 0.0 if a == 0 else b if not math.isfinite(w) else b - w * (b - a) / (w - u) if w > u else b
        critical = math.nan if factor == 0 else 2 / (factor * rate)
        return {"critical_sharpness": critical, "critical_factor": factor, "factor_low": a, "factor_high": b, "forwards": used}


def quadrature(product, start, products):
    """(nodes, weights) of the Gauss quadrature of how `start` [n] lies in the eigenvectors of a symmetric matrix.

    product(v [n]) gives the matrix times v. Lanczos with full re-orthogonalisation, twice; nodes ascend, weights add up to 1. Exact for
    polynomials up to degree 2·products − 1 (Golub and Meurant 1994); started at random signs, for the spectral density in the mean.
    """
    basis, diagonal, below = [start / math.sqrt(_dot(start, start))], [], []
    while True:
        w = product(basis[-1])
        diagonal.append(_dot(basis[-1], w))
        if not math.isfinite(diagonal[-1]):
            raise ValueError("a product with the Hessian is not finite: the model diverged")
        if len(diagonal) == min(products, start.numel()):
            break
        for v in basis * 2:
            w = w - v * _dot(v, w)
        beta = math.sqrt(_dot(w, w))
        if not beta > torch.finfo(w.dtype).eps ** 0.75 * (max(map(abs, diagonal)) + max(below, default=0)):
            break  # The rest of the space has no part in start.
        below.append(beta)
        basis.append(w / beta)
    t = torch.diag(torch.tensor(diagonal, dtype=torch.float64))
    for i, beta in enumerate(below[: len(diagonal) - 1]):
        t[i, i + 1] = t[i + 1, i] = beta
    values, vectors = torch.linalg.eigh(t)
    return values.tolist(), (vectors[0] ** 2).tolist()


def _signs(purpose, index, count, seed):
    """[count] of 1 and −1, fixed by the other arguments."""
    name = hashlib.sha256(f"{seed}/{purpose}/{index}".encode()).digest()
    return 2.0 * torch.randint(2, (count,), generator=torch.Generator().manual_seed(int.from_bytes(name[:6], "big"))) - 1


def _blocks(point, blocks):
    """{name: indices of tensors}: "all", "layers" (names up to their first number, else the module that holds the tensor), "tensors"."""
    if blocks == "all":
        return {"all": list(range(len(point.names)))}
    found = {}
    for i, name in enumerate(point.names):
        layer = re.match(r"(?:.*?\.)??\d+(?=\.|$)", name)
        short = name if blocks == "tensors" else layer.group() if layer else name.rpartition(".")[0] or name
        found.setdefault(short, []).append(i)
    return found


class _Block:
    """A block of parameters, in a metric: rows and columns of the Hessian, and parts of vectors [P]. scale [P]: P^−½ of the metric."""

    def __init__(self, point, name, tensors, scale=None):
        self.point, self.name, self.scale = point, name, scale
        self.places = [slice(point.starts[i], point.starts[i + 1]) for i in tensors]
        self.count = sum(point.sizes[i] for i in tensors)

    def part(self, vector):
        return torch.cat([vector[p] for p in self.places])

    def product(self, v):
        row, at = torch.zeros(self.point.size, device=v.device, dtype=v.dtype), 0
        for p in self.places:
            row[p] = v[at : at + p.stop - p.start]
            at += p.stop - p.start
        image = self.point.product(row if self.scale is None else row * self.scale)
        return self.part(image if self.scale is None else image * self.scale)

    def quadrature(self, start, products):
        return quadrature(self.product, start, products) if _dot(start, start) > 0 else None

    def random(self, probes, products, seed):
        """Quadratures from random signs, and the first product's estimates n·v⊙Hv of the diagonal (Bekas, Kokiopoulou and Saad 2007)."""
        found, diagonals = [], []
        for i in range(probes):
            start = _signs(f"density/{self.name}", i, self.count, seed).to(self.point.device, self.point.dtype)
            images = []
            found.append(quadrature(lambda v: images.append((v, self.product(v))) or images[-1][1], start, products))
            diagonals.append(self.count * images[0][0] * images[0][1])
        return found, diagonals


def spectrum(loss_fn, batches, parameters, blocks="all", probes=2, products=8, seed=0):
    """The spectral density of the Hessian's blocks by stochastic Lanczos quadrature (Ubaru, Chen and Saad 2017).

    blocks: "all", "layers" or "tensors". A list of {"name", "parameters", "nodes", "weights", "method"}: curvatures, ascending, and the
    share of eigenvalues at each, of all probes together. Costs probes × products products for each block.
    """
    with _Point(loss_fn, parameters, batches, seed, True) as point:
        found = []
        for name, tensors in _blocks(point, blocks).items():
            block = _Block(point, name, tensors)
            pairs = sorted((t, w / probes) for q in block.random(probes, products, seed)[0] for t, w in zip(*q))
            nodes, weights = map(list, zip(*pairs))
            found.append({"name": name, "parameters": block.count, "nodes": nodes, "weights": weights, "method": point.method})
        return found


class _Gradients:
    """Two passes over the batches: the mean G [P], the second moment of one sample's gradient [P], and vectors drawn like its noise."""

    def __init__(self, point, size, blocks, seed):
        n, self.count, self.size = len(point.batches), point.count, size
        if self.count < 2:
            raise ValueError(f"the noise of gradients needs at least 2 batches; got {self.count}")
        mean, square, loss = 0, 0, 0.0
        for i in range(n):
            g, f = point.gradient(i)
            mean, square, loss = mean + g, square + g * g, loss + f
        self.mean = _total(mean) / self.count
        if not _total(square).any():
            raise ValueError("the gradient of every batch is zero: there is nothing to measure")
        self.loss = _total(loss, point.device) / self.count
        self.variance = size * torch.clamp(square / self.count - self.mean**2, min=0)  # Of one sample, the divisor being n.
        self.noises = [torch.zeros_like(self.mean) for _ in range(2)]
        signs = [_signs("noise", j, n, seed + _rank()) for j in range(2)]
        sums = torch.zeros(len(blocks), 2, dtype=torch.float64, device=point.device)
        for i in range(n):
            offset = (point.gradient(i)[0] - self.mean) * math.sqrt(size)
            for j, noise_vector in enumerate(self.noises):
                noise_vector += float(signs[j][i]) / math.sqrt(self.count - 1) * offset
            for k, block in enumerate(blocks):
                part = block.part(offset)
                s = _dot(part, part)
                sums[k] += torch.tensor([s, s * s], dtype=torch.float64, device=point.device)
        self.noises = [_total(v) for v in self.noises]
        self._sums = {block.name: row for block, row in zip(blocks, _total(sums).tolist())}

    def trace(self, block):
        """(tr Σ, error) of one sample's gradient, in the block's metric; the relative error is that without it."""
        n, (total, squares) = self.count, self._sums[block.name]
        value, spread = total / (n - 1), math.sqrt(max(0.0, squares - total**2 / n) / (n - 1) / n) * n / (n - 1)
        if block.scale is None:
            return value, spread
        there = _dot(block.part(self.variance * block.scale), block.part(block.scale)) * n / (n - 1)
        return there, there * spread / value if value > 0 else 0.0

    def norm(self, block):
        """(|∇F|, error): |G|² has the noise's tr Σ/samples in it, which is taken off, down to a hundredth at most."""
        part = block.part(self.mean if block.scale is None else self.mean * block.scale)
        square, noise_part = _dot(part, part), self.trace(block)[0] / (self.count * self.size)
        value = math.sqrt(max(square - noise_part, 0.01 * square))
        return value, min(value, math.sqrt(noise_part)) / math.sqrt(max(1, min(block.count, self.count)))

    def metric(self, point):
        """P [P], the root of one sample's mean square, what Adam divides by while noise dominates. Every coordinate counts as if it had
        been at its tensor's mean once more; a tensor without gradient has the mean of all."""
        square = self.mean**2 + self.variance
        n, mean = self.count, square.mean()
        rows = [(n * p + p.mean()) / (n + 1) if p.any() else torch.full_like(p, mean) for p in square.split(point.sizes)]
        return torch.sqrt(torch.cat(rows))


def _mean_error(values):
    mean = sum(values) / len(values)
    return mean, math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1) / len(values)) if len(values) > 1 else 0.0


def _measured(pair):
    return pair[0] if pair[1] == 0 else {"value": pair[0], "error": pair[1]}


def _measure(block, gradients, products, seed, way=None):
    """One block of probe.json: all quadratures, brought together on half octaves of curvature down to 2^−20 of the largest."""
    scale = block.scale
    inside = (lambda g: block.part(g)) if scale is None else (lambda g: block.part(g * scale))
    densities, diagonals = block.random(2, products, seed)
    noises = [q for q in (block.quadrature(inside(u), products) for u in gradients.noises) if q]
    along = block.quadrature(inside(gradients.mean), products)
    largest = max(abs(t) for nodes, _ in densities for t in nodes)

    def place(t):
        if abs(t) <= largest * 2.0**-20:
            return 0
        return int(math.copysign(41 + round(2 * math.log2(abs(t) / largest)), t))

    bins = {}
    for nodes, weights in densities:
        for t, w in zip(nodes, weights):
            weight, moment = bins.get(place(t), (0.0, 0.0))
            bins[place(t)] = (weight + w, moment + w * t)
    keys = sorted(k for k, (weight, _) in bins.items() if weight > 1e-12)

    def shares(q):
        found = dict.fromkeys(keys, 0.0)
        for t, w in zip(*q):
            found[min(keys, key=lambda k: abs(k - place(t)))] += w
        return [found[k] for k in keys]

    weights = [_mean_error(pair) for pair in zip(*map(shares, densities))]
    trace, trace_error = gradients.trace(block)
    variances = []
    for (weight, _), parts in zip(weights, zip(*map(shares, noises)) if noises else [()] * len(keys)):
        part, error = _mean_error(parts) if parts else (0.0, 0.0)
        value = trace * part / (block.count * weight)
        variances.append((value, value * math.hypot(error / part, trace_error / trace) if part > 0 else 0.0))
    second = sum(w * t * t for q in densities for t, w in zip(*q)) / len(densities)
    found = {
        "name": block.name,
        "parameters": block.count,
        "nodes": [0.0 if k == 0 else bins[k][1] / bins[k][0] for k in keys],
        "weights": [_measured(w) for w in weights],
        "noiseVariance": [_measured(v) for v in variances],
    }
    if way is None:
        found["gradientNorm"] = _measured(gradients.norm(block))
        if along:
            found["gradientShares"] = shares(along)
    else:
        part = block.part(way if scale is None else way / scale)
        gone, square = block.quadrature(part, products), _dot(part, part)
        found["displacement"] = [s * square / (block.count * w) for s, (w, _) in zip(shares(gone) if gone else [0.0] * len(keys), weights)]
    found["alignment"] = min(1.0, max(0.0, _dot(*diagonals) / (block.count * second))) if second > 0 else 1.0
    return found


def _geometry(point, gradient):
    """How steps by signs compare with steps by the gradient (Balles, Pedregosa and Le Roux 2020, section 3)."""
    total, square, sign = float(gradient.abs().sum(dtype=torch.float64)), _dot(gradient, gradient), gradient.sign()
    if square == 0:
        return {}
    along, by_sign = _dot(gradient, point.product(gradient)), _dot(sign, point.product(sign))
    gain = {"signGain": total**2 / by_sign / (square**2 / along)} if along > 0 and by_sign > 0 else {}
    return {"gradientDensity": min(1.0, total**2 / (gradient.numel() * square)), **gain}


def probe(loss_fn, batches, parameters, batch_size, sizes, steps=None, samples=None, curvature=None, origin=None, layers=False,
          products=8, seed=0, out=None, **keys):
    """Writes probe.json in the folder out, from which `gaplab predict probe.json` computes where SGD and Adam are level; returns it.

    batches: equally large ones of batch_size samples, 2 or more, for gradients and noise; 1 sample a batch says most about the noise.
    curvature: batches for the Hessian (the same if not given). sizes: the batch sizes to predict for, rising. steps or samples: the budget.
    origin: the parameters at the start of training, a tensor for each: the way gone from there takes the place of the gradient. layers:
    measure them too, for `gaplab explain`. keys: any other of probe.json as docs/predict.md names them (title, initialLoss, lossFloor,
    schedule, first, second, firstTrial, …); initialLoss is the mean loss of the batches unless it, or an origin, is given.
    """
    if (steps is None) == (samples is None):
        raise ValueError("got both steps and samples, or neither; expected one of them, the budget")
    with _Point(loss_fn, parameters, batches, seed, True) as point:
        whole = _Block(point, "all", range(len(point.names)))
        parts = [_Block(point, name, tensors) for name, tensors in _blocks(point, "layers").items()] if layers else []
        gradients = _Gradients(point, batch_size, [whole, *parts], seed)
        way = None if origin is None else point.flat([p.data for p in point.tensors]) - point.vector(origin)
        metric = gradients.metric(point)
        if curvature is not None:
            point.batches = [(b,) for b in curvature]
            point.count = int(_total(float(len(point.batches)), point.device))
        blocks = [_measure(whole, gradients, products, seed, way)]
        there = _Block(point, "all", range(len(point.names)), 1 / torch.sqrt(metric))
        preconditioned = [_measure(there, gradients, products, seed, way)]
        geometry = _geometry(point, gradients.mean)
        measured = [_measure(part, gradients, products, seed) for part in parts]
    found = {
        "kind": "probe",
        "title": "a PyTorch model",
        "negative": "absolute",
        "lossFloor": 0.0,
        "batches": list(sizes),
        **({"initialLoss": gradients.loss} if origin is None else {}),
        **({"steps": steps} if steps is not None else {"samples": samples}),
        **({"geometry": geometry} if geometry else {}),
        "blocks": blocks,
        "preconditionerTrace": float(metric.sum(dtype=torch.float64)),
        "preconditioned": preconditioned,
        **({"layers": measured} if measured else {}),
        **keys,
    }
    if _rank() == 0:
        compact = json.dumps(found, separators=(",", ":"), allow_nan=False)
        if re.fullmatch(r"[ -~]*", compact) and "\\" not in compact:  # Other characters may be written in more than one way.
            found["digest"] = hashlib.sha256(compact.encode()).hexdigest()
        _replace(os.path.join(_folder(out), "probe.json"), [(json.dumps(found, indent=2, allow_nan=False) + "\n").encode()])
    return found
