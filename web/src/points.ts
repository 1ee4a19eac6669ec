// From a point of a chart to the row of a table that holds its numbers and its runs.

/** Follows clicks on points that name a row (`at`): the row is shown with its runs unfolded. */
export function followPoints(page: Document): void {
  page.addEventListener("gaplab-point", (event) => {
    const at = ((event as CustomEvent).detail as { at?: unknown }).at;
    if (typeof at === "string") showRow(page, at);
  });
  window.addEventListener("hashchange", () => {
    const id = decodeURIComponent(location.hash.slice(1));
    unfold(page, id);
    showRow(page, id);
  });
  // On paper nothing can be unfolded.
  window.addEventListener("beforeprint", () => {
    for (const folded of page.querySelectorAll<HTMLDetailsElement>("details.folded")) folded.open = true;
  });
}

/** Whoever goes to a section wants to see it. */
function unfold(page: Document, id: string): void {
  const folded = id ? page.getElementById(id)?.querySelector<HTMLDetailsElement>(":scope > details.folded") : null;
  if (folded) folded.open = true;
}

function showRow(page: Document, id: string): void {
  const row = id ? page.getElementById(id) : null;
  if (!(row instanceof HTMLTableRowElement)) return;
  page.querySelectorAll("tr.shown").forEach((other) => other.classList.remove("shown"));
  row.classList.add("shown");
  for (let outer = row.parentElement; outer; outer = outer.parentElement) if (outer instanceof HTMLDetailsElement) outer.open = true;
  const runs = row.querySelector("td.runs details");
  if (runs instanceof HTMLDetailsElement) runs.open = true;
  row.scrollIntoView({ block: "center", behavior: "smooth" });
}
