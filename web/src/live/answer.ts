// The answer so far: the parts of the report, each redrawn when it has changed and left alone when not.
import { drawCharts } from "../charts";
import { equipTables } from "../tables";
import { href } from "./address";
import { el } from "./dom";
import { ask, type Part } from "./server";

interface Answer {
  study: string;
  problem: string | null;
  parts: Part[];
}

/** Shows the answer of a store. */
export class AnswerView {
  readonly root = el("div", { class: "answer-view" });
  private readonly shown = new Map<string, { html: string; place: HTMLElement }>();

  /** @param only Which parts; the rest of the report is left out. */
  constructor(
    private readonly store: number,
    private readonly only: (part: Part) => boolean = () => true,
  ) {}

  async refresh(): Promise<void> {
    const answer = await ask<Answer>(this.store, "answer");
    const parts = answer.parts.filter(this.only);
    if (parts.length === 0) {
      this.shown.clear();
      this.root.replaceChildren(el("p", { class: "empty" }, answer.problem ?? "Nothing to show yet."));
      return;
    }
    if (this.shown.size === 0) this.root.replaceChildren();
    const ids = new Set(parts.map((part) => part.id));
    for (const [id, { place }] of this.shown) {
      if (ids.has(id)) continue;
      place.remove();
      this.shown.delete(id);
    }
    let before: HTMLElement | null = null;
    for (const part of parts) {
      const known = this.shown.get(part.id);
      if (known?.html !== part.html) {
        const place = el("div", { class: "part", "data-part": part.id });
        place.innerHTML = part.html;
        keepUnfolded(known?.place, place);
        if (known) known.place.replaceWith(place);
        else if (before) before.after(place);
        else this.root.prepend(place);
        this.shown.set(part.id, { html: part.html, place });
        linkRuns(place);
        equipTables(place, document);
        drawCharts(place, document);
      }
      before = this.shown.get(part.id)!.place;
    }
  }
}

/** What a reader had unfolded stays so. */
function keepUnfolded(from: HTMLElement | undefined, to: HTMLElement): void {
  const old = [...(from?.querySelectorAll("details") ?? [])];
  [...to.querySelectorAll("details")].forEach((details, at) => (details.open = old[at]?.open ?? false));
}

/** Ids of runs lead to their pages. */
function linkRuns(place: HTMLElement): void {
  for (const code of place.querySelectorAll<HTMLElement>("td.runs code, .provenance code")) {
    const id = code.textContent ?? "";
    if (!/^[0-9a-f]{8,64}$/.test(id)) continue;
    code.replaceWith(el("a", { href: href({ view: "run", run: id }), "data-inside": true }, el("code", {}, id)));
  }
}
