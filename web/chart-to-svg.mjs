// Draws one chart of a report as SVG, for documents: node web/chart-to-svg.mjs report.html gap > gap.svg
import { readFileSync } from "node:fs";
import * as vega from "vega";
import { compile } from "vega-lite";

const [page, chart] = process.argv.slice(2);
if (!page || !chart) {
  console.error("usage: node web/chart-to-svg.mjs REPORT.html CHART   (gap, tuning, curves or clip)");
  process.exit(2);
}
const found = readFileSync(page, "utf8").match(new RegExp(`<script type="application/json" id="${chart}-spec">([\\s\\S]*?)</script>`));
if (!found) {
  console.error(`${page} has no chart '${chart}'`);
  process.exit(2);
}
const spec = JSON.parse(found[1]);
if (spec.width === "container") spec.width = 640;
spec.background = "white";
const view = new vega.View(vega.parse(compile(spec).spec), { renderer: "none" });
console.log(await view.toSVG());
