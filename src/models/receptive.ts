/**
 * What each node of a network sees: which symbols of the context can change it, and which nodes of the level below.
 *
 * Both are found by trying. A batch has a row for each position, in which that symbol alone differs from the first row; a node that differs
 * from its value in the first row sees it. The parameters are drawn at random for this, as those of a table that begins with zeros would
 * hide what it sees.
 *
 *   row 0      e m m a          row 0      node 0 and 1 of level 1
 *   row 1      x m m a          row 1      node 0 changed             ─> nodes of level 2
 *   row 2      e x m a          row 2      node 1 changed
 *
 * B rows, T symbols, C channels
 */
import { Embedding } from "../nn/embedding.ts"
import { Linear } from "../nn/linear.ts"
import { interpret, topological } from "../tensor/interpreter.ts"
import { type Shape, sizeOf } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"
import type { Model } from "./model.ts"
import { type Seen, watch } from "./watch.ts"

/** The nodes that a layer computes for one context: one for each position, or fewer where positions are fused. */
export interface Level {
  /** The path of the module, as in a checkpoint. */
  readonly path: string
  /** The name of its class. */
  readonly type: string
  /** C, the numbers of a node. */
  readonly channels: number
  /** For each node the positions whose symbols can change it, in order. */
  readonly sees: readonly (readonly number[])[]
  /** For each node the nodes of the level below that can change it; of the lowest level, the positions. */
  readonly reads: readonly (readonly number[])[]
  /** Whether the nodes are the states of a recurrent cell, each computed from the one before. */
  readonly isState?: boolean
}

/**
 * The levels of the model, from the symbols up: of a model of windows the last output of each number of nodes; of one of sequences the
 * embedding, the layers of its stacks, the states of its cells and the linear layers beside them. The logits are no level.
 *
 * @param positions T, for a model of sequences. One of windows has its context length.
 */
export function receptiveFields(model: Model, positions = model.contextLength): Level[] {
  const T = model.reads === "windows" ? model.contextLength : positions
  const B = T + 1
  const random = openRandom()
  const feeds = new Map<Tensor, ArrayLike<number>>()
  const ids = Tensor.input("ids", [B, T], "int32")
  const first = Array.from({ length: T }, (_, t) => t % model.vocabularySize)
  const rows = Array.from({ length: B }, (_, row) =>
    first.map((id, t) => (t === row - 1 ? (id + 1) % model.vocabularySize : id)),
  )
  feeds.set(ids, rows.flat())
  const conditions = model.conditionInputs(B, T)
  for (const condition of Object.values(conditions)) feeds.set(condition, new Float64Array(condition.size))
  for (const parameter of model.parameters()) {
    // As a layer is initialized, so that numbers neither vanish nor saturate on their way up.
    const bound = 1 / Math.sqrt(parameter.size / (parameter.shape.at(-1) ?? 1))
    feeds.set(
      parameter,
      Float64Array.from({ length: parameter.size }, () => bound * random()),
    )
  }

  const outputs = watch(model, ids, conditions).outputs
  const levels = levelsOf(model, outputs)
  const ofOne = watch(model, Tensor.input("ids", [1, T], "int32"), model.conditionInputs(1, T)).outputs
  const forms = new Map(outputs.map(({ tensor }, k) => [tensor, formOf(tensor.shape, ofOne[k].tensor.shape)]))
  const values = interpret(
    outputs.map(({ tensor }) => tensor),
    feeds,
  )
  const found = new Map(outputs.map(({ tensor }, k) => [tensor, values[k]]))
  const formed = levels.map(({ tensor }) => forms.get(tensor)!)
  const sees = levels.map(({ tensor }, k) => changes(found.get(tensor)!, formed[k]))

  // From here on all rows are the first. What was computed before a level is given, so that each layer is computed once more in all.
  feeds.set(
    ids,
    rows.flatMap(() => first),
  )
  const reads = levels.map(({ tensor, isState }, k) => {
    // Symbols may be embedded more than once, as for a convolution: what is read above all embeddings is told by the positions.
    if (k === 0 || (k === 1 && levels[0].type === Embedding.name) || isState) return sees[k]
    const below = levels[k - 1]
    const given = new Map(feeds)
    const callsOf = Map.groupBy(outputs, ({ path }) => path)
    for (const { path, tensor } of outputs.slice(0, outputs.indexOf(below)))
      if (callsOf.get(path)!.length === 1) given.set(tensor, repeated(found.get(tensor)!, forms.get(tensor)!))
    const ofFirst = repeated(found.get(below.tensor)!, formed[k - 1])
    given.set(below.tensor, withChanges(ofFirst, formed[k - 1], random))
    return changes(interpret([tensor], given)[0], formed[k])
  })
  return levels.map(({ path, type, isState }, k) => ({
    ...{ path, type, channels: formed[k].channels, sees: sees[k], reads: reads[k] },
    ...(isState && { isState }),
  }))
}

/** The outputs that are levels. */
function levelsOf({ reads }: Model, outputs: readonly Seen[]): Seen[] {
  const logits = outputs.at(-1)!.tensor
  const needed = topological([logits])
  // What follows the last parameter is the logits and forms of them.
  const head = outputs.findLast(({ type }) => type === Linear.name)?.tensor
  const inner = outputs.filter(
    ({ tensor }) => tensor !== logits && tensor !== head && needed.includes(tensor),
  )
  if (reads === "windows") {
    const nodes = ({ tensor: { shape } }: Seen) => sizeOf(shape.slice(1, -1))
    return inner.filter((output, k) => k === inner.length - 1 || nodes(output) !== nodes(inner[k + 1]))
  }
  const calls = (path: string) => outputs.filter((output) => output.path === path).length
  const embedding = inner.find(({ type }) => type === Embedding.name)
  return inner.filter((output) => {
    const { path, type, isState } = output
    if (type === Embedding.name) return output === embedding
    if (isState || (type === Linear.name && !path.includes("."))) return true
    return /^[^\d]+\.\d+$/.test(path) && calls(path) === 1
  })
}

/** How the values of a level lie: `before` × B × `after`; what is left without B are nodes × channels. */
interface Form {
  readonly before: number
  readonly rows: number
  readonly after: number
  readonly channels: number
}

/** The axis of the batch is the one that has another size for a single row. */
function formOf(shape: Shape, ofOne: Shape): Form {
  const axis = shape.findIndex((size, k) => size !== ofOne[k])
  return {
    before: sizeOf(shape.slice(0, axis)),
    rows: shape[axis],
    after: sizeOf(shape.slice(axis + 1)),
    channels: shape.at(-1)!,
  }
}

/** The place of number i of a row. */
const place = ({ rows, after }: Form, row: number, i: number): number =>
  (Math.floor(i / after) * rows + row) * after + (i % after)

/** For each node, the k for which row k + 1 has another value than the first row, in order. */
function changes(values: ArrayLike<number>, form: Form): number[][] {
  const { before, rows, after, channels } = form
  const size = before * after
  return Array.from({ length: size / channels }, (_, node) =>
    Array.from({ length: rows - 1 }, (_, k) => k).filter((k) =>
      Array.from({ length: channels }, (_, c) => node * channels + c).some(
        (i) => values[place(form, k + 1, i)] !== values[place(form, 0, i)],
      ),
    ),
  )
}

/** The first row in every row. */
function repeated(values: ArrayLike<number>, form: Form): Float64Array {
  const all = new Float64Array(values.length)
  for (let i = 0; i < form.before * form.after; i++)
    for (let row = 0; row < form.rows; row++) all[place(form, row, i)] = values[place(form, 0, i)]
  return all
}

/** Node k changed in row k + 1. */
function withChanges(values: ArrayLike<number>, form: Form, random: () => number): Float64Array {
  const changed = Float64Array.from(values)
  for (let i = 0; i < form.before * form.after; i++) {
    const row = Math.floor(i / form.channels) + 1
    if (row < form.rows) changed[place(form, row, i)] += random()
  }
  return changed
}

/** Numbers between -1 and 1, always the same ones. Source: Park and Miller 1988. */
function openRandom(): () => number {
  let state = 1
  return () => {
    state = (state * 48271) % 2147483647
    return (2 * state) / 2147483647 - 1
  }
}
