// What the drawing libraries expect of the program they run in, where that is Gaplab's own interpreter and not a browser: this comes first.
type Host = Record<string, unknown>;
const host = globalThis as unknown as Host;

function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (value instanceof Date) return new Date(value.getTime());
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, copied(held)]));
}

function quiet(): void {}

host.structuredClone ??= copied;
host.console ??= { log: quiet, info: quiet, debug: quiet, warn: quiet, error: quiet };
host.setTimeout ??= (later: () => void) => {
  later();
  return 0;
};
host.clearTimeout ??= quiet;

export {};
