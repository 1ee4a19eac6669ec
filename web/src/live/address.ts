// What is looked at is in the address: it can be bookmarked, sent, and gone back to.

export type View = "answer" | "curves" | "rates" | "parallel" | "sharpness" | "noise" | "spectra" | "runs" | "run" | "compare";

const views: View[] = ["answer", "curves", "rates", "parallel", "sharpness", "noise", "spectra", "runs", "run", "compare"];

/** The values of the address; "" for one that it does not have. */
export function get(name: string): string {
  return new URLSearchParams(location.search).get(name) ?? "";
}

/** Sets some values ("" removes one). A new view is a new entry of the history, a change within one is not. */
export function set(values: { [name: string]: string }, isNew = false): void {
  const address = href(values);
  if (isNew) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}

/** The address with some values set. */
export function href(values: { [name: string]: string }): string {
  const all = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(values)) {
    if (value === "") all.delete(name);
    else all.set(name, value);
  }
  const text = all.toString();
  return text ? `?${text}` : location.pathname;
}

export function view(): View {
  const named = get("view");
  return (views as string[]).includes(named) ? (named as View) : "answer";
}

export function store(): number {
  return Number(get("store")) || 0;
}
