// Pages in their parts: the answer so far, and what probes measured. A part is asked for when it has changed, and redrawn then.
import { drawCharts } from "../charts";
import { equipTables } from "../tables";
import { href } from "./address";
import { el } from "./dom";
import { ask, askText, type Part } from "./server";

interface Answer {
  problem: string | null;
  /** A later page than this can be had in a while. */
  stale?: boolean;
  parts: Part[];
}

/** Milliseconds until a page that is being outrun by its study is asked for again. */
const patience = 5000;

/** Shows the answer of a store, or a view of what probes measured in it. */
export class AnswerView {
  readonly root = el("div", { class: "answer-view" });
  private readonly shown = new Map<string, { digest: string; place: HTMLElement }>();
  private waiting = 0;

  /**
   * @param only Which parts; the rest of the page is left out.
   * @param of A view of probes by its name; "" is the answer.
   */
  constructor(
    private readonly store: number,
    private readonly only: (part: Part) => boolean = () => true,
    private readonly of = "",
  ) {}

  async refresh(): Promise<void> {
    if (this.of && this.shown.size === 0) this.root.replaceChildren(el("p", { class: "empty" }, "What was measured is being read …"));
    const answer = await ask<Answer>(this.store, this.of ? `measured/${this.of}` : "answer");
    window.clearTimeout(this.waiting);
    if (answer.stale) this.waiting = window.setTimeout(() => this.root.isConnected && void this.refresh(), patience);
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
    // One after another, so that the first screen is there before the rest has travelled.
    let before: HTMLElement | null = null;
    for (const part of parts) {
      const known = this.shown.get(part.id);
      if (known?.digest !== part.digest) {
        const html = await askText(this.store, `part/${part.id}`, { of: this.of, digest: part.digest });
        if (!this.root.isConnected) return;
        const place = el("div", { class: "part", "data-part": part.id });
        place.innerHTML = html;
        keepUnfolded(known?.place, place);
        if (known) known.place.replaceWith(place);
        else if (before) before.after(place);
        else this.root.prepend(place);
        this.shown.set(part.id, { digest: part.digest, place });
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
