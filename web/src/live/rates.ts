// What was tried: the loss over learning rate and batch size as a map, the same as lines, and what the sentinel decided.
import { drawChart } from "../charts";
import type { Spec } from "../panels";
import { equipTables } from "../tables";
import { AnswerView } from "./answer";
import { digits, el } from "./dom";
import { ask } from "./server";

interface Arm {
  key: string;
  comparison: string;
  optimizer: string;
  batch: number;
  variant: string;
  says: string;
  round: number;
  best: number | null;
  next: number[];
  cells: { lr: number; runs: number; done: number; diverged: number; mean: number | null }[];
}

interface Rates {
  metric: string | null;
  higherIsBetter: boolean;
  arms: Arm[];
}

export class RatesView {
  readonly root = el("div", { class: "rates-view" });
  private readonly map = el("div", { class: "plot", "data-name": "rates", role: "img" });
  private readonly table = el("div");
  private readonly lines: AnswerView;

  constructor(private readonly store: number) {
    this.lines = new AnswerView(store, (part) => /(^|-)tuning$/.test(part.id));
    this.root.append(
      el("h2", {}, "Loss over learning rate and batch size"),
      el(
        "figure",
        { class: "chart" },
        this.map,
        el(
          "figcaption",
          {},
          "Mean over the seeds that have ended; darker is better. Framed: the best so far. ×: a seed diverged. …: not all seeds " +
            "have ended.",
        ),
      ),
      el("h2", {}, "What the sentinel decided"),
      this.table,
      this.lines.root,
    );
  }

  async refresh(): Promise<void> {
    const { metric, higherIsBetter, arms } = await ask<Rates>(this.store, "rates");
    const any = arms.some((arm) => arm.cells.some((cell) => cell.done > 0 || cell.diverged > 0));
    if (!any) this.map.replaceChildren(el("p", { class: "empty" }, "No run has ended yet."));
    else {
      this.map.setAttribute("role", "img");
      this.map.setAttribute(
        "aria-label",
        `${metric} over learning rate and batch size, a panel for each optimizer; the table below has the best rates`,
      );
      await drawChart(document, this.map, heatMap(metric ?? "loss", higherIsBetter, arms));
    }
    const rows = arms.map((arm) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, arm.key),
        el("td", { class: "n", "data-value": arm.best ?? "" }, digits(arm.best)),
        el("td", {}, arm.says),
        el("td", { class: "n" }, String(arm.round)),
        el("td", {}, arm.next.map(digits).join(", ") || "–"),
      ),
    );
    const heads = ["arm", "best rate", "the sentinel says", "round", "waits for"];
    this.table.replaceChildren(
      el(
        "div",
        { class: "table", role: "region", tabindex: 0, "aria-label": "decisions of the sentinel" },
        el(
          "table",
          {},
          el("caption", {}, "one row per optimizer, batch size and momentum"),
          el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
          el("tbody", {}, ...rows),
        ),
      ),
    );
    equipTables(this.table, document);
    await this.lines.refresh();
  }
}

/** A panel for each optimizer of each comparison. */
function heatMap(metric: string, higherIsBetter: boolean, arms: Arm[]): Spec {
  const cells = arms.flatMap((arm) =>
    arm.cells.map((cell) => ({
      panel: [arm.comparison, arm.optimizer, arm.variant].filter((part) => part).join(", "),
      batch: arm.batch,
      lr: cell.lr,
      mean: cell.diverged > 0 ? null : cell.mean,
      mark: cell.diverged > 0 ? "×" : cell.done < cell.runs ? "…" : "",
      best: arm.best !== null && Math.abs(cell.lr - arm.best) <= 1e-6 * arm.best,
      what: `${cell.done + cell.diverged} of ${cell.runs} runs ended${cell.diverged ? `, ${cell.diverged} diverged` : ""}`,
    })),
  );
  const better = higherIsBetter ? -1 : 1;
  const means = cells.flatMap((cell) => (cell.mean === null ? [] : [cell.mean])).sort((a, b) => better * (a - b));
  // From the best to a middling one: the ruins at the edge of divergence would take all of the colours.
  const middling = means[Math.floor(0.8 * (means.length - 1))] ?? 1;
  const domain = [means[0] ?? 0, middling === means[0] ? middling + better * 1e-9 : middling];
  const panels = [...new Set(cells.map((cell) => cell.panel))].slice(0, 24);
  const batches = [...new Set(cells.map((cell) => cell.batch))].sort((a, b) => b - a);
  return {
    config: {
      background: null,
      view: { stroke: null },
      font: "system-ui, sans-serif",
      axis: { labelColor: "#5f6b7a", titleColor: "#5f6b7a", domain: false, ticks: false },
      title: { color: "#1b1f24", anchor: "start", fontSize: 12.5 },
      legend: { labelColor: "#1b1f24", titleColor: "#5f6b7a", orient: "top", gradientLength: 160, gradientThickness: 9 },
    },
    columns: 2,
    concat: panels.map((panel) => ({
      title: panel,
      width: 430,
      height: { step: 30 },
      data: { values: cells.filter((cell) => cell.panel === panel) },
      encoding: {
        x: {
          field: "lr",
          type: "ordinal",
          axis: {
            title: "learning rate",
            labelAngle: -40,
            labelExpr: "datum.value >= 0.001 && datum.value < 10000 ? format(datum.value, '.3~g') : format(datum.value, '.2~e')",
          },
          scale: { paddingInner: 0.05 },
        },
        y: {
          field: "batch",
          type: "ordinal",
          sort: batches,
          scale: { domain: batches, paddingInner: 0.05 },
          axis: { title: "batch size", format: ",d" },
        },
      },
      layer: [
        {
          mark: { type: "rect", cornerRadius: 2 },
          encoding: {
            color: {
              field: "mean",
              type: "quantitative",
              scale: { domain, range: ["#2f5f8a", "#9fb6cc", "#eef0f2"], clamp: true },
              legend: { title: metric },
            },
            tooltip: [
              { field: "lr", type: "quantitative", title: "learning rate", format: ".4~g" },
              { field: "batch", type: "quantitative", title: "batch size", format: ",d" },
              { field: "mean", type: "quantitative", title: metric, format: ".5~g" },
              { field: "what", type: "nominal", title: "runs" },
            ],
          },
        },
        {
          transform: [{ filter: "datum.best" }],
          mark: { type: "rect", fill: "transparent", stroke: "#d55e00", strokeWidth: 2.5, cornerRadius: 2 },
        },
        { mark: { type: "text", fontSize: 13, fill: "#1b1f24" }, encoding: { text: { field: "mark", type: "nominal" } } },
      ],
    })),
  };
}
