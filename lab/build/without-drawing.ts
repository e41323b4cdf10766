/** Leaves out what draws the charts of notebooks and reports as SVG, which is 800 KB: the page has drawings of its own. */
import type { Plugin } from "vite"

const drawing = ["@observablehq/plot", "linkedom/worker"]
const NOTHING = "no-drawing"

export function withoutDrawing(): Plugin {
  return {
    name: "without-drawing",
    enforce: "pre",
    resolveId: (id) => (drawing.includes(id) ? NOTHING : undefined),
    load: (id) => (id === NOTHING ? "export {}" : undefined),
  }
}
