"""Records tail-vectors.json: stable laws and tail estimators by SciPy and NumPy, which share no code with Gaplab.

    /usr/bin/python3 tests/golden/make_tail_vectors.py      (Debian: python3-scipy)

"stable": form, alpha, beta, x, scipy's cdf and pdf (scale 1, location 0), quantiles at p.
"sample": 500 values (Student's t with 3 degrees of freedom) with every estimator written out plainly, Student's fit by scipy
(location fixed at the median), Kolmogorov-Smirnov distances, Jarque-Bera, the fitted power-law tail and its likelihood ratio
against a log-normal tail that scipy's optimiser fits.
"""
import json
import os

import numpy as np
from scipy import optimize, stats
from scipy.stats import levy_stable, norm

stable = []
for form in ("S0", "S1"):
    levy_stable.parameterization = form
    for alpha, beta in [
        (0.6, 0.0),
        (0.7, 0.5),
        (0.8, 1.0),
        (1.0, 0.0),
        (1.0, 0.5),
        (1.3, -0.7),
        (1.5, 0.0),
        (1.5, 1.0),
        (1.9, 0.3),
        (2.0, 0.0),
    ]:
        if form == "S1" and beta == 0:
            continue
        for x in (-4.0, -0.5, 0.3, 2.0, 10.0):
            stable.append([form, alpha, beta, x, float(levy_stable.cdf(x, alpha, beta)), float(levy_stable.pdf(x, alpha, beta))])

rng = np.random.default_rng(7)
x = np.round(rng.standard_t(3, 500), 6)
n, a = len(x), np.sort(np.abs(x))[::-1]


def hill(k):
    return 1 / np.mean(np.log(a[:k] / a[k]))


def moment(k):
    m1, m2 = np.mean(np.log(a[:k] / a[k])), np.mean(np.log(a[:k] / a[k]) ** 2)
    return m1 + 1 - 0.5 / (1 - m1 * m1 / m2)


def pickands(k):
    return np.log((a[k - 1] - a[2 * k - 1]) / (a[2 * k - 1] - a[4 * k - 1])) / np.log(2)


def log_moment(k1):
    k2 = n // k1
    part = x[: k1 * k2].reshape(k2, k1)
    u = (np.log(np.abs(part.sum(1))) - np.log(np.abs(part)).mean(1)) / np.log(k1)
    return [u.mean(), u.std(ddof=1) / np.sqrt(k2)]


q05, q25, q50, q75, q95 = np.quantile(x, [0.05, 0.25, 0.5, 0.75, 0.95])
z = x / ((q75 - q25) / 2)
r = lambda t: abs(np.mean(np.exp(1j * t * z)))
press = np.log(np.log(r(1.0)) / np.log(r(0.2))) / np.log(5)
t = np.pi * np.arange(1, 11) / 25
regression = np.polyfit(np.log(t), np.log(-np.log([r(s) ** 2 for s in t])), 1)[0]

best = None
for j in range(60):
    k = int(np.floor(np.exp(np.log(50) + j / 59 * (np.log(n / 2) - np.log(50)))))
    alpha = k / np.sum(np.log(a[:k] / a[k - 1]))
    p = (a[:k] / a[k - 1]) ** -alpha
    i = np.arange(1, k + 1)
    d = max(np.max(np.abs(i / k - p)), np.max(np.abs((i - 1) / k - p)))
    if best is None or d < best[3]:
        best = [k, a[k - 1], alpha, d]
k, xmin, alpha, _ = best
tail = a[:k]


def minus(v):
    return -np.sum(norm.logpdf((np.log(tail) - v[0]) / np.exp(v[1])) - v[1] - norm.logsf((np.log(xmin) - v[0]) / np.exp(v[1])))


fit = optimize.minimize(
    minus,
    [np.log(tail).mean(), np.log(np.log(tail).std())],
    method="Nelder-Mead",
    options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 20000, "maxfev": 20000},
)
s = np.exp(fit.x[1])
each = (
    np.log(alpha)
    - alpha * np.log(tail / xmin)
    - (norm.logpdf((np.log(tail) - fit.x[0]) / s) - fit.x[1] - norm.logsf((np.log(xmin) - fit.x[0]) / s))
)
degrees, location, scale = stats.t.fit(x, 3, floc=q50, scale=1.0)
jb = stats.jarque_bera(x)
sample = {
    "values": x.tolist(),
    "hill": hill(25),
    "moment": moment(25),
    "pickands": pickands(25),
    "logMoment": log_moment(10),
    "press": press,
    "regression": regression,
    "nu": (q95 - q05) / (q75 - q25),
    "powerLaw": [float(v) for v in best],
    "likelihoodRatio": each.sum(),
    "ratioProbability": float(2 * norm.sf(abs(each.sum()) / (each.std() * np.sqrt(k)))),
    "student": [degrees, scale],
    "gaussianDistance": stats.kstest(x, norm(x.mean(), x.std(ddof=1)).cdf).statistic,
    "jarqueBera": [float(jb.statistic), float(jb.pvalue)],
}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tail-vectors.json")
with open(path, "w", encoding="utf-8") as out:
    json.dump({"stable": stable, "sample": {k: (v if isinstance(v, list) else float(v)) for k, v in sample.items()}}, out)
    out.write("\n")
