// Writes lines of CSV as a page's "copy as CSV" does. Reads a JSON file that holds a list of lines, each a list of fields; prints the lines.
import { readFileSync } from "node:fs";
import { buildSync } from "esbuild";

const module = buildSync({ entryPoints: [new URL("src/csv.ts", import.meta.url).pathname], bundle: true, format: "esm", write: false }).outputFiles[0].text;
const { csvLine } = await import("data:text/javascript," + encodeURIComponent(module));
for (const fields of JSON.parse(readFileSync(process.argv[2], "utf8"))) process.stdout.write(csvLine(fields) + "\n");
