// The part of vega-scenegraph that is used here; it comes without types.
declare module "vega-scenegraph" {
  export const textMetrics: { width: (item: { fontSize?: number; fontWeight?: unknown }, text: unknown) => number };
}
