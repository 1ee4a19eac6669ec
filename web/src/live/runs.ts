// The table of runs: searched, filtered and sorted by the server, which has all of them; each missing one says why.
import { get, href, set } from "./address";
import { count, digits, el, search } from "./dom";
import { ask, type RunRow } from "./server";

interface Runs {
  columns: string[];
  all: number;
  matching: number;
  from: number;
  rows: RunRow[];
}

const pageSize = 100;

export class RunsView {
  readonly root = el("div", { class: "runs-view" });
  private readonly said = el("p", { class: "said", role: "status" });
  private readonly table = el("div", { class: "table", role: "region", tabindex: 0, "aria-label": "runs" });
  private readonly pages = el("p", { class: "saves" });
  private asked = 0;

  constructor(private readonly store: number) {
    this.root.append(
      el("h2", {}, "Runs"),
      el(
        "div",
        { class: "controls" },
        search(get("q"), (q) => this.change({ q, from: "" })),
      ),
      el(
        "p",
        { class: "note" },
        "Words are looked for anywhere in a row; conditions are on columns, with =, !=, <, <=, > and >=. All must hold.",
      ),
      this.said,
      this.table,
      this.pages,
    );
  }

  private change(values: { [name: string]: string }): void {
    set(values);
    void this.refresh();
  }

  async refresh(): Promise<void> {
    const asked = ++this.asked;
    const query = { q: get("q"), sort: get("sort"), desc: get("desc") };
    let runs: Runs;
    try {
      runs = await ask<Runs>(this.store, "runs", { ...query, from: Number(get("from")) || 0, count: pageSize });
    } catch (error) {
      this.said.textContent = (error as Error).message;
      return;
    }
    if (asked !== this.asked) return; // an answer to what was typed before
    this.said.textContent =
      runs.matching === 0
        ? get("q")
          ? `No run matches "${get("q")}": ${count(runs.all, "run")} without it.`
          : "The study has asked for no run yet."
        : `${count(runs.matching, "run")}${get("q") ? ` of ${runs.all.toLocaleString("en")} match` : ""}` +
          (runs.rows.length < runs.matching ? `; ${runs.from + 1} to ${runs.from + runs.rows.length} are shown` : "") +
          ".";
    const heads = runs.columns.map((name) => {
      const sorted = get("sort") === name;
      return el(
        "th",
        {
          scope: "col",
          class: numeric(name) ? "n" : undefined,
          "aria-sort": sorted ? (get("desc") === "1" ? "descending" : "ascending") : undefined,
        },
        el(
          "button",
          { type: "button", click: () => this.change({ sort: name, desc: sorted && get("desc") !== "1" ? "1" : "", from: "" }) },
          name,
        ),
      );
    });
    const rows = runs.rows.map((row) =>
      el(
        "tr",
        { class: row.state },
        ...runs.columns.map((name) =>
          name === "id"
            ? el(
                "th",
                { scope: "row" },
                el("a", { href: href({ view: "run", run: row.id }), "data-inside": true }, el("code", {}, row.id.slice(0, 12))),
              )
            : el("td", { class: numeric(name) ? "n" : name === "reason" ? "wide" : undefined }, cell(row, name)),
        ),
      ),
    );
    this.table.replaceChildren(el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows)));
    const page = (words: string, from: number) =>
      el("button", { type: "button", class: "save", click: () => this.change({ from: from > 0 ? String(from) : "" }) }, words);
    this.pages.replaceChildren(
      ...(runs.from > 0 ? [page("earlier", Math.max(0, runs.from - pageSize))] : []),
      ...(runs.from + runs.rows.length < runs.matching ? [page("later", runs.from + pageSize)] : []),
      el(
        "a",
        { href: `api/${this.store}/runs.csv?${new URLSearchParams(query)}`, download: "runs.csv" },
        `Save ${count(runs.matching, "row")} as CSV`,
      ),
    );
  }
}

function numeric(name: string): boolean {
  return ["batch", "lr", "seed", "value", "clip", "seconds"].includes(name);
}

function cell(row: RunRow, name: string): string {
  const value = (row as unknown as { [name: string]: string | number | boolean | null })[name];
  return name === "tuned"
    ? value
      ? "yes"
      : ""
    : name === "batch"
      ? row.batch.toLocaleString("en")
      : value === null
        ? "–"
        : typeof value === "number"
          ? digits(value)
          : String(value);
}
