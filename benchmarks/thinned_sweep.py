#!/usr/bin/env python3
"""Does the interval of B* from a thinned sweep hold what the dense one says on other seeds?

    ./gaplab study run benchmarks/dense-sweep.yaml
    benchmarks/thinned_sweep.py stores/dense [--pair sgd,adam]

For every choice of half of the seeds: the sweep is thinned to some of its batch sizes on those seeds, and its interval is held against
B* of all batch sizes on the other seeds. That B* is an estimate itself, from as few seeds; its range is printed.
"""
import argparse
import csv
import itertools
import json
import pathlib
import subprocess
import tempfile

GAPLAB = pathlib.Path(__file__).resolve().parent.parent / "gaplab"
THINNED = {"2": [4, 64], "2 (wide)": [4, 256], "3": [4, 32, 256], "4": [4, 16, 64, 256], "7": [4, 8, 16, 32, 64, 128, 256]}


def gaplab(*words):
    return subprocess.run([GAPLAB, *words], check=True, capture_output=True, text=True).stdout


def analyse(rows, pair, seeds, batches, folder):
    table = folder / "thinned.csv"
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(r for r in rows if r["optimizer"] in pair and r["seed"] in seeds and int(r["batch"]) in batches)
    return json.loads(gaplab("crossover", str(table), "--metric", "validation-loss", "--pair", ",".join(pair), "--json"))["groups"][0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store")
    parser.add_argument("--pair", default="sgd,adam")
    options = parser.parse_args()
    pair = options.pair.split(",")
    rows = list(csv.DictReader(gaplab("study", "export", options.store).splitlines()))
    seeds = sorted({r["seed"] for r in rows}, key=int)
    dense, held, found, intervals, truths = THINNED["7"], {}, {}, {}, []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for half in itertools.combinations(seeds, len(seeds) // 2):
            truth = analyse(rows, pair, set(seeds) - set(half), dense, folder)["isotonic"]["batch"]
            truths.append(truth)
            for design, batches in THINNED.items():
                group = analyse(rows, pair, set(half), batches, folder)
                fit = group["isotonic"]
                low = float("-inf") if fit["lowOpen"] else fit["low"]
                high = float("inf") if fit["highOpen"] else fit["high"]
                held[design] = held.get(design, 0) + (truth is not None and low <= truth <= high)
                found[design] = found.get(design, 0) + (group["verdict"] == "crossover")
                intervals.setdefault(design, set()).add((low, high))
    for design in THINNED:
        print(
            f"{design} batch sizes: held {held[design]} of {len(truths)}, verdict crossover {found[design]}, "
            f"intervals {sorted(intervals[design])}"
        )
    numbers = sorted(t for t in truths if t is not None)
    print(f"B* of all batch sizes on the other seeds: {numbers[0]:.3g} to {numbers[-1]:.3g}")


if __name__ == "__main__":
    main()
