#!/usr/bin/env python3
"""Tuned losses of a finished dose-response study as families of tests/reference/efficiency-development.json.

    gaplab study export STORE --to runs.csv
    python3 tests/python/suite_families.py runs.csv NAME --source WORDS [--by COLUMN]… [--floor F] > families.json

A family holds the runs of one value of every --by; its lengths are those of the column 'samples', its pairs SGD against Adam with
beta1 = 0.9 under each beta2. A tuned loss is the least mean over the seeds, over the learning rates at which every seed came to its
end; its error is that of the mean. With --by classes and --by exponent the family says how its classes are spread.
"""
import argparse
import csv
import json
import math
import sys
from collections import defaultdict

BETA1 = 0.9  # of the optimizer 'adam' in these studies


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("runs")
    ask.add_argument("name")
    ask.add_argument("--by", action="append", default=[])
    ask.add_argument("--floor", type=float, default=0.0)
    ask.add_argument("--source", default="")
    a = ask.parse_args()
    losses = defaultdict(lambda: defaultdict(dict))  # (family, optimizer, beta1, beta2, samples, batch) -> rate -> seed -> loss
    for row in csv.DictReader(open(a.runs)):
        if not row.get("validation-loss") and row["state"] != "diverged":
            continue
        loss = float(row["validation-loss"]) if row["state"] != "diverged" and row["validation-loss"] else math.inf
        family = tuple(row[c] for c in a.by)
        betas = arm(row)
        losses[(family, row["optimizer"], betas, int(row["samples"]), int(row["batch"]))][float(row["lr"])][row["seed"]] = loss
    tuned = {}
    for key, rates in losses.items():
        most = max(len(s) for s in rates.values())
        means = [(sum(s.values()) / len(s), s) for s in rates.values() if len(s) == most]
        mean, seeds = min(means, key=lambda m: m[0])
        if math.isfinite(mean):
            spread = sum((v - mean) ** 2 for v in seeds.values()) / max(1, most - 1)
            tuned[key] = (mean, math.sqrt(spread / most), most)
    families = []
    for family in sorted({k[0] for k in tuned}):
        mine = {k[1:]: v for k, v in tuned.items() if k[0] == family}
        lengths = sorted({k[2] for k in mine}, reverse=True)
        arms = sorted({(k[0], k[1]) for k in mine if k[0] != "sgd"})
        pairs = []
        for name, (beta1, beta2) in arms:
            pair = {"beta1": beta1, "beta2": beta2, "cells": []}
            for n in lengths:
                for side, (optimizer, betas) in (("first", ("sgd", None)), ("second", (name, (beta1, beta2)))):
                    for k, (mean, error, seeds) in sorted(mine.items(), key=lambda m: m[0][3]):
                        if k[0] == optimizer and k[2] == n and (betas is None or k[1] == betas):
                            pair["cells"].append([side, k[3], n, float(f"{mean:.6g}"), float(f"{error:.3g}"), seeds])
            pairs.append(pair)
        spread = dict(zip(a.by, family))
        classes = {"zipf" if spread["exponent"] == "1" else "uniform": int(spread["classes"])} if "classes" in spread else {}
        families.append(
            {
                "name": "-".join((a.name, *family)),
                "source": a.source,
                "samples": lengths[0],
                "floor": a.floor,
                "pairs": [p for p in pairs if p["beta1"] == BETA1],
                **classes,
                "seeds": max(v[2] for v in mine.values()),
            }
        )
    json.dump(families, sys.stdout)


def arm(row):
    if row["optimizer"] == "sgd":
        return None
    return (0.5, 0.9) if row["optimizer"] == "adam-less-momentum" else (BETA1, float(row["beta2"]))


if __name__ == "__main__":
    main()
