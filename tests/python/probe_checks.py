"""What gaplab_probe promises beside its numbers, a function each: python3 probe_checks.py NAME FOLDER runs one, in an empty folder."""
import copy
import json
import math
import os
import random
import signal
import subprocess
import sys
import threading
import time

import gaplab_probe as gp
import torch
from torch import nn

torch.set_num_threads(1)
HERE = os.path.abspath(__file__)


class Net(nn.Module):
    """Batch norm, dropout and a frozen layer."""

    def __init__(self):
        super().__init__()
        self.first, self.norm, self.drop = nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Dropout(0.4)
        self.frozen, self.last = nn.Linear(8, 8), nn.Linear(8, 1)
        self.frozen.requires_grad_(False)

    def forward(self, x):
        return self.last(self.drop(torch.tanh(self.frozen(self.norm(self.first(x))))))


def regression(count=3, size=16, make=Net):
    torch.manual_seed(1)
    model = make().double()
    batches = [(torch.randn(size, 5).double(), torch.randn(size, 1).double()) for _ in range(count)]
    return model, batches, lambda batch: ((model(batch[0]) - batch[1]) ** 2).mean()


def close(expected, actual, relative=1e-9):
    assert abs(actual - expected) <= relative * abs(expected), f"expected {expected!r}, got {actual!r}"


def refused(part, call):
    try:
        call()
    except ValueError as e:
        assert part in str(e) and "\n" not in str(e), str(e)
    else:
        raise AssertionError(f"nothing was refused; expected '{part}'")


def quadratic(diagonal, start):
    """f = ½Σλθ²; its exact derivatives are known."""
    theta = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    return theta, lambda *_: (torch.tensor(diagonal, dtype=torch.float64) * theta**2).sum() / 2


def every_measurement(loss, batches, model, folder):
    update = [torch.full_like(p, 0.01) for p in model.parameters() if p.requires_grad]
    yield gp.noise(loss, batches, model, k=10, out=folder).tolist()
    yield gp.noise_scale(loss, batches, model, 16)
    yield gp.sharpness(loss, model, update, batches, check=True)
    yield gp.critical_sharpness(loss, model, update, batches=batches)
    yield gp.spectrum(loss, batches, model, products=3)
    yield gp.probe(loss, batches, model, 16, [4, 16], steps=10, products=3, layers=True, out=folder)


def no_trace(folder):
    model, batches, loss = regression()
    model.drop.eval()  # A mode of its own.
    loss(batches[0]).backward()
    compute = loss(batches[1])  # A graph that is still to be used.

    def state():
        tensors = {n: (id(t), t.data_ptr(), t._version, t.requires_grad) for n, t in model.state_dict(keep_vars=True).items()}
        values = [t.clone() for t in model.state_dict().values()] + [p.grad.clone() for p in model.parameters() if p.grad is not None]
        grads = [(id(p.grad), p.grad._version) for p in model.parameters() if p.grad is not None]
        flags = ([m.training for m in model.modules()], torch.is_grad_enabled(), torch.is_autocast_enabled())
        return tensors, grads, flags, [sorted(m.__dict__) for m in model.modules()], random.getstate(), values, torch.get_rng_state()

    before = state()
    with torch.no_grad():
        before_off = state()
        for _ in every_measurement(loss, batches, model, folder):
            after = state()
            assert before_off[:5] == after[:5]
            assert all(map(torch.equal, before_off[5], after[5])) and torch.equal(before_off[6], after[6])
    assert before[:5] == state()[:5]
    compute.backward()


def an_error_leaves_no_trace_either(folder):
    model, batches, _ = regression()
    buffers = {n: (id(b), b.clone()) for n, b in model.named_buffers()}
    pointers, random_state = [p.data_ptr() for p in model.parameters()], torch.get_rng_state()
    calls = []

    def failing(batch):
        calls.append(model(batch[0]))
        if len(calls) > 2:
            raise KeyError("data")
        return calls[-1].mean()

    try:
        gp.critical_sharpness(failing, model, [torch.ones_like(p) for p in model.parameters() if p.requires_grad], batches=batches)
    except KeyError:
        pass
    assert len(calls) == 3
    assert all(id(b) == buffers[n][0] and torch.equal(b, buffers[n][1]) for n, b in model.named_buffers())
    assert pointers == [p.data_ptr() for p in model.parameters()] and torch.equal(random_state, torch.get_rng_state())
    refused("expected one number", lambda: gp.noise_scale(lambda b: model(b[0]), batches, model, 16))
    refused("no parameter needs a gradient", lambda: gp.noise_scale(lambda b: b, batches, [torch.ones(2)], 16))
    refused("does not fit", lambda: gp.sharpness(failing, model, torch.ones(3), batches))


def dropout_is_fixed_within_a_measurement(folder):
    model, batches, loss = regression()
    first, second = (json.dumps(gp._plain(list(every_measurement(loss, batches, model, os.path.join(folder, n))))) for n in "ab")
    assert first == second
    update = [torch.randn_like(p) for p in model.parameters() if p.requires_grad]
    found = gp.sharpness(loss, model, update, batches, check=True)
    close(found["sharpness"], found["finite_difference"], 1e-6)
    # The check is beside the measurement, and changes none of its digits.
    unchecked = gp.sharpness(loss, model, update, batches)
    assert unchecked == {k: v for k, v in found.items() if k != "finite_difference"}
    other = gp.sharpness(loss, model, update, batches, seed=7)
    assert abs(other["sharpness"] - found["sharpness"]) > 1e-6 * abs(found["sharpness"])


def sharpness_of_a_quadratic(folder):
    theta, loss = quadratic([1, 4, 16, 64], [0.5, -1, 0.25, 2])
    update = torch.tensor([0.1, 0.2, -0.3, -0.1], dtype=torch.float64)
    found = gp.sharpness(loss, [theta], update)
    curve, slope = 1 * 0.01 + 4 * 0.04 + 16 * 0.09 + 64 * 0.01, 0.5 * 0.1 - 4 * 0.2 - 4 * 0.3 - 128 * 0.1
    close(0.15, found["length"] ** 2)
    close(curve / 0.15, found["sharpness"])
    close(curve / 2, found["quadratic"])
    close(slope, found["linear"])
    close(slope / math.sqrt(0.15 * (0.25 + 16 + 16 + 128**2)), found["cosine"])
    assert found["method"] == "exact" and math.isnan(found["sharpness_error"])
    for scale in (1e-3, 1.0, 30.0):
        found = gp.critical_sharpness(loss, [theta], update * scale, rate=scale)
        close(-2 * slope / curve / scale, found["critical_factor"], 1e-6)
        close(-curve / slope, found["critical_sharpness"], 1e-6)
        assert found["forwards"] < 10 and found["factor_low"] <= found["critical_factor"] * 1.000001
    assert math.isnan(gp.critical_sharpness(loss, [theta], -update)["critical_sharpness"])
    assert gp.critical_sharpness(lambda: theta.sum(), [theta], -torch.ones(4))["critical_sharpness"] == 0
    refused("expected a direction", lambda: gp.sharpness(loss, [theta], update * 0))


def sharpness_before_a_step(folder):
    model, batches, loss = regression()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    loss(batches[0]).backward()
    old = copy.deepcopy(model.state_dict())
    with gp.Step(model) as step:
        optimizer.step()
    there = gp.sharpness(loss, model, step, batches)
    new = copy.deepcopy(model.state_dict())
    model.load_state_dict(old)
    close(gp.sharpness(loss, model, step.update, batches)["sharpness"], there["sharpness"])
    model.load_state_dict(new)
    assert abs(gp.sharpness(loss, model, step.update, batches)["sharpness"] - there["sharpness"]) > 1e-9 * there["sharpness"]


class Cube(torch.autograd.Function):
    """x³ whose backward pass cannot be differentiated, and says so."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, g):
        return g * 3 * ctx.saved_tensors[0] ** 2


class Blind(torch.autograd.Function):
    """x³ whose backward pass autograd does not see, as that of a kernel on raw memory."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        with torch.no_grad():
            return g * 3 * ctx.saved_tensors[0] ** 2


def differences_where_there_is_no_second_derivative(folder):
    theta = torch.tensor([0.7, -1.2, 2.0], dtype=torch.float64, requires_grad=True)
    update = torch.tensor([0.3, 0.1, -0.2], dtype=torch.float64)
    exact = gp.sharpness(lambda: (theta**3).sum(), [theta], update)
    close(float((6 * theta * update**2).sum() / update.dot(update)), exact["sharpness"])
    for kernel in (Cube, Blind):
        found = gp.sharpness(lambda: kernel.apply(theta).sum(), [theta], update)
        assert found["method"] == "central difference" and 0 < found["difference_step"] < 1e-3, found
        close(exact["sharpness"], found["sharpness"], 1e-8)
        close(exact["slope"], found["slope"], 1e-8)
    # A part that autograd does not see is taken as linear; the check tells.
    found = gp.sharpness(lambda: Blind.apply(theta).sum() + (theta**2).sum(), [theta], update, check=True)
    close(2, found["sharpness"])
    close(2 + exact["sharpness"], found["finite_difference"], 1e-7)
    single = theta.detach().float().requires_grad_()
    found = gp.sharpness(lambda: Cube.apply(single).sum(), [single], update)
    close(exact["sharpness"], found["sharpness"], 1e-3)
    spectrum = gp.spectrum(lambda b: Cube.apply(theta).sum(), [0], [theta], products=3, probes=1)[0]
    assert spectrum["method"] == "central difference"
    for expected, node in zip(sorted((6 * theta).tolist()), spectrum["nodes"]):
        close(expected, node, 1e-6)


def attention_has_second_derivatives(folder):
    attend = getattr(nn.functional, "scaled_dot_product_attention", None)
    if attend is None:
        return
    torch.manual_seed(2)
    q = torch.randn(1, 2, 6, 4, dtype=torch.float64, requires_grad=True)
    update = torch.randn_like(q)
    fused = gp.sharpness(lambda: attend(q, q, q, is_causal=True).pow(2).sum(), [q], update)
    mask = torch.ones(6, 6, dtype=torch.bool).triu(1)
    plain = gp.sharpness(
        lambda: (((q @ q.transpose(-1, -2)) / 2).masked_fill(mask, -math.inf).softmax(-1) @ q).pow(2).sum(), [q], update
    )
    assert fused["method"] == "exact"
    close(plain["sharpness"], fused["sharpness"])
    assert torch.backends.cuda.flash_sdp_enabled()


class OptimizedModule(nn.Module):
    """Stands in for a compiled module: it wraps the model under the name that torch.compile gives, and cannot be measured itself."""

    def __init__(self, inner):
        super().__init__()
        self._orig_mod = inner

    def forward(self, x):
        raise AssertionError("the compiled module was called")


def wrappers_step_aside(folder):
    plain, batches, loss = regression()
    expected = list(every_measurement(loss, batches, plain, os.path.join(folder, "plain")))
    wrapped = OptimizedModule(plain)
    mine = lambda batch: ((wrapped(batch[0]) - batch[1]) ** 2).mean()
    assert expected == list(every_measurement(mine, batches, wrapped, os.path.join(folder, "wrapped")))
    assert "forward" not in wrapped.__dict__ and [n for n in gp._named(wrapped)[1]] == [n for n in gp._named(plain)[1]]
    if hasattr(torch, "compile"):
        compiled = torch.compile(plain, backend="eager")
        through = lambda batch: ((compiled(batch[0]) - batch[1]) ** 2).mean()
        compiled(batches[0][0])
        assert expected == list(every_measurement(through, batches, compiled, os.path.join(folder, "compiled")))


def what_cannot_be_measured_is_refused(folder):
    class FullyShardedDataParallel(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(2, 2)

    sharded = FullyShardedDataParallel()
    refused("FullyShardedDataParallel is sharded", lambda: gp.noise_scale(lambda b: sharded.inner.weight.sum(), [1, 2], sharded, 1))
    half = nn.Linear(2, 1).bfloat16()
    refused("curvature needs float32", lambda: gp.spectrum(lambda b: half.weight.sum(), [1], half))
    theta, loss = quadratic([1.0, 2.0], [1.0, 1.0])
    refused("at least two batches", lambda: gp.noise_scale(loss, [1], [theta], 4))
    refused("at least one", lambda: gp.noise_scale(loss, [], [theta], 4))
    refused("the budget", lambda: gp.probe(loss, [1, 2], [theta], 1, [1, 2], out=folder))
    assert not os.path.exists(os.path.join(folder, "probe.json"))


def the_noise_scale_of_known_noise(folder):
    # f = ⟨mean of the batch, θ⟩: the gradient is the mean of the batch, whose law is known.
    torch.manual_seed(3)
    theta = torch.zeros(40, dtype=torch.float64, requires_grad=True)
    signal_part, sigma = torch.linspace(0.5, 1, 40, dtype=torch.float64), torch.linspace(1, 3, 40, dtype=torch.float64)
    trace, square = float((sigma**2).sum()), float((signal_part**2).sum())
    draw = lambda: [signal_part + sigma * torch.randn(4, 40, dtype=torch.float64) for _ in range(8)]
    loss = lambda batch: (batch @ theta).mean()
    scale, ones = gp.NoiseScale([theta], decay=0.999), []
    for _ in range(400):
        batches = draw()
        theta.grad = None
        for batch in batches:
            (loss(batch) / len(batches)).backward()
            scale.micro_batch()
        streamed = scale.step(4)
        ones.append(gp.noise_scale(loss, batches, [theta], 4))
    # Of the last step alone, the streaming form is the other.
    alone = gp.NoiseScale([theta], averaged=False)
    theta.grad = None
    for batch in batches:
        loss(batch).backward()
        alone.micro_batch()
    for key, value in alone.step(4).items():
        close(ones[-1][key], value)
    # By hand: of eight means of four samples.
    rows = torch.stack([b.mean(0) for b in batches])
    by_hand = float(rows.var(0, unbiased=True).sum()) * 4
    close(by_hand, ones[-1]["noise_trace"])
    close(float((rows.mean(0) ** 2).sum()) - by_hand / 32, ones[-1]["gradient_square"])
    # Unbiased: within four standard errors of the truth.
    for key, truth in (("noise_trace", trace), ("gradient_square", square)):
        values = torch.tensor([o[key] for o in ones])
        assert abs(float(values.mean()) - truth) < 4 * float(values.std()) / 20, (key, truth, values.mean())
    close(trace / square, streamed["noise_scale"], 0.1)


def the_spectrum_of_a_known_matrix(folder):
    torch.manual_seed(4)
    blocks = [[1.0, 2.0, 5.0], [0.5, -3.0]]
    tensors = {n: torch.zeros(len(b), dtype=torch.float64, requires_grad=True) for n, b in zip(("a.weight", "b.0.weight"), blocks)}
    loss = lambda _: sum((torch.tensor(b, dtype=torch.float64) * t**2).sum() / 2 for b, t in zip(blocks, tensors.values()))
    for found, diagonal, name in zip(gp.spectrum(loss, [0, 1], tensors, blocks="layers", probes=1), blocks, ("a", "b.0")):
        # Signs lie equally in every axis, so that a diagonal matrix has its eigenvalues as nodes, at equal weights.
        assert found["name"] == name and found["parameters"] == len(diagonal)
        for node, weight, eigenvalue in zip(found["nodes"], found["weights"], sorted(diagonal)):
            close(eigenvalue, node)
            close(1 / len(diagonal), weight)
    q, _ = torch.linalg.qr(torch.randn(30, 30, dtype=torch.float64))
    matrix = q @ torch.diag(torch.arange(1, 31, dtype=torch.float64)) @ q.T
    start = torch.randn(30, dtype=torch.float64)
    nodes, weights = gp.quadrature(lambda v: matrix @ v, start, 4)
    power = start / start.norm()
    for k in range(8):  # Exact up to degree 2·4 − 1.
        close(float((start / start.norm()) @ power), sum(w * t**k for t, w in zip(nodes, weights)))
        power = matrix @ power


def a_killed_log_is_whole_again(folder):
    path = os.path.join(folder, "metrics.jsonl")

    def rows():
        return [json.loads(line, parse_constant=lambda c: 1 / 0) for line in open(path, encoding="utf-8")]

    with gp.Run(folder) as run:
        run.log(1, samples=8, loss=torch.tensor(2.5), worst=math.inf, best=-math.inf, none=float("nan"), **{"val/loss": 1})
    first = {"step": 1, "samples": 8, "loss": 2.5, "worst": "Infinity", "best": "-Infinity", "none": "NaN", "val/loss": 1}
    assert rows() == [first], rows()
    for torn in ('{"step": 2, "lo', '{"step": 2', "7", "\x00" * 9, '{"a": "' + "x" * 200_000):
        with open(path, "a", encoding="utf-8") as file:
            file.write(torn)
        with gp.Run(folder) as run:
            run.log(3, loss=1.0)
        assert rows()[0] == first and rows()[-1] == {"step": 3, "loss": 1.0} and all(r["step"] != 2 for r in rows())
    with open(path, "a", encoding="utf-8") as file:
        file.write('{"step": 4, "loss": 0.5}')  # All of a line but its end.
    with gp.Run(folder) as run:
        run.log(5, loss=0.25)
    assert [r["step"] for r in rows()][-2:] == [4, 5]
    os.remove(path)
    for _ in range(8):
        child = subprocess.Popen([sys.executable, HERE, "log_for_ever", folder])
        while not os.path.exists(path) or os.path.getsize(path) < 1000:
            time.sleep(0.01)
        time.sleep(random.random() / 5)
        child.kill()
        child.wait()
    with gp.Run(folder) as run:
        run.log(-1)
    assert len(rows()) > 50 and rows()[-1] == {"step": -1}


def log_for_ever(folder):
    run = gp.Run(folder)
    for i in range(1 << 60):
        run.log(i, text="x" * 500)


def signals_only_set_a_flag(folder):
    called = []
    signal.signal(signal.SIGUSR1, lambda n, f: called.append(n))
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    terminate = signal.getsignal(signal.SIGTERM)
    os.environ["GAPLAB_OUT"], os.environ["GAPLAB_ATTEMPT"] = os.path.join(folder, "deep", "run"), "3"
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
        run = gp.Run()
        assert not run.stopping and run.attempt == 3
        os.kill(os.getpid(), number)
        assert run.stopping
        run.close()
        assert signal.getsignal(signal.SIGTERM) == terminate
    assert called == [signal.SIGUSR1] and signal.getsignal(signal.SIGUSR2) == signal.SIG_IGN
    run = gp.Run()
    os.kill(os.getpid(), signal.SIGINT)
    try:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)
        raise AssertionError("a second Ctrl-C went on")
    except KeyboardInterrupt:
        pass
    run.close()
    seen = []
    thread = threading.Thread(target=lambda: seen.append(gp.Run().stopping))
    thread.start()
    thread.join()
    assert seen == [False] and signal.getsignal(signal.SIGTERM) == terminate
    os.environ["GAPLAB_ATTEMPT"] = "two"
    refused("GAPLAB_ATTEMPT is 'two'", gp.Run)


def a_killed_noise_file_is_readable(folder):
    path, kept = os.path.join(folder, "noise.npy"), 0
    for _ in range(8):
        child = subprocess.Popen([sys.executable, HERE, "noise_for_ever", folder])
        while not os.path.exists(path):
            time.sleep(0.01)
        time.sleep(2 + random.random() / 5)
        child.kill()
        child.wait()
        data = open(path, "rb").read()
        header = eval(data[10:128])
        assert data[:6] == b"\x93NUMPY" and header["descr"] == "<f4" and len(data) == 128 + 4 * 50 * header["shape"][0]
        assert header["shape"][0] % 3 == 0 and header["shape"][0] >= kept
        kept = header["shape"][0]
    assert kept > 3
    theta = torch.zeros(60, requires_grad=True)
    refused("other coordinates", lambda: gp.noise(lambda b: theta.sum(), [0], [theta], k=50, seed=1, out=folder))
    refused("other coordinates", lambda: gp.noise(lambda b: theta.sum(), [0], [theta], k=49, out=folder))
    open(path, "ab").write(b"x")
    refused("does not hold rows of 50", lambda: gp.noise(lambda b: theta.sum(), [0], [theta], k=50, out=folder))


def noise_for_ever(folder):
    theta = torch.zeros(60, requires_grad=True)
    while True:
        gp.noise(lambda b: (theta * b).sum(), [1.0, 2.0, 3.0], [theta], k=50, out=folder)


def two_processes_measure_the_mean_of_both(folder):
    model, batches, loss = regression(4, make=lambda: nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 1)))
    update = [torch.full_like(p, 0.1) for p in model.parameters()]
    alone = measured_together(loss, model, update, batches, os.path.join(folder, "alone"))
    shared = "file://" + os.path.join(folder, "meeting")
    children = [subprocess.Popen([sys.executable, HERE, "one_of_two", folder, str(r), shared]) for r in range(2)]
    assert [c.wait() for c in children] == [0, 0]
    for rank in range(2):
        together = json.load(open(os.path.join(folder, f"rank{rank}.json"), encoding="utf-8"))
        assert together.pop("reductions") == 1
        for expected, found in zip(numbers_in(alone), numbers_in(together)):
            assert abs(expected - found) <= 1e-9 * max(1e-3, abs(expected)), (expected, found)
    rows = open(os.path.join(folder, "together", "noise.npy"), "rb").read()
    assert b"(4, 10)" in rows[:128]


def measured_together(loss, model, update, batches, folder):
    gp.noise(loss, batches, model, k=10, out=folder)
    return {
        "scale": gp.noise_scale(loss, batches, model, 16),
        "sharpness": gp.sharpness(loss, model, update, batches),
        "critical": gp.critical_sharpness(loss, model, update, batches=batches),
        "spectrum": gp.spectrum(loss, batches, model, products=4),
    }


def numbers_in(value):
    if isinstance(value, (dict, list)):
        return [n for v in (value.values() if isinstance(value, dict) else value) for n in numbers_in(v)]
    return [value] if isinstance(value, (int, float)) else []


def one_of_two(folder, rank, shared):
    torch.distributed.init_process_group("gloo", init_method=shared, rank=int(rank), world_size=2)
    model, batches, _ = regression(4, make=lambda: nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 1)))
    parallel = nn.parallel.DistributedDataParallel(model)
    loss = lambda batch: ((parallel(batch[0]) - batch[1]) ** 2).mean()
    update, mine = [torch.full_like(p, 0.1) for p in model.parameters()], batches[int(rank) :: 2]
    found = measured_together(loss, parallel, update, mine, os.path.join(folder, "together"))
    loss(mine[0]).backward()  # The reducer is as it was.
    reduce, calls = torch.distributed.all_reduce, []
    torch.distributed.all_reduce = lambda *a, **k: (calls.append(1), reduce(*a, **k))[1]
    with gp._Point(loss, parallel, mine, curvature=True) as point:
        calls.clear()
        point.product(point.vector(update))
    found["reductions"] = len(calls)
    json.dump(found, open(os.path.join(folder, f"rank{rank}.json"), "w", encoding="utf-8"))


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
