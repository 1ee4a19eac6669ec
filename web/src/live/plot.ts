// Many long curves on a canvas, in the page's colours, to be saved as a picture or as numbers.
import uPlot from "uplot";
import { csvLine } from "../csv";
import { digits, el, save } from "./dom";

export interface Series {
  name: string;
  /** What has one colour. */
  group: string;
  x: number[];
  y: (number | null)[];
  run: string;
}

export interface Axes {
  x: string;
  y: string;
  logX: boolean;
  logY: boolean;
  /** Of the colours; groups that are not here come after them. */
  order?: string[];
}

const height = 380;

/** A plot that keeps its place while its data change. */
export class Plot {
  readonly root: HTMLElement;
  private readonly place = el("div", { class: "canvas", role: "img" });
  private readonly legend = el("p", { class: "groups" });
  private readonly under = el("p", { class: "under", "aria-hidden": true });
  private series: Series[] = [];
  private axes: Axes = { x: "x", y: "y", logX: false, logY: false };
  private plot: uPlot | null = null;
  private drawnAs = "";

  constructor(private readonly name: string) {
    const button = (text: string, click: () => void) => el("button", { type: "button", class: "save", click }, text);
    this.root = el(
      "figure",
      { class: "plotted" },
      this.legend,
      this.place,
      this.under,
      el(
        "p",
        { class: "saves" },
        button("Save as SVG", () => this.saveSvg()),
        button("Save as PNG", () => this.savePng()),
        button("Save the numbers as CSV", () => this.saveCsv()),
      ),
    );
    new ResizeObserver(() => {
      if (this.plot && this.place.clientWidth > 0 && this.plot.width !== this.place.clientWidth)
        this.plot.setSize({ width: this.place.clientWidth, height });
    }).observe(this.place);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.drawnAs = "";
      this.draw(this.series, this.axes);
    });
  }

  draw(series: Series[], axes: Axes): void {
    // A logarithm has no place for zero.
    this.series = series.map((s) => ({
      ...s,
      x: s.x.map((x) => (axes.logX && x <= 0 ? NaN : x)),
      y: s.y.map((y) => (axes.logY && y !== null && y <= 0 ? null : y)),
    }));
    this.axes = axes;
    this.place.setAttribute("aria-label", `${axes.y} against ${axes.x} of ${series.length} runs; the numbers can be saved as CSV`);
    this.root.hidden = series.length === 0;
    const groups = this.groups();
    const colours = groups.map((_, at) => this.colour(`--series${(at % 8) + 1}`));
    this.legend.replaceChildren(...groups.map((group, at) => el("span", {}, el("i", { style: `background: ${colours[at]}` }), group)));
    if (series.length === 0) return;
    const tables = this.series.map((s) => {
      const at = s.x.map((x, i) => i).filter((i) => Number.isFinite(s.x[i]));
      return [at.map((i) => s.x[i]), at.map((i) => s.y[i])] as uPlot.AlignedData;
    });
    const data = uPlot.join(tables);
    const as = JSON.stringify([axes, series.map((s) => s.run + s.name)]);
    if (this.plot && as === this.drawnAs) {
      this.plot.setData(data);
      return;
    }
    this.drawnAs = as;
    this.plot?.destroy();
    const ink = this.colour("--muted");
    const axis = (label: string): uPlot.Axis => ({
      label,
      stroke: ink,
      grid: { stroke: this.colour("--line"), width: 1 },
      ticks: { stroke: this.colour("--line"), width: 1 },
      values: (_, splits) => splits.map((v) => (v === null ? "" : Math.abs(v) >= 1000 ? v.toLocaleString("en") : digits(v))),
    });
    this.plot = new uPlot(
      {
        width: Math.max(this.place.clientWidth, 280),
        height,
        legend: { show: false },
        cursor: { focus: { prox: 24 }, points: { show: false } },
        focus: { alpha: 0.25 },
        scales: { x: { time: false, distr: axes.logX ? 3 : 1 }, y: { distr: axes.logY ? 3 : 1 } },
        axes: [axis(axes.x), { ...axis(axes.y), size: 64 }],
        series: [
          {},
          ...this.series.map((s) => ({
            label: s.name,
            stroke: colours[groups.indexOf(s.group)],
            width: 1.5,
            spanGaps: true,
            points: { show: false },
          })),
        ],
        hooks: { setSeries: [(u, at) => this.tell(u, at)], setCursor: [(u) => this.tell(u, null)] },
      },
      data,
      this.place,
    );
  }

  private focused: number | null = null;

  private tell(u: uPlot, at: number | null): void {
    if (at !== null) this.focused = at;
    const near = this.focused !== null ? this.series[this.focused - 1] : undefined;
    const index = u.cursor.idx;
    const value = near && index != null ? u.data[this.focused!]?.[index] : null;
    this.under.textContent = near
      ? `${near.name}${value != null ? `: ${digits(value)} at ${u.data[0][index!].toLocaleString("en")} ${this.axes.x}` : ""}`
      : "\u00a0";
  }

  private colour(name: string): string {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  private groups(): string[] {
    return [...new Set([...(this.axes.order ?? []), ...this.series.map((s) => s.group)])];
  }

  private savePng(): void {
    const canvas = this.place.querySelector("canvas");
    if (!canvas) return;
    const copy = el("canvas", { width: canvas.width, height: canvas.height });
    const context = copy.getContext("2d")!;
    context.fillStyle = this.colour("--page");
    context.fillRect(0, 0, copy.width, copy.height);
    context.drawImage(canvas, 0, 0);
    copy.toBlob((blob) => blob && save(`${this.name}.png`, blob), "image/png");
  }

  private saveSvg(): void {
    const u = this.plot;
    if (!u) return;
    const ratio = uPlot.pxRatio;
    const box = { left: u.bbox.left / ratio, top: u.bbox.top / ratio, width: u.bbox.width / ratio, height: u.bbox.height / ratio };
    const groups = this.groups();
    const text = (x: number, y: number, anchor: string, words: string) =>
      `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${this.colour("--muted")}">${escape(words)}</text>`;
    const parts: string[] = [];
    (u.axes as (uPlot.Axis & { _splits?: number[]; _values?: string[] })[]).forEach((axis, which) => {
      (axis._splits ?? []).forEach((split, at) => {
        const words = axis._values?.[at];
        if (words === undefined || words === null || words === "") return;
        const to = u.valToPos(split, which === 0 ? "x" : "y");
        parts.push(
          which === 0
            ? text(box.left + to, box.top + box.height + 16, "middle", words)
            : text(box.left - 8, box.top + to + 4, "end", words),
        );
      });
    });
    parts.push(
      text(box.left + box.width / 2, box.top + box.height + 36, "middle", this.axes.x),
      text(box.left, box.top - 4, "start", this.axes.y),
    );
    this.series.forEach((s) => {
      const points = s.x.flatMap((x, at) =>
        Number.isFinite(x) && s.y[at] !== null
          ? [`${(box.left + u.valToPos(x, "x")).toFixed(1)},${(box.top + u.valToPos(s.y[at]!, "y")).toFixed(1)}`]
          : [],
      );
      const stroke = this.colour(`--series${(groups.indexOf(s.group) % 8) + 1}`);
      parts.push(
        `<polyline fill="none" stroke="${stroke}" stroke-width="1.5" points="${points.join(" ")}">` +
          `<title>${escape(s.name)}</title></polyline>`,
      );
    });
    groups.forEach((group, at) => {
      parts.push(
        `<rect x="${box.left + 110 * at}" y="${height + 12}" width="10" height="10" fill="${this.colour(`--series${(at % 8) + 1}`)}"/>`,
        text(box.left + 110 * at + 16, height + 21, "start", group),
      );
    });
    const svg =
      `<svg xmlns="http://www.w3.org/2000/svg" width="${u.width}" height="${height + 30}" font-family="sans-serif" font-size="11">` +
      `<rect width="100%" height="100%" fill="${this.colour("--page")}"/>${parts.join("")}</svg>`;
    save(`${this.name}.svg`, new Blob([svg], { type: "image/svg+xml" }));
  }

  private saveCsv(): void {
    const lines = [csvLine(["run", "name", this.axes.x, this.axes.y])];
    for (const s of this.series)
      s.x.forEach((x, at) => s.y[at] !== null && lines.push(csvLine([s.run, s.name, String(x), String(s.y[at])])));
    save(`${this.name}.csv`, new Blob([lines.join("\n") + "\n"], { type: "text/csv" }));
  }
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
