// A run's own page: what it is, how it went, what it was made with, and its files.
import { get, href } from "./address";
import { digits, el } from "./dom";
import { Plot } from "./plot";
import { ask, type RunRow } from "./server";

interface Run {
  row: RunRow;
  spec: string | null;
  environment: string | null;
  result: string | null;
  metrics: string[];
  attempts: { time: string; outcome: string; cause: string }[];
  files: { name: string; bytes: number }[];
}

interface Curve {
  series: { steps: number[]; values: (number | null)[] }[];
}

export class RunView {
  readonly root = el("div", { class: "run-view" });
  private readonly plots = new Map<string, Plot>();
  private readonly curves = el("div", { class: "run-curves" });
  private readonly about = el("div");
  private readonly rest = el("div");

  constructor(private readonly store: number) {
    this.root.append(this.about, this.curves, this.rest);
  }

  async refresh(): Promise<void> {
    const id = get("run");
    let run: Run;
    try {
      run = await ask<Run>(this.store, `run/${id}`);
    } catch {
      this.about.replaceChildren(
        el("h2", {}, "No such run"),
        el(
          "p",
          { class: "empty" },
          `The study has asked for no run '${id}'. `,
          el("a", { href: href({ view: "runs", run: "" }), "data-inside": true }, "All runs"),
        ),
      );
      return;
    }
    const row = run.row;
    const fact = (name: string, value: string) => (value ? el("div", {}, el("dt", {}, name), el("dd", {}, value)) : null);
    this.about.replaceChildren(
      el("h2", {}, "Run ", el("code", {}, row.id)),
      el(
        "dl",
        { class: "facts" },
        fact("comparison", row.comparison),
        fact("optimizer", row.optimizer),
        fact("batch size", row.batch.toLocaleString("en")),
        fact("learning rate", digits(row.lr)),
        fact("variant", row.variant),
        fact("seed", String(row.seed)),
        fact("state", row.state + (row.reason ? `: ${row.reason}` : "")),
        fact("value", row.value === null ? "" : digits(row.value)),
        fact("steps clipped", row.clip === null ? "" : `${Math.round(100 * row.clip)} %`),
        fact("time", row.seconds === null ? "" : `${digits(row.seconds)} s`),
      ),
    );
    for (const metric of run.metrics) {
      const { series } = await ask<Curve>(this.store, "curves", { q: `id=${id}`, metric, points: 500 });
      let plot = this.plots.get(metric);
      if (!plot) {
        this.plots.set(metric, (plot = new Plot(metric)));
        this.curves.append(el("div", {}, el("h3", {}, metric), plot.root));
      }
      plot.draw(
        series.map((s) => ({ name: metric, group: row.optimizer, x: s.steps, y: s.values, run: id })),
        { x: "steps", y: metric, logX: false, logY: false },
      );
    }
    const text = (title: string, content: string | null) =>
      content ? el("details", {}, el("summary", {}, title), el("pre", { tabindex: 0 }, content)) : null;
    const nodes: (Node | null)[] = [
      text("Specification", run.spec),
      text("What it was made with", run.environment),
      text("How it ended", run.result),
      run.attempts.length > 0
        ? el(
            "section",
            {},
            el("h3", {}, "Attempts without a result"),
            el("ul", {}, ...run.attempts.map((a) => el("li", {}, `${a.time} ${a.outcome}: ${a.cause}`))),
          )
        : null,
      run.files.length > 0
        ? el(
            "section",
            {},
            el("h3", {}, "Files"),
            el(
              "ul",
              {},
              ...run.files.map((f) =>
                el(
                  "li",
                  {},
                  el("a", { href: `api/${this.store}/run/${id}/file/${f.name}`, download: f.name.split("/").pop() }, f.name),
                  ` ${f.bytes.toLocaleString("en")} bytes`,
                ),
              ),
            ),
          )
        : null,
    ];
    this.rest.replaceChildren(...nodes.filter((node): node is Node => node !== null));
  }
}
