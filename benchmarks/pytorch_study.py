"""The runs of benchmarks/tiny-gpt.yaml in PyTorch, as a script that sweeps would train them: the peer of benchmarks/whole-study.

    /usr/bin/python3 benchmarks/pytorch_study.py [--vmap] [--runs 56] [--malloc]

It trains `--runs` runs at each of the batch sizes 4, 16, 64 and 256 for 8,192 samples (half of them by SGD with momentum, half by Adam,
gradients clipped to norm 1, warm-up and cosine), each evaluated four times on 256 samples, on two processes of one thread. Eager trains
one run after the other, --vmap eight at a time. It prints one line of JSON: seconds by the clock and of the processor.
"""
import argparse
import concurrent.futures
import json
import math
import multiprocessing
import os
import resource
import time

os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"})  # before torch loads its libraries

import torch

import pytorch_gpt

CONTEXT, VOCABULARY, SAMPLES, VALIDATION, PACK = 32, 64, 8192, 256, 8


def rate_at(step, steps, peak):
    """Ten per cent of linear warm-up, then half a cosine down to 0."""
    done = step / steps
    return peak * (done / 0.1 if done < 0.1 else 0.5 * (1 + math.cos(math.pi * (done - 0.1) / 0.9)))


def optimizer_of(parameters, adam):
    if adam:
        return pytorch_gpt.adam(parameters, 1e-2)
    return torch.optim.SGD(parameters, lr=0.1, momentum=0.9, foreach=True)


def train(job):
    """One eager run, or a pack of them by vmap."""
    batch, adam, seeds, vmap, malloc = job
    torch.set_num_threads(1)
    if malloc:
        pytorch_gpt.tune_malloc()
    torch.manual_seed(seeds[0])
    models = [pytorch_gpt.Gpt(VOCABULARY, CONTEXT, 1, 2, 32) for _ in seeds]
    data = torch.randint(VOCABULARY, (SAMPLES, CONTEXT + 1))
    validation = torch.randint(VOCABULARY, (VALIDATION, CONTEXT + 1))
    if vmap:
        ensemble, parameters, buffers = pytorch_gpt.stacked(models)
        leaves = pytorch_gpt.leaves(parameters)
        loss_of = lambda x: ensemble(parameters, buffers, x)
    else:
        leaves, loss_of = list(models[0].parameters()), models[0]
    optimizer = optimizer_of(leaves, adam)
    peak, steps = optimizer.param_groups[0]["lr"], SAMPLES // batch
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = rate_at(step, steps, peak)
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(data[step * batch : (step + 1) * batch])
        loss.sum().backward()
        if vmap:
            norms = sum(p.grad.square().flatten(1).sum(1) for p in leaves).sqrt()  # [R]
            scale = (1 / (norms + 1e-6)).clamp(max=1)
            for p in leaves:
                p.grad.mul_(scale.view(-1, *[1] * (p.dim() - 1)))
        else:
            torch.nn.utils.clip_grad_norm_(leaves, 1.0)
        optimizer.step()
        if (step + 1) % max(1, steps // 4) == 0:
            with torch.no_grad():
                loss_of(validation).tolist()
        loss.detach().tolist()  # every run's loss is looked at, as a sweep that stops diverging runs must
    return len(seeds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vmap", action="store_true")
    parser.add_argument("--malloc", action="store_true")
    parser.add_argument("--runs", type=int, default=56, help="at each batch size")
    options = parser.parse_args()
    pack = PACK if options.vmap else 1
    jobs = []
    for batch in (4, 16, 64, 256):
        for adam in (False, True):
            seeds = list(range(options.runs // 2 + (options.runs % 2 if adam else 0)))
            jobs += [(batch, adam, seeds[i : i + pack], options.vmap, options.malloc) for i in range(0, len(seeds), pack)]
    began = time.perf_counter()
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        done = sum(pool.map(train, jobs))
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        json.dumps(
            {
                "framework": f"pytorch {torch.__version__} {'vmap' if options.vmap else 'eager'}"
                + (" with Gaplab's malloc" if options.malloc else ""),
                "runs": done,
                "seconds": round(time.perf_counter() - began, 1),
                "processorSeconds": round(spent.ru_utime + spent.ru_stime, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
