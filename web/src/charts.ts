// Draws Vega-Lite specifications as SVG, whose colours the page's style sheet ties to its scheme.
import embed from "vega-embed";
import { expressionInterpreter } from "vega-interpreter";
import { fitted, type Spec } from "./panels";

/** The view that a reader has chosen of a figure; kept when it is drawn anew with other numbers. */
const chosenViews = new Map<string, number>();

/** Tells every figure of a page what a reader has chosen for all of them. */
const chosenForAll = "gaplab-chosen";

/** Draws every `.plot` below an element: at once before printing, otherwise when it comes near the screen. */
export function drawCharts(root: ParentNode, page: Document): void {
  const plots = [...root.querySelectorAll<HTMLElement>(".plot[data-spec]")];
  const drawn = new WeakSet<HTMLElement>();
  const drawOnce = (plot: HTMLElement): Promise<void> => {
    if (drawn.has(plot)) return Promise.resolve();
    drawn.add(plot);
    return drawFrom(page, plot);
  };
  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        observer.unobserve(entry.target);
        void drawOnce(entry.target as HTMLElement);
      }
    },
    { rootMargin: "800px" },
  );
  for (const plot of plots) observer.observe(plot);
  window.addEventListener("beforeprint", () => plots.forEach((plot) => void drawOnce(plot)));
}

/** Draws the specification that the page holds for a plot, and offers its other views. */
async function drawFrom(page: Document, plot: HTMLElement): Promise<void> {
  const held = page.getElementById(plot.dataset.spec ?? "")?.textContent ?? "";
  let spec: Spec;
  try {
    spec = JSON.parse(held) as Spec;
  } catch (error) {
    tell(page, plot, error);
    return;
  }
  const meta = spec.usermeta as { title?: string | null; views?: { name: string; spec: Spec | null }[] } | undefined;
  const views = meta?.views ?? [];
  const name = plot.dataset.name ?? "";
  // A scale is chosen for one figure; what is in colour, for all of them.
  const common = meta?.title ?? "";
  const key = common || name;
  const first = Math.min(chosenViews.get(key) ?? 0, Math.max(0, views.length - 1));
  let shown = views[first]?.spec ?? spec;
  let width = plot.clientWidth;
  await drawChart(page, plot, shown);
  if (views.length > 1) {
    const show = (at: number): void => {
      shown = views[at]?.spec ?? spec;
      void drawChart(page, plot, shown);
    };
    const group = choice(
      page,
      common || "scale",
      name,
      views.map((view) => view.name),
      first,
      (at) => {
        chosenViews.set(key, at);
        if (common) page.dispatchEvent(new CustomEvent(chosenForAll, { detail: { title: common, at } }));
        else show(at);
      },
    );
    plot.before(group);
    if (common)
      page.addEventListener(chosenForAll, (event) => {
        const { title, at } = (event as CustomEvent<{ title: string; at: number }>).detail;
        if (title !== common || !plot.isConnected) return;
        group.querySelectorAll("input").forEach((input, i) => (input.checked = i === at));
        show(at);
      });
  }
  // Panels are laid out for a width; a figure as wide as its place follows by itself.
  new ResizeObserver(() => {
    const now = plot.clientWidth;
    if (!("concat" in shown) || Math.abs(now - width) < 24 || Math.min(now, width) >= 1000) return;
    width = now;
    void drawChart(page, plot, shown);
  }).observe(plot);
}

/** Draws one specification. A click on a mark tells the plot's `gaplab-point` event what it shows. */
export async function drawChart(page: Document, plot: HTMLElement, spec: Spec): Promise<void> {
  const label = plot.getAttribute("aria-label") ?? plot.dataset.label ?? "";
  try {
    const { view } = await embed(plot, fitted(spec, roomOf(plot)) as never, {
      mode: "vega-lite",
      renderer: "svg",
      // The interpreter needs no eval, so the page's content policy can forbid it.
      ast: true,
      expr: expressionInterpreter,
      actions: { export: true, source: false, compiled: false, editor: false },
      downloadFileName: plot.dataset.name,
      patch: (drawn) => mute(drawn as Spec),
      loader: { load: () => Promise.reject(new Error("a report loads nothing")) } as never,
      i18n: { CLICK_TO_VIEW_ACTIONS: "Save the picture", SVG_ACTION: "Save as SVG", PNG_ACTION: "Save as PNG" },
    });
    // The picture is the drawing; the menu beside it is no part of it.
    const svg = plot.querySelector("svg.marks");
    if (svg && label) {
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", label);
      plot.dataset.label = label;
      plot.removeAttribute("role");
      plot.removeAttribute("aria-label");
    }
    // What can be scrolled can be reached by keyboard.
    if (plot.scrollWidth > plot.clientWidth) plot.tabIndex = 0;
    plot.querySelector("summary")?.setAttribute("aria-label", "Save the picture");
    view.addEventListener("click", (_, item) => {
      const datum = (item as { datum?: unknown } | null | undefined)?.datum;
      if (datum) plot.dispatchEvent(new CustomEvent("gaplab-point", { bubbles: true, detail: datum }));
    });
  } catch (error) {
    tell(page, plot, error);
  }
}

/** One picture with one description: its marks, axes and legends have none of their own. */
function mute(drawn: Spec): never {
  for (const part of ["marks", "axes", "legends"])
    for (const one of (drawn[part] as Spec[] | undefined) ?? []) {
      one.aria = false;
      mute(one);
    }
  return drawn as never;
}

/** The width that a drawing may have: the menu stands beside it. */
const menu = 40;

function roomOf(plot: HTMLElement): number {
  return plot.clientWidth - menu;
}

function tell(page: Document, plot: HTMLElement, error: unknown): void {
  const line = page.createElement("p");
  line.className = "failed";
  const cause = error instanceof Error ? error.message : String(error);
  line.textContent = `The chart could not be drawn (${cause}). The table below holds its numbers.`;
  plot.replaceChildren(line);
}

/** One of several, as radio buttons. */
export function choice(
  page: Document,
  title: string,
  name: string,
  options: string[],
  first: number,
  chosen: (at: number) => void,
): HTMLElement {
  const group = page.createElement("fieldset");
  group.className = "views";
  const legend = page.createElement("legend");
  legend.textContent = title;
  group.append(legend);
  options.forEach((option, at) => {
    const label = page.createElement("label");
    const input = page.createElement("input");
    input.type = "radio";
    input.name = `${name}-${title}`;
    input.checked = at === first;
    input.addEventListener("change", () => input.checked && chosen(at));
    label.append(input, option);
    group.append(label);
  });
  return group;
}
