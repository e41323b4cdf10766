/**
 * The table of a model: each module with the shape of its output and how many parameters it has.
 * Source: https://github.com/TylerYep/torchinfo
 */
import type { Shape } from "../tensor/shape.ts"
import type { Callable, Module } from "./module.ts"
import { trace } from "./trace.ts"

export interface LayerSummary {
  /** As in a checkpoint: "network.layers.2"; the model itself is "". */
  readonly path: string
  /** The class. */
  readonly type: string
  /** How many modules it is nested in. */
  readonly depth: number
  /** Of its last output; missing if the forward pass does not call it. */
  readonly outputShape?: Shape
  /** The distance between the inputs of an output of a convolution. */
  readonly dilation?: number
  /** How many positions of the module's own input an output depends on. */
  readonly receptiveField?: number
  /** Of the module itself, without the modules inside it. */
  readonly parameters: number
}

export interface Summary {
  /** Each module before those inside it. */
  readonly layers: readonly LayerSummary[]
  readonly parameters: number
  /** How many numbers the forward pass updates, such as running means. */
  readonly buffers: number
}

/** Traces the model on inputs, for which `Tensor.input` will do. No parameters are drawn, so a model may be too large for memory. */
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
      ...reachOf(module),
      parameters: owners.reduce((total, { owner, size }) => total + (owner === path ? size : 0), 0),
    })),
    parameters: model.parameterCount,
    buffers: model.buffers().reduce((total, { size }) => total + size, 0),
  }
}

function reachOf(module: Module): Pick<LayerSummary, "dilation" | "receptiveField"> {
  const { dilation, receptiveField } = module as Module & Pick<LayerSummary, "dilation" | "receptiveField">
  return { ...(dilation && { dilation }), ...(receptiveField && { receptiveField }) }
}

/** The paths of the modules that a path lies in, the nearest first. */
const outside = (path: string, paths: readonly string[]): string[] =>
  paths
    .filter((other) => (other === "" ? path !== "" : path.startsWith(`${other}.`)))
    .sort((a, b) => b.length - a.length)

/** A column of the table: its head, the text of a row, the text of the last row. */
interface Column {
  readonly head: string
  readonly cell: (layer: LayerSummary) => string
  readonly total?: string
  readonly align: "left" | "right"
}

/** torchinfo's table, as text or as Markdown. */
export function formatSummary({ layers, parameters, buffers }: Summary, { markdown = false } = {}): string {
  const paths = layers.map(({ path }) => path)
  const count = (x = 0) => (x > 0 ? x.toLocaleString("en") : "")
  const name = ({ path, type, depth }: LayerSummary) => {
    const [parent] = outside(path, paths)
    const own = path === "" ? type : `${parent ? path.slice(parent.length + 1) : path}: ${type}`
    return (markdown ? "&emsp;" : "  ").repeat(depth) + own
  }
  const columns: Column[] = [
    { head: "Layer", cell: name, total: "Total", align: "left" },
    { head: "Output shape", cell: ({ outputShape: s }) => (s ? `(${s.join(", ")})` : ""), align: "left" },
    { head: "Dilation", cell: ({ dilation }) => count(dilation), align: "right" },
    { head: "Receptive field", cell: ({ receptiveField }) => count(receptiveField), align: "right" },
    {
      head: "Parameters",
      cell: (layer) => count(layer.parameters),
      total: count(parameters) || "0",
      align: "right",
    },
  ]
  const shown = columns.filter(
    ({ cell, total }) => total !== undefined || layers.some((layer) => cell(layer) !== ""),
  )
  const head = shown.map((column) => column.head)
  const rows = layers.map((layer) => shown.map(({ cell }) => cell(layer)))
  const total = shown.map((column) => column.total ?? "")
  const note = buffers > 0 ? ["", `Buffers, which are not trained: ${count(buffers)} more numbers.`] : []
  if (markdown) {
    const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`
    const rule = line(shown.map(({ align }) => (align === "left" ? "---" : "---:")))
    return [line(head), rule, ...rows.map(line), line(total), ...note].join("\n")
  }
  const widths = head.map((_, k) => Math.max(...[head, ...rows, total].map((cells) => cells[k].length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, k) => (shown[k].align === "left" ? cell.padEnd(widths[k]) : cell.padStart(widths[k])))
      .join("   ")
      .trimEnd()
  const rule = "─".repeat(widths.reduce((sum, width) => sum + width + 3, -3))
  return [line(head), rule, ...rows.map(line), rule, line(total), ...note].join("\n")
}
