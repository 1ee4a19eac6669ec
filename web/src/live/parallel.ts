// Parallel coordinates: one line a run, from its settings to how it ended.
import { drawChart } from "../charts";
import type { Spec } from "../panels";
import { get, set } from "./address";
import { count, digits, el, search } from "./dom";
import { ask, type RunRow } from "./server";

const most = 400;

export class ParallelView {
  readonly root = el("div", { class: "parallel-view" });
  private readonly said = el("p", { class: "said", role: "status" });
  private readonly plot = el("div", { class: "plot", "data-name": "parallel", role: "img" });

  constructor(private readonly store: number) {
    const field = search(get("q"), (q) => {
      set({ q });
      void this.refresh();
    });
    this.root.append(
      el("h2", {}, "Settings and outcomes"),
      el("div", { class: "controls" }, field),
      this.said,
      el(
        "figure",
        { class: "chart" },
        this.plot,
        el(
          "figcaption",
          {},
          "One line per finished run. Batch size and learning rate are logarithmic; a click on a line opens its run. Diverged runs end " +
            "above the last axis.",
        ),
      ),
    );
  }

  async refresh(): Promise<void> {
    try {
      const { rows, matching } = await ask<{ rows: RunRow[]; matching: number }>(this.store, "runs", {
        q: get("q"),
        evenly: 1,
        count: most,
      });
      const ended = rows.filter((row) => row.state === "completed" || row.state === "diverged");
      this.said.textContent =
        ended.length === 0
          ? "No finished run matches."
          : `${count(ended.length, "run")}${rows.length < matching ? `, evenly chosen of ${matching.toLocaleString("en")}` : ""}.`;
      if (ended.length === 0) return this.plot.replaceChildren();
      this.plot.setAttribute("role", "img");
      this.plot.setAttribute(
        "aria-label",
        `Settings and final values of ${ended.length} runs as parallel coordinates; the table of runs has the numbers`,
      );
      await drawChart(document, this.plot, spec(ended));
    } catch (error) {
      this.said.textContent = (error as Error).message;
    }
  }
}

function spec(rows: RunRow[]): Spec {
  const optimizers = [...new Set(rows.map((row) => row.optimizer))];
  const axes: { name: string; at: (row: RunRow) => number; words: (value: number) => string }[] = [
    { name: "optimizer", at: (row) => optimizers.indexOf(row.optimizer), words: (value) => optimizers[Math.round(value)] },
    { name: "batch size", at: (row) => Math.log2(row.batch), words: (value) => Math.round(2 ** value).toLocaleString("en") },
    { name: "learning rate", at: (row) => Math.log10(row.lr), words: (value) => digits(10 ** value) },
    { name: "clipped steps", at: (row) => row.clip ?? 0, words: (value) => `${Math.round(100 * value)} %` },
    { name: "value", at: (row) => row.value ?? NaN, words: digits },
  ];
  const ends = axes.map((axis) => {
    const values = rows
      .map(axis.at)
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    // The worst tenth would squeeze the rest.
    const high = axis.name === "value" ? values[Math.floor(0.9 * (values.length - 1))] : values[values.length - 1];
    return { low: values[0] ?? 0, high: high > values[0] ? high : (values[0] ?? 0) + 1 };
  });
  const points = rows.flatMap((row) =>
    axes.map((axis, at) => {
      const value = axis.at(row);
      const y = Number.isFinite(value) ? (value - ends[at].low) / (ends[at].high - ends[at].low) : 1.08;
      return { run: row.id, optimizer: row.optimizer, axis: axis.name, y: Math.min(y, 1.08) };
    }),
  );
  const labels = axes.flatMap((axis, at) =>
    [0, 1].map((y) => ({ axis: axis.name, y, words: axis.words(y ? ends[at].high : ends[at].low) })),
  );
  const names = axes.map((axis) => axis.name);
  return {
    config: {
      background: null,
      view: { stroke: null },
      font: "system-ui, sans-serif",
      axis: { labelColor: "#5f6b7a", domain: false, ticks: false, labelFontSize: 12 },
      legend: { labelColor: "#1b1f24", orient: "top" },
    },
    width: "container",
    height: 380,
    autosize: { type: "fit", contains: "padding" },
    encoding: {
      x: {
        field: "axis",
        type: "nominal",
        scale: { domain: names, type: "point", padding: 0.4 },
        axis: { title: null, labelAngle: 0, orient: "top", grid: true, gridColor: "#e4e7eb" },
      },
      y: { field: "y", type: "quantitative", scale: { domain: [-0.06, 1.1] }, axis: null },
    },
    layer: [
      {
        data: { values: points },
        mark: { type: "line", opacity: 0.35, strokeWidth: 1.2 },
        encoding: {
          detail: { field: "run", type: "nominal" },
          color: {
            field: "optimizer",
            type: "nominal",
            scale: { domain: optimizers, range: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#6a51a3", "#3aa3d8", "#8c4a2f"] },
            legend: { title: null, symbolType: "stroke", symbolOpacity: 1, symbolStrokeWidth: 3 },
          },
        },
      },
      {
        data: { values: labels },
        mark: { type: "text", fontSize: 11, dx: 4, align: "left", fill: "#1b1f24" },
        encoding: { text: { field: "words", type: "nominal" } },
      },
    ],
  };
}
