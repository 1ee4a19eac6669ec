// Compiles and draws every Vega-Lite specification of a JSON array; a warning or an error anywhere fails.
import { readFileSync } from "node:fs";
import * as vega from "vega";
import { compile } from "vega-lite";

const complaints = [];
const logger = {
  level: () => logger,
  error: (...words) => (complaints.push(["error", ...words].join(" ")), logger),
  warn: (...words) => (complaints.push(["warning", ...words].join(" ")), logger),
  info: () => logger,
  debug: () => logger,
};
// The other views of a chart are charts too.
const views = (spec) => [spec, ...(spec.usermeta?.views ?? []).map((view) => view.spec).filter((other) => other)];
const charts = JSON.parse(readFileSync(process.argv[2], "utf8"));
const specs = charts.flatMap(views);
for (const [index, spec] of specs.entries()) {
  const before = complaints.length;
  try {
    // There is no page here whose width the chart could take.
    if (spec.width === "container") spec.width = 800;
    const view = new vega.View(vega.parse(compile(spec, { logger }).spec, undefined, { logger }), { renderer: "none", logger });
    const svg = await view.toSVG();
    // A chart without marks is a chart that lost its data.
    if (!/mark-(symbol|line|rect)/.test(svg)) complaints.push("no marks were drawn");
    if (/NaN/.test(svg)) complaints.push("a coordinate is NaN");
  } catch (error) {
    complaints.push(`error ${error.stack}`);
  }
  for (let i = before; i < complaints.length; i++) complaints[i] = `chart ${index}: ${complaints[i]}`;
}
console.log(complaints.join("\n") + `\n${charts.length} charts drawn, ${complaints.length} complaints`);
process.exit(complaints.length === 0 ? 0 : 1);
