// Learning curves of any selection of runs, redrawn as they grow.
import { get, set } from "./address";
import { check, count, digits, el, search, select } from "./dom";
import { Plot, type Series } from "./plot";
import { ask, type RunRow } from "./server";

interface CurveRow extends RunRow {
  measured: number;
  steps: number[];
  samples: number[];
  values: (number | null)[];
}

interface Curves {
  metric: string;
  metrics: string[];
  optimizers?: string[];
  matching: number;
  shown: number;
  thinned: boolean;
  series: CurveRow[];
}

const mostCurves = 60;
const mostPoints = 500;

/** The view; its controls are in the address. */
export class CurvesView {
  readonly root = el("div", { class: "curves-view" });
  private readonly controls = el("div", { class: "controls" });
  private readonly said = el("p", { class: "said", role: "status" });
  private readonly plot = new Plot("curves");
  private metrics: string[] = ["validation-loss"];

  constructor(private readonly store: number) {
    this.root.append(
      el("h2", {}, "Learning curves"),
      this.controls,
      this.said,
      this.plot.root,
      el(
        "p",
        { class: "note" },
        "A long curve is thinned before it travels: of each stretch its least and its largest value stay. Smoothing works on what is " +
          "drawn. Seconds share a run's time evenly over its steps.",
      ),
    );
    this.build();
  }

  private build(): void {
    const change = (values: { [name: string]: string }) => {
      set(values);
      void this.refresh();
    };
    const smoothing = el("input", {
      type: "range",
      min: 0,
      max: 0.98,
      step: 0.02,
      value: get("smooth") || "0",
      input: () => change({ smooth: smoothing.value === "0" ? "" : smoothing.value }),
    });
    this.controls.replaceChildren(
      select("metric", this.metrics, get("metric") || "validation-loss", (metric) => change({ metric })),
      select("against", ["samples", "steps", "seconds"], get("x") || "samples", (x) => change({ x: x === "samples" ? "" : x })),
      el("label", { class: "field" }, "smoothing", smoothing),
      check("log x", get("logx") === "1", (on) => change({ logx: on ? "1" : "" })),
      check("log y", get("logy") === "1", (on) => change({ logy: on ? "1" : "" })),
      check("tuned runs only", get("all") !== "1", (on) => change({ all: on ? "" : "1" })),
      search(get("q"), (q) => change({ q })),
    );
  }

  async refresh(): Promise<void> {
    const tuned = get("all") !== "1";
    const selection = (also: string) => ({
      q: [get("q"), also].filter((part) => part).join(" "),
      metric: get("metric") || "validation-loss",
      points: mostPoints,
      curves: mostCurves,
    });
    let curves: Curves;
    let early = false;
    try {
      curves = await ask<Curves>(this.store, "curves", selection(tuned ? "tuned=yes" : ""));
      // Before the first round has ended nothing is tuned.
      early = tuned && curves.series.length === 0;
      if (early) curves = await ask<Curves>(this.store, "curves", selection(""));
    } catch (error) {
      this.said.textContent = (error as Error).message;
      return;
    }
    if (curves.metrics.length > 0 && curves.metrics.join() !== this.metrics.join()) {
      this.metrics = curves.metrics;
      if (!this.controls.contains(document.activeElement)) this.build();
    }
    const drawn = curves.series.length;
    this.said.textContent =
      drawn === 0
        ? `No run of this selection has measured ${curves.metric}${curves.matching === 0 ? ": no run matches" : " yet"}.`
        : `${count(drawn, "curve")} of ${count(curves.matching, "matching run")}` +
          (curves.shown < curves.matching ? `, evenly chosen (${mostCurves} at most)` : "") +
          (early ? "; none of them is tuned yet" : "") +
          (curves.thinned ? "; long curves are thinned" : "") +
          ".";
    this.root.dataset.points = String(curves.series.reduce((sum, s) => sum + s.measured, 0));
    this.plot.draw(
      curves.series.map((row) => this.series(row)),
      {
        x: get("x") || "samples",
        y: curves.metric,
        logX: get("logx") === "1",
        logY: get("logy") === "1",
      order: curves.optimizers,
      },
    );
  }

  private series(row: CurveRow): Series {
    const x = get("x") || "samples";
    const last = row.steps[row.steps.length - 1] || 1;
    const xs = x === "steps" ? row.steps : x === "seconds" ? row.steps.map((step) => ((row.seconds ?? 0) * step) / last) : row.samples;
    const batch = `B = ${row.batch.toLocaleString("en")}`;
    const parts = [row.comparison, row.optimizer, batch, `rate ${digits(row.lr)}`, row.variant, `seed ${row.seed}`];
    const where = parts.filter((part) => part).join(", ");
    return { name: where, group: row.optimizer, x: xs, y: smooth(row.values, Number(get("smooth")) || 0), run: row.id };
  }
}

/** The running mean with exponential weights, without the bias of its beginning. */
export function smooth(values: (number | null)[], weight: number): (number | null)[] {
  if (weight <= 0) return values;
  let mean = 0;
  let mass = 0;
  return values.map((value) => {
    if (value === null) return null;
    mean = weight * mean + (1 - weight) * value;
    mass = weight * mass + (1 - weight);
    return mean / mass;
  });
}
