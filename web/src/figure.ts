// Draws one specification as SVG without a page; the program runs it (src/Gaplab.Pictures).
import "./host";
import * as vega from "vega";
import { compile } from "vega-lite";
import { textMetrics } from "vega-scenegraph";
import { fitted, type Spec } from "./panels";

/** The font of a picture; the program draws PNG with a copy of its own. */
const font = "DejaVu Sans, Verdana, sans-serif";

// There is no canvas to measure words on. Roughly DejaVu's widths, in parts of the size of the letters.
textMetrics.width = (item: { fontSize?: number; fontWeight?: unknown }, text: unknown): number => {
  let width = 0;
  for (const letter of String(text ?? "")) width += /[iIjl.,:;'|!\s]/.test(letter) ? 0.31 : /[mwMW@%]/.test(letter) ? 0.88 : 0.62;
  const bold = item.fontWeight === "bold" || Number(item.fontWeight) >= 600;
  return width * (item.fontSize ?? 11) * (bold ? 1.11 : 1);
};

/** Calls back with the SVG, or with what went wrong. */
function drawFigure(text: string, width: number, done: (svg: string) => void, failed: (why: string) => void): void {
  try {
    const spec = fitted(JSON.parse(text) as Spec, width);
    if (spec.width === "container") spec.width = width;
    spec.background = "white";
    spec.padding ??= 8;
    spec.config = { ...(spec.config as Spec | undefined), font };
    const view = new vega.View(vega.parse(compile(spec as never).spec), { renderer: "none" });
    view.toSVG().then(done, (error: unknown) => failed(String(error)));
  } catch (error) {
    failed(String(error));
  }
}

(globalThis as unknown as { drawFigure: typeof drawFigure }).drawFigure = drawFigure;
