// Elements in one expression, and the few widgets that the views share.

type Child = Node | string | null | undefined;
type Attributes = { [name: string]: string | number | boolean | EventListener | undefined };

/** An element with attributes (functions listen to the event that they are named for) and children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child): child is Node | string => child !== null && child !== undefined));
  return made;
}

/** "1,024 runs", "1 run". */
export function count(number: number, one: string, many = one + "s"): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** Four significant digits; a dash for none. */
export function digits(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  return (size !== 0 && (size < 0.001 || size >= 1e6) ? value.toExponential(2) : String(Number(value.toPrecision(4)))).replace("-", "−");
}

export function duration(seconds: number): string {
  const s = Math.ceil(seconds);
  return s >= 3600
    ? `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`
    : s >= 60
      ? `${Math.floor(s / 60)} min ${s % 60} s`
      : `${s} s`;
}

/** A labelled choice. */
export function select(label: string, options: string[], chosen: string, changed: (value: string) => void): HTMLElement {
  const list = el(
    "select",
    { change: () => changed(list.value) },
    ...options.map((o) => el("option", { value: o, selected: o === chosen }, o)),
  );
  return el("label", { class: "field" }, label, list);
}

export function check(label: string, checked: boolean, changed: (value: boolean) => void): HTMLElement {
  const box = el("input", { type: "checkbox", checked, change: () => changed(box.checked) });
  return el("label", { class: "field" }, box, label);
}

/** A search field that tells what was typed when the typing has stopped. */
export function search(text: string, changed: (value: string) => void): HTMLElement {
  let timer = 0;
  const field = el("input", {
    type: "search",
    value: text,
    placeholder: "optimizer=adam batch>=64 lr<0.1 state=missing",
    input: () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => changed(field.value.trim()), 250);
    },
  });
  return el("label", { class: "field wide" }, "filter", field);
}

/** Gives the browser something to save. */
export function save(name: string, content: Blob): void {
  const link = el("a", { href: URL.createObjectURL(content), download: name });
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
