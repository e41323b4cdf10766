/**
 * The table of a model: each module with the shape of its output and how many parameters it has.
 * Source: https://github.com/TylerYep/torchinfo
 */
import { table } from "../charts/table.ts"
import { shownAs } from "../display/contract.ts"
import { type Shape, show } from "../tensor/shape.ts"
import type { Callable, Module } from "./module.ts"
import { trace } from "./trace.ts"

export interface LayerSummary {
  /** As in a checkpoint: "network.layers.2"; the model itself is "". */
  readonly path: string
  readonly type: string
  /** How many modules it is nested in. */
  readonly depth: number
  /** The shape of its last output; missing if the forward pass does not call it. */
  readonly outputShape?: Shape
  /** The distance between the inputs of an output of a convolution. */
  readonly dilation?: number
  /** How many positions of the module's own input an output depends on. */
  readonly receptiveField?: number
  /** The number of parameters of the module itself, without the modules inside it. */
  readonly parameters: number
}

export interface Summary {
  /** Each module before those inside it. */
  readonly layers: readonly LayerSummary[]
  readonly parameters: number
  /** The number of values that the forward pass updates, such as running means. */
  readonly buffers: number
}

/** Traces the model on inputs, for which `Tensor.input` will do. No parameters are drawn, so a model may be too large for memory. */
export function summarize<M extends Callable>(model: M, ...inputs: Parameters<M["forward"]>): Summary {
  const modules = model.namedModules()
  const { outputs } = trace(model, "evaluation", () => model.forward(...(inputs as never[])))
  const paths = modules.map(([path]) => path)
  const owners = model.namedParameters().map(([name, { size }]) => ({ owner: outside(name, paths)[0], size }))
  const summary: Summary = {
    layers: modules.map(([path, module]) => {
      const { dilation, receptiveField } = module as Module &
        Pick<LayerSummary, "dilation" | "receptiveField">
      return {
        path,
        type: module.constructor.name,
        depth: outside(path, paths).length,
        outputShape: outputs.get(module)?.at(-1)?.shape,
        ...(dilation && { dilation }),
        ...(receptiveField && { receptiveField }),
        parameters: owners.reduce((total, { owner, size }) => total + (owner === path ? size : 0), 0),
      }
    }),
    parameters: model.parameterCount,
    buffers: model.buffers().reduce((total, { size }) => total + size, 0),
  }
  return shownAs(summary, {
    text: () => formatSummary(summary),
    async html() {
      const { htmlTable, indent, paragraph } = await import("../display/html.ts")
      const { rows, left, note } = tableOf(summary, indent)
      return [htmlTable(rows, { left, ruled: true }), ...note.map((each) => paragraph(each))].join("\n")
    },
  })
}

/** The paths of the modules that contain a path, the nearest first. */
const outside = (path: string, paths: readonly string[]): string[] =>
  paths
    .filter((other) => (other === "" ? path !== "" : path.startsWith(`${other}.`)))
    .sort((a, b) => b.length - a.length)

/** torchinfo's table, as text or as Markdown. */
export function formatSummary(summary: Summary, { markdown = false, width = Infinity } = {}): string {
  const { rows, left, note } = tableOf(summary, markdown ? "&emsp;" : "  ")
  return [table(rows, { markdown, width, left, ruled: true }), ...note.flatMap((each) => ["", each])].join(
    "\n",
  )
}

/** Its rows, how many columns are aligned left, and what is said below it. A layer inside another is indented. */
function tableOf({ layers, parameters, buffers }: Summary, indent: string) {
  const paths = layers.map(({ path }) => path)
  const count = (x = 0) => (x > 0 ? x.toLocaleString("en") : "")
  const name = ({ path, type, depth }: LayerSummary) => {
    const [parent] = outside(path, paths)
    const own = path === "" ? type : `${parent ? path.slice(parent.length + 1) : path}: ${type}`
    return indent.repeat(depth) + own
  }
  const columns = [
    ["Layer", ...layers.map(name), "Total"],
    ["Output shape", ...layers.map(({ outputShape }) => (outputShape ? show(outputShape) : "")), ""],
    ["Dilation", ...layers.map(({ dilation }) => count(dilation)), ""],
    ["Receptive field", ...layers.map(({ receptiveField }) => count(receptiveField)), ""],
    ["Parameters", ...layers.map(({ parameters }) => count(parameters)), count(parameters) || "0"],
  ].filter(([, ...cells]) => cells.some((cell) => cell !== ""))
  const rows = columns[0].map((_, row) => columns.map((column) => column[row]))
  const left = columns.findIndex(([head]) => head !== "Layer" && head !== "Output shape")
  const note = buffers > 0 ? [`Buffers, which are not trained: ${count(buffers)} values.`] : []
  return { rows, left, note }
}
