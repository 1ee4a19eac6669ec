// Two stores side by side: their answers, and what differs between their studies.
import { AnswerView } from "./answer";
import { get, set } from "./address";
import { el, select } from "./dom";
import { ask, type StoreState } from "./server";

export class CompareView {
  readonly root = el("div", { class: "compare-view" });
  private answers: AnswerView[] = [];
  private pair = "";
  private readonly sides = el("div", { class: "sides" });
  private readonly differences = el("div");
  private readonly controls = el("div", { class: "controls" });

  constructor(private readonly stores: () => StoreState[]) {
    this.root.append(this.controls, this.sides, el("h2", {}, "What differs between the studies"), this.differences);
  }

  async refresh(): Promise<void> {
    const stores = this.stores();
    const names = stores.map((s) => `${s.store}: ${s.path}`);
    const [a, b] = [Number(get("left")) || 0, get("right") === "" ? Math.min(1, stores.length - 1) : Number(get("right"))];
    if (this.pair !== `${a},${b}`) {
      this.pair = `${a},${b}`;
      const choose = (label: string, at: number, name: string) =>
        select(label, names, names[at], (chosen) => {
          set({ [name]: String(names.indexOf(chosen)) });
          void this.refresh();
        });
      this.controls.replaceChildren(choose("left", a, "left"), choose("right", b, "right"));
      // One drawing of each: two of one store would have the same anchors.
      this.answers = (a === b ? [a] : [a, b]).map((store) => new AnswerView(store, (part) => part.id === "opening"));
      this.sides.replaceChildren(
        ...this.answers.map((answer, at) =>
          el("section", { "aria-label": names[at === 0 ? a : b] }, el("p", { class: "title" }, names[at === 0 ? a : b]), answer.root),
        ),
      );
    }
    for (const answer of this.answers) await answer.refresh();
    const { rows } = await ask<{ rows: { key: string; first: string | null; second: string | null }[] }>(a, "differences", { with: b });
    this.differences.replaceChildren(
      rows.length === 0
        ? el("p", { class: "empty" }, "Nothing: the two are the same study.")
        : el(
            "div",
            { class: "table", role: "region", tabindex: 0, "aria-label": "what differs" },
            el(
              "table",
              {},
              el("thead", {}, el("tr", {}, ...["key", "left", "right"].map((head) => el("th", { scope: "col" }, head)))),
              el(
                "tbody",
                {},
                ...rows.map((row) =>
                  el(
                    "tr",
                    {},
                    el("th", { scope: "row" }, row.key),
                    el("td", { class: "wide" }, row.first ?? "–"),
                    el("td", { class: "wide" }, row.second ?? "–"),
                  ),
                ),
              ),
            ),
          ),
    );
  }
}
