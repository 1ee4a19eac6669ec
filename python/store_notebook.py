# %% [markdown]
# GAPLAB-HEAD

# %%
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

answer = json.loads(Path("answer.json").read_text(encoding="utf-8"))
runs = pd.read_csv("runs.csv", dtype={"run": str, "seed": str})
curves = pd.read_csv("measurements.csv", dtype={"run": str, "seed": str}, low_memory=False)
metric, (first, second) = answer["metric"], answer["pair"]
colours = {first: "#0072b2", second: "#d55e00"}
print(f"{len(runs)} runs, {runs['state'].eq('finished').sum()} of them finished; {len(curves)} measurements of tuned runs")
runs.head()

# %% [markdown]
# ## The gap against batch size
#
# `answer.json` is what `gaplab study report --json` prints. A positive gap means that the second optimizer of the pair is ahead. The
# intervals are Gaplab's paired bootstrap over seeds (docs/statistics.md); a gap without an end has an open interval.

# %%
def label(comparison):
    return ", ".join(f"{key} {value}" for key, value in comparison["key"].items()) or "all runs"


gaps = pd.DataFrame(
    {
        "comparison": label(comparison),
        "batch": gap["batch"],
        "gap": gap["gap"],
        "low": gap["low"],
        "high": gap["high"],
        "ahead": gap["ahead"],
        "one-sided": gap["oneSided"],
        f"lr of {first}": gap[first]["lr"],
        f"lr of {second}": gap[second]["lr"],
    }
    for comparison in answer["comparisons"]
    for gap in comparison["gaps"]
)
for comparison in answer["comparisons"]:
    print(comparison["headline"])
gaps

# %%
names = list(dict.fromkeys(gaps["comparison"])) if len(gaps) else []
shown = names[:12]
figure, axes = plt.subplots(len(shown) or 1, 1, figsize=(7, 3.4 * max(1, len(shown))), squeeze=False, sharex=True)
for axis, name in zip(axes[:, 0], shown):
    part = gaps[gaps["comparison"] == name].sort_values("batch")
    axis.axhline(0, color="#1b1f24", linewidth=1)
    axis.plot(part["batch"], part["gap"], color="#5f6b7a", linewidth=1.2)
    for row in part.itertuples():
        colour = colours.get(row.ahead, "#8a94a1")
        ends = [row.gap if pd.isna(end) else end for end in (row.low, row.high)]
        axis.vlines(row.batch, *ends, color=colour, linewidth=2)
        axis.plot(row.batch, row.gap, "o", color=colour, markersize=7)
    for crossover in next(c for c in answer["comparisons"] if label(c) == name)["crossovers"]:
        if crossover["batch"]:
            axis.axvline(crossover["batch"], color="#1b1f24", linewidth=1, linestyle=":")
    axis.set(title=name, ylabel=f"gap in {metric}\n{first} ahead ↓ ↑ {second} ahead")
    axis.set_xscale("log", base=2)
    axis.set_xticks(part["batch"], part["batch"])
axes[-1, 0].set_xlabel("batch size B")
figure.tight_layout()

# %% [markdown]
# ## The same numbers by hand
#
# A gap is the difference of two means over seeds, each at the tuned learning rate of its optimizer. The next cell makes every gap anew
# from `runs.csv` and stops if one is not the same.

# %%
by_run = runs.set_index("run")[metric]
sign = -1 if answer["higherIsBetter"] else 1
checked = 0
for comparison in answer["comparisons"]:
    for gap in comparison["gaps"]:
        means = [by_run.loc[gap[name]["provenance"]].mean() for name in (first, second)]
        if gap["gap"] is not None and np.isfinite(means).all():
            np.testing.assert_allclose(sign * (means[0] - means[1]), gap["gap"], rtol=1e-9, atol=1e-12)
            checked += 1
print(f"{checked} gaps made anew from the runs, none differs")

# %% [markdown]
# ## How each optimizer was tuned
#
# The mean over seeds at each learning rate; what diverged has no point. A line is a comparison and an optimizer with its momentum and β₂:
# runs that differ in these are no repeats of each other.

# %%
pair = runs[runs["optimizer"].isin([first, second]) & runs[metric].notna()]
keys = [key for comparison in answer["comparisons"] for key in comparison["key"]]
arm = [c for c in dict.fromkeys(["optimizer", "momentum", "beta2", "variant", *keys]) if c in runs.columns]
batches = sorted(pair["batch"].unique())
columns = min(3, max(1, len(batches)))
lines = -(-max(1, len(batches)) // columns)
figure, axes = plt.subplots(lines, columns, figsize=(4 * columns, 3 * lines), squeeze=False)
for axis in axes.flat[len(batches) :]:
    axis.set_visible(False)
for axis, batch in zip(axes.flat, batches):
    for values, part in pair[pair["batch"] == batch].groupby(arm, dropna=False):
        optimizer, mean = part["optimizer"].iloc[0], part.groupby("lr")[metric].mean()
        axis.plot(part["lr"], part[metric], ".", color=colours[optimizer], alpha=0.35)
        axis.plot(mean.index, mean, color=colours[optimizer])
    axis.set(xscale="log", title=f"B = {batch}", xlabel="learning rate", ylabel=metric)
axes[0, 0].legend(handles=[plt.Line2D([], [], color=colours[name], label=name) for name in (first, second)])
figure.tight_layout()

# %% [markdown]
# ## Learning curves of the tuned runs
#
# `measurements.csv` holds every measurement of the tuned runs of the pair, with every key of a run on every row. All runs of the store:
# `gaplab study export STORE --tidy --to all.csv`.

# %%
name = metric if (curves["metric"] == metric).any() else next(iter(curves["metric"]), metric)
figure, axes = plt.subplots(lines, columns, figsize=(4 * columns, 3 * lines), squeeze=False)
for axis in axes.flat[len(batches) :]:
    axis.set_visible(False)
for axis, batch in zip(axes.flat, batches):
    for (optimizer, run), part in curves[(curves["metric"] == name) & (curves["batch"] == batch)].groupby(["optimizer", "run"]):
        axis.plot(part["samples"], part["value"], color=colours.get(optimizer, "#8a94a1"), linewidth=1)
    axis.set(title=f"B = {batch}", xlabel="training samples", ylabel=name)
figure.tight_layout()
