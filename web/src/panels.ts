// How the panels of a figure are laid out for the width at hand.

/** A specification as the program writes it: plain JSON. */
export type Spec = { [key: string]: unknown };

/** Below this width of a figure its panels stand in one column. */
const oneColumn = 640;

/** Panels in one column where there is no room for more, each as wide as its place. */
export function fitted(spec: Spec, width: number): Spec {
  const panels = spec.concat;
  if (!Array.isArray(panels) || width <= 0) return spec;
  const columns = width < oneColumn ? 1 : Number(spec.columns ?? 1);
  const room = Math.floor((width - 22 * (columns - 1)) / columns) - 62;
  if (columns === spec.columns && panels.every((panel: Spec) => typeof panel.width !== "number" || panel.width <= room + 12)) return spec;
  return {
    ...spec,
    columns,
    concat: panels.map((panel: Spec) => (typeof panel.width === "number" ? { ...panel, width: Math.min(room, 640) } : panel)),
  };
}
