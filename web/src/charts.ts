// Draws the Vega-Lite specifications of a report as SVG, whose colours the page's style sheet ties to its scheme.
import embed from "vega-embed";
import { expressionInterpreter } from "vega-interpreter";

/** Draws every `.plot`: at once before printing, otherwise when it comes near the screen. */
export function drawCharts(page: Document): void {
  const plots = [...page.querySelectorAll<HTMLElement>(".plot[data-spec]")];
  const drawn = new WeakSet<HTMLElement>();
  const drawOnce = (plot: HTMLElement): Promise<void> => {
    if (drawn.has(plot)) return Promise.resolve();
    drawn.add(plot);
    return draw(page, plot);
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

async function draw(page: Document, plot: HTMLElement): Promise<void> {
  const data = page.getElementById(plot.dataset.spec ?? "");
  try {
    await embed(plot, JSON.parse(data?.textContent ?? ""), {
      mode: "vega-lite",
      renderer: "svg",
      // The interpreter needs no eval, so the page's content policy can forbid it.
      ast: true,
      expr: expressionInterpreter,
      actions: { export: true, source: false, compiled: false, editor: false },
      downloadFileName: plot.dataset.name,
      loader: { load: () => Promise.reject(new Error("a report loads nothing")) } as never,
      i18n: { CLICK_TO_VIEW_ACTIONS: "Save the picture", SVG_ACTION: "Save as SVG", PNG_ACTION: "Save as PNG" },
    });
  } catch (error) {
    const line = page.createElement("p");
    line.className = "failed";
    const cause = error instanceof Error ? error.message : String(error);
    line.textContent = `The chart could not be drawn (${cause}). The table below holds its numbers.`;
    plot.replaceChildren(line);
  }
}
