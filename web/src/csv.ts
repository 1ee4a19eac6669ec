// A line of CSV as the program's own exports write it.

/** A number, or NaN; blank text is none. */
export function number(text: string): number {
  return text.trim() === "" ? NaN : Number(text);
}

/** Fields quoted where they must be, and disarmed where a spreadsheet would run them. */
export function csvLine(fields: string[]): string {
  return fields.map((field) => quote(disarm(field))).join(",");
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** What would be a formula becomes text by an apostrophe; a number stays one. */
function disarm(text: string): string {
  return /^'*[=+\-@\t\r]/.test(text) && !isNumber(text) ? "'" + text : text;
}

function isNumber(text: string): boolean {
  return text.trim() === text && (!Number.isNaN(number(text)) || /^[+-]inf$/.test(text));
}
