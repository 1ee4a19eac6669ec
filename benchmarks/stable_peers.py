"""The peers of benchmarks/run stable-variates and exit-paths: NumPy, SciPy and Numba on one core.

Reads one request a line and answers with the seconds it took: "numpy|scipy|numba ALPHA COUNT" fills an array with symmetric stable
variates; "exit ALPHA EPSILON DT PATHS SEED" runs Numba's exit problem and answers seconds and path-steps.
"""
import math
import sys
import time

import numba
import numpy as np
from scipy.stats import levy_stable


@numba.njit
def variate(alpha):
    v = math.pi * (np.random.random() - 0.5)
    w = -math.log(1 - np.random.random())
    return math.sin(alpha * v) / math.cos(v) ** (1 / alpha) * (math.cos((1 - alpha) * v) / w) ** ((1 - alpha) / alpha)


@numba.njit
def fill(x, alpha):
    for i in range(x.size):
        x[i] = variate(alpha)


@numba.njit
def exits(alpha, factor, amplitude, paths, seed):
    np.random.seed(seed)
    total = 0
    for _ in range(paths):
        x = 0.0
        while abs(x) < 1:
            x = factor * x + amplitude * variate(alpha)
            total += 1
    return total


def numpy_fill(rng, alpha, count):
    v = np.pi * (rng.random(count) - 0.5)
    w = rng.standard_exponential(count)
    return np.sin(alpha * v) / np.cos(v) ** (1 / alpha) * (np.cos((1 - alpha) * v) / w) ** ((1 - alpha) / alpha)


def main():
    rng = np.random.default_rng(1)
    buffer = np.empty(0)
    print("ready", np.__version__, __import__("scipy").__version__, numba.__version__, flush=True)
    for line in sys.stdin:
        what, *rest = line.split()
        if what == "exit":
            alpha, epsilon, dt, paths, seed = float(rest[0]), float(rest[1]), float(rest[2]), int(rest[3]), int(rest[4])
            start = time.process_time()
            steps = exits(alpha, 1 - dt, epsilon * dt ** (1 / alpha), paths, seed)
            print(time.process_time() - start, steps, flush=True)
            continue
        alpha, count = float(rest[0]), int(rest[1])
        if buffer.size != count:
            buffer = np.empty(count)
        start = time.process_time()
        if what == "numba":
            fill(buffer, alpha)
        elif what == "numpy":
            numpy_fill(rng, alpha, count)
        else:
            levy_stable.rvs(alpha, 0, size=count, random_state=rng)
        print(time.process_time() - start, flush=True)


main()
