// The script of the live page: what is looked at stands in the address, and what is new comes by itself.
import { followPoints } from "./points";
import * as address from "./live/address";
import { AnswerView } from "./live/answer";
import { CompareView } from "./live/compare";
import { CurvesView } from "./live/curves";
import { count, duration, el } from "./live/dom";
import { ParallelView } from "./live/parallel";
import { RatesView } from "./live/rates";
import { RunView } from "./live/run";
import { RunsView } from "./live/runs";
import { listen, type StoreState } from "./live/server";

interface Shown {
  root: HTMLElement;
  refresh(): Promise<void>;
}

const stores = new Map<number, StoreState>();
const title = el("h1", { class: "name" }, "Gaplab");
const status = el("p", { class: "status", role: "status" });
const bar = el("progress", { max: 1, value: 0, "aria-label": "part of the work that is done" });
const banner = el("p", { class: "finding warning banner", role: "alert", hidden: true });
const problem = el("p", { class: "finding warning", role: "alert", hidden: true });
const tabs = el("nav", { class: "tabs", "aria-label": "Views" });
const main = el("main", { id: "main", tabindex: -1 });
document.body.append(
  el("a", { class: "skip", href: "#main" }, "Skip to the view"),
  el("header", { class: "top" }, el("div", { class: "who" }, title, status), bar, tabs, banner, problem),
  main,
);

let shown: Shown | null = null;
let shownAs = "";

/** Draws the view that the address names. */
function show(): void {
  const view = address.view();
  const store = address.store();
  const as = `${view} ${store}${view === "run" ? " " + address.get("run") : ""}`;
  drawTabs();
  drawState();
  if (as !== shownAs) {
    shownAs = as;
    shown = make(view, store);
    main.replaceChildren(shown.root);
  }
  refresh();
}

function make(view: address.View, store: number): Shown {
  switch (view) {
    case "curves":
      return new CurvesView(store);
    case "rates":
      return new RatesView(store);
    case "parallel":
      return new ParallelView(store);
    case "sharpness":
    case "noise":
    case "spectra":
      return new AnswerView(store, undefined, view);
    case "runs":
      return new RunsView(store);
    case "run":
      return new RunView(store);
    case "compare":
      return new CompareView(() => [...stores.values()]);
    default:
      return new AnswerView(store);
  }
}

let busy: Shown | null = null;
let again = false;

/** What is new many times a second is drawn once in a while; a view that was just chosen at once. */
function refresh(): void {
  const view = shown;
  if (view === null) return;
  if (busy === view) {
    again = true;
    return;
  }
  busy = view;
  again = false;
  void view
    .refresh()
    .catch(() => undefined) // a server that has gone is told by the banner
    .finally(() =>
      window.setTimeout(() => {
        if (busy !== view) return;
        busy = null;
        if (again) refresh();
      }, 300),
    );
}

function changed(store: number): void {
  if (store === address.store() || address.view() === "compare") refresh();
}

function drawTabs(): void {
  const views: [address.View, string][] = [
    ["answer", "Answer"],
    ["curves", "Curves"],
    ["rates", "Learning rates"],
    ["parallel", "Settings"],
  ];
  const measured: [address.View, string][] = [
    ["sharpness", "Sharpness"],
    ["noise", "Noise"],
    ["spectra", "Spectra"],
  ];
  views.push(...measured.filter(([view]) => stores.get(address.store())?.measured.includes(view)), ["runs", "Runs"]);
  if (stores.size > 1) views.push(["compare", "Side by side"]);
  const now = address.view() === "run" ? "runs" : address.view();
  const links = views.map(([view, name]) =>
    el(
      "a",
      {
        href: address.href({ view: view === "answer" ? "" : view, run: "", from: "" }),
        "data-inside": true,
        "aria-current": view === now ? "page" : undefined,
      },
      name,
    ),
  );
  const choose =
    stores.size > 1 && now !== "compare"
      ? [...stores.values()].map((s) =>
          el(
            "a",
            {
              class: "store",
              href: address.href({ store: s.store ? String(s.store) : "", run: "" }),
              "data-inside": true,
              "aria-current": s.store === address.store() ? "true" : undefined,
            },
            s.path,
          ),
        )
      : [];
  tabs.replaceChildren(...links, ...choose);
}

function drawState(): void {
  const state = stores.get(address.store());
  if (!state) return;
  title.textContent = state.name;
  document.title = `${state.state === "running" ? `${Math.floor(100 * state.fraction)} % · ` : ""}${state.name} · Gaplab`;
  bar.value = state.fraction;
  const words = [
    `${state.done.toLocaleString("en")} of ${count(state.runs, "run")} ended`,
    state.diverged ? `${state.diverged.toLocaleString("en")} diverged` : "",
    state.failed ? `${state.failed.toLocaleString("en")} failed` : "",
    state.making && state.atWork ? `${state.making.toLocaleString("en")} being made` : "",
    state.state === "running"
      ? state.secondsLeft === null
        ? "no pace yet"
        : `about ${duration(state.secondsLeft)} left for what is asked so far`
      : "",
    state.state === "idle"
      ? "nobody is at work"
      : state.state === "done"
        ? "finished"
        : state.state === "opening"
          ? "opening the store"
          : "",
  ];
  status.textContent = words.filter((word) => word).join(" · ");
  problem.hidden = !state.problem;
  problem.textContent = state.problem ?? "";
}

// Links within the page change the view; they stay links for who opens them elsewhere.
document.addEventListener("click", (event) => {
  const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-inside]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  show();
  window.scrollTo(0, 0);
});
window.addEventListener("popstate", show);
document.addEventListener("gaplab-point", (event) => {
  const run = ((event as CustomEvent).detail as { run?: unknown }).run;
  if (typeof run !== "string" || !/^[0-9a-f]{8,64}$/.test(run)) return;
  address.set({ view: "run", run }, true);
  show();
});
followPoints(document);

listen({
  state: (state) => {
    const known = stores.get(state.store);
    stores.set(state.store, state);
    if (known?.measured.join() !== state.measured.join()) drawTabs();
    if (state.store === address.store()) drawState();
  },
  answer: changed,
  work: (store) => {
    // Only what shows single runs grows before they end; and probes measure runs that have ended.
    if (!["answer", "rates", "parallel", "compare"].includes(address.view())) changed(store);
  },
  connected: (why) => {
    banner.hidden = why === "";
    banner.textContent = why;
    if (why === "") changed(address.store());
  },
});
show();
