#!/usr/bin/env python3
# The gap model's recursions in NumPy, the peer of `benchmarks/run gap-model`. For every line "sgd|adam N K" on standard input it runs K
# steps over N coordinates (curvature 1/i, noise variance 100/i per sample, batch size 64, cosine) and prints seconds and the loss.
import sys, time
import numpy as np


def schedule(steps):
    warm = max(1, int(np.ceil(0.1 * steps - 1e-9)))
    k = np.arange(steps)
    return np.where(k < warm, (k + 1) / warm, 0.5 * (1 + np.cos(np.pi * (k - warm) / (steps - warm))))


def sgd(l, s, a, factors, eta, mu=0.9):
    xx, xv, vv = a.copy(), np.zeros_like(a), np.zeros_like(a)
    for f in factors * eta:
        vv = l * l * xx + 2 * mu * l * xv + mu * mu * vv + s
        t = l * xx + mu * xv
        xx, xv = xx - 2 * f * t + f * f * vv, t - f * vv
    return xx


def adam(l, s, a, factors, eta, b1=0.9, b2=0.999, eps=1e-12):
    xx, xm, mm, v = a.copy(), np.zeros_like(a), np.zeros_like(a), np.zeros_like(a)
    c, p1, p2 = 1 - b1, 1.0, 1.0
    for f in factors * eta:
        p1, p2 = p1 * b1, p2 * b2
        g = l * l * xx + s
        v = b2 * v + (1 - b2) * g
        step = f / ((1 - p1) * (np.sqrt(v / (1 - p2)) + eps))
        mm = b1 * b1 * mm + 2 * b1 * c * l * xm + c * c * g
        t = b1 * xm + c * l * xx
        xx, xm = xx - 2 * step * t + step * step * mm, t - step * mm
    return xx


for line in sys.stdin:
    name, n, steps = line.split()
    l = 1 / np.arange(1, int(n) + 1)
    start = time.perf_counter()
    xx = (sgd if name == "sgd" else adam)(l, 100 * l / 64, np.ones_like(l), schedule(int(steps)), 0.01)
    print(time.perf_counter() - start, float(0.5 * np.sum(l * xx)), flush=True)
