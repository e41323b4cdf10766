/**
 * What a model is made of: each module with the shape that comes out of it and how many numbers it has.
 * Source: https://github.com/TylerYep/torchinfo
 */
import type { Shape } from "../tensor/shape.ts"
import type { Callable } from "./module.ts"
import { trace } from "./trace.ts"

export interface LayerSummary {
  /** As in a checkpoint: "network.layers.2"; the model itself is "". */
  readonly path: string
  /** The class. */
  readonly type: string
  /** In how many other modules it lies. */
  readonly depth: number
  /** Of what comes out of it; not there where the forward pass does not come by. */
  readonly outputShape?: Shape
  /** How many numbers training changes in this module itself; those of modules inside it do not count. */
  readonly parameters: number
}

export interface Summary {
  /** Each module before those inside it. */
  readonly layers: readonly LayerSummary[]
  readonly parameters: number
  /** Numbers that a forward pass changes itself, such as running means. */
  readonly buffers: number
}

/** Traces the model on inputs whose numbers do not matter: what its forward takes. */
export function summarize<M extends Callable>(model: M, ...inputs: Parameters<M["forward"]>): Summary {
  const modules = model.namedModules()
  const { outputs } = trace(model, "evaluation", () => model.forward(...(inputs as never[])))
  const paths = modules.map(([path]) => path)
  const owners = model.namedParameters().map(([name, { size }]) => ({ owner: outside(name, paths)[0], size }))
  return {
    layers: modules.map(([path, module]) => ({
      path,
      type: module.constructor.name,
      depth: outside(path, paths).length,
      outputShape: outputs.get(module)?.at(-1)?.shape,
      parameters: owners.reduce((total, { owner, size }) => total + (owner === path ? size : 0), 0),
    })),
    parameters: model.parameterCount,
    buffers: model.buffers().reduce((total, { size }) => total + size, 0),
  }
}

/** The paths of the modules that a path lies in, the nearest first. */
const outside = (path: string, paths: readonly string[]): string[] =>
  paths
    .filter((other) => (other === "" ? path !== "" : path.startsWith(`${other}.`)))
    .sort((a, b) => b.length - a.length)

/** The table that people know from torchinfo, as text or as Markdown. */
export function formatSummary({ layers, parameters, buffers }: Summary, { markdown = false } = {}): string {
  const paths = layers.map(({ path }) => path)
  const grouped = (count: number) => count.toLocaleString("en")
  const head = ["Layer", "Output shape", "Parameters"]
  const rows = layers.map(({ path, type, depth, outputShape, parameters }) => {
    const [parent] = outside(path, paths)
    const name = path === "" ? type : `${parent ? path.slice(parent.length + 1) : path}: ${type}`
    return [
      (markdown ? "&emsp;" : "  ").repeat(depth) + name,
      outputShape ? `(${outputShape.join(", ")})` : "",
      parameters > 0 ? grouped(parameters) : "",
    ]
  })
  const total = ["Total", "", grouped(parameters)]
  const note =
    buffers > 0 ? ["", `Buffers, which training does not learn: ${grouped(buffers)} more numbers.`] : []
  if (markdown) {
    const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`
    return [line(head), "| --- | --- | ---: |", ...rows.map(line), line(total), ...note].join("\n")
  }
  const [layer, shape, count] = head.map((_, k) =>
    Math.max(...[head, ...rows, total].map((cells) => cells[k].length)),
  )
  const line = (cells: readonly string[]) =>
    `${cells[0].padEnd(layer)}   ${cells[1].padEnd(shape)}   ${cells[2].padStart(count)}`.trimEnd()
  const rule = "─".repeat(layer + shape + count + 6)
  return [line(head), rule, ...rows.map(line), rule, line(total), ...note].join("\n")
}
