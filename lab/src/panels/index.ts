/** The panels in the middle of the page, in the order of their tabs. Each is a file that is loaded when it is first shown. */
import type { ComponentType } from "preact"

export interface Panel {
  readonly title: string
  readonly load: () => Promise<ComponentType>
}

export const panels: Readonly<Record<string, Panel>> = {
  tree: { title: "Tree", load: async () => (await import("./tree.tsx")).Tree },
  layers: { title: "Layers", load: async () => (await import("./layers.tsx")).Layers },
  activations: { title: "Activations", load: async () => (await import("./activations.tsx")).Activations },
  embedding: { title: "Embedding", load: async () => (await import("./embedding.tsx")).Embedding },
  "batch-norm": { title: "BatchNorm", load: async () => (await import("./batch-norm.tsx")).BatchNorm },
  graph: { title: "Graph", load: async () => (await import("./graph.tsx")).Graph },
}

/** The curves below the panels. The first losses are there before there is one to draw. */
export const loadCurves = async () => (await import("./curves.tsx")).Curves
