"""The peer of benchmarks/run tail-panel: the panel's estimators in NumPy.

A line names a .npy file; the answer is seconds and 1/alpha of each."""
import sys
import time

import numpy as np


def panel(x):
    x = x - np.median(x)
    n, a = x.size, np.abs(x)
    logs = np.log(a)
    log_moment = None
    for k1 in (2, 10, 100, 1000):
        k2 = n // k1
        y = np.log(np.abs(x[: k1 * k2].reshape(k2, k1).sum(1)))
        u = (y - logs[: k1 * k2].reshape(k2, k1).mean(1)) / np.log(k1)
        (mean, _) = (u.mean(), u.std(ddof=1) / np.sqrt(k2))
        if k1 == 10:
            log_moment = mean
    q = np.quantile(x, [0.05, 0.25, 0.75, 0.95])
    ratio = (q[3] - q[0]) / (q[2] - q[1])
    z = x / ((q[2] - q[1]) / 2)
    modulus = lambda t: np.hypot(np.cos(t * z).mean(), np.sin(t * z).mean())
    press = np.log(5) / np.log(np.log(modulus(1.0)) / np.log(modulus(0.2)))
    t = np.pi * np.arange(1, 11) / 25
    regression = 1 / np.polyfit(np.log(t), np.log([-2 * np.log(modulus(s)) for s in t]), 1)[0]
    top = np.sort(np.partition(a, n - n // 2)[n - n // 2 :])[::-1]
    log_top, k = np.log(top), n // 100
    excess = log_top[:k] - log_top[k]
    hill, second = excess.mean(), (excess * excess).mean()
    pickands = np.log((top[k - 1] - top[2 * k - 1]) / (top[2 * k - 1] - top[4 * k - 1])) / np.log(2)
    moment = hill + 1 - 0.5 / (1 - hill * hill / second)
    sums, best = np.cumsum(log_top), None
    for j in range(60):
        size = int(np.exp(np.log(50) + j / 59 * (np.log(n / 2) - np.log(50))))
        gamma = sums[size - 1] / size - log_top[size - 1]
        p = np.exp(-(log_top[:size] - log_top[size - 1]) / gamma)
        i = np.arange(1, size + 1) / size
        d = max(np.abs(i - p).max(), np.abs(i - 1 / size - p).max())
        if best is None or d < best[0]:
            best = (d, gamma)
    return [log_moment, ratio, press, regression, hill, pickands, moment, best[1]]


print(np.__version__, flush=True)
for line in sys.stdin:
    values = np.load(line.strip())
    start = time.perf_counter()
    found = panel(values)
    print(time.perf_counter() - start, *found, flush=True)
