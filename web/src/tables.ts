// Sorting by a column and copying as CSV, for tables that are complete without it.

import { csvLine, number } from "./csv";

/** Gives every table below an element a copy button and headers that sort. */
export function equipTables(root: ParentNode, page: Document): void {
  for (const table of root.querySelectorAll<HTMLTableElement>(".table table")) {
    const heads = [...table.querySelectorAll<HTMLTableCellElement>("thead th")];
    heads.forEach((head, column) => {
      const button = page.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      button.addEventListener("click", () => sort(table, heads, column));
      head.replaceChildren(button);
    });
    const copy = page.createElement("button");
    copy.type = "button";
    copy.className = "copy";
    copy.textContent = "copy as CSV";
    copy.addEventListener("click", () => {
      void put(page, csv(table, heads)).then((done) => {
        copy.textContent = done ? "copied" : "copying is not allowed here";
        setTimeout(() => (copy.textContent = "copy as CSV"), 1500);
      });
    });
    table.caption?.append(copy);
  }
}

/** A cell's exact value where it has one, else its text. */
function value(row: HTMLTableRowElement, column: number): string {
  const cell = row.cells[column];
  return cell?.dataset.value ?? cell?.textContent ?? "";
}

function sort(table: HTMLTableElement, heads: HTMLTableCellElement[], column: number): void {
  const head = heads[column];
  const ascending = head.getAttribute("aria-sort") !== "ascending";
  heads.forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const body = table.tBodies[0];
  const sign = ascending ? 1 : -1;
  const rows = [...body.rows].map((row) => ({ row, text: value(row, column), number: number(value(row, column)) }));
  rows.sort((a, b) => {
    // What is no number stands last, whichever way the column is sorted.
    if (Number.isNaN(a.number) !== Number.isNaN(b.number)) return Number.isNaN(a.number) ? 1 : -1;
    return sign * (Number.isNaN(a.number) ? a.text.localeCompare(b.text) : a.number === b.number ? 0 : a.number - b.number);
  });
  body.append(...rows.map((r) => r.row));
}

function csv(table: HTMLTableElement, heads: HTMLTableCellElement[]): string {
  const lines = [heads.map((head) => (head.textContent ?? "").trim())];
  for (const row of table.tBodies[0].rows) lines.push(heads.map((_, column) => value(row, column).trim()));
  return lines.map(csvLine).join("\n") + "\n";
}

async function put(page: Document, text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page opened from disk may not use the clipboard directly; a selected text field may.
    const field = page.createElement("textarea");
    field.value = text;
    page.body.append(field);
    field.select();
    const done = page.execCommand("copy");
    field.remove();
    return done;
  }
}
