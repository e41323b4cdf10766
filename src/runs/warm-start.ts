/**
 * A warm start: a model begins with the parameters of another that was trained on other data. What both know by name, a symbol or a
 * label, keeps its rows; a new symbol begins with those of its relative, "É" with those of "E", and all else that is new as the mean of
 * all rows.
 * Source: PyTorch's "Warmstarting model using parameters from a different model"; the mean is Hewitt 2021, "Initializing new word
 * embeddings for pretrained language models", https://nlp.stanford.edu/~johnhew/vocab-expansion.html
 */
import { characters } from "../data/characters.ts"
import { STOP } from "../data/tokenizers/tokenizer.ts"
import { UserError } from "../errors.ts"
import { type Model, models } from "../models/index.ts"
import type { StateDict } from "../nn/module.ts"
import { sameShape, show, sizeOf } from "../tensor/shape.ts"
import type { Codec } from "./codec.ts"

/** A trained network with its symbols and labels, as `openModel` returns it. */
export interface Known extends Codec {
  readonly model: Model
}

type State = StateDict[string]

/** In these a model may differ from the one that it starts from. */
type Extents = { readonly [E in "vocabularySize" | "contextLength" | "labels" | "classes"]?: number }

/** An axis with `block` entries for each member of an extent, in their order; entries that belong to none may follow. */
interface Axis {
  readonly extent: keyof Extents
  readonly block: number
}

/**
 * Copies the parameters and buffers of `from`, a model of the same class and sizes, into `model`, whose symbols and labels are those of
 * `codec`. Those that only `model` has keep their values. In a longer context the positions at its far end are new. Throws a UserError,
 * and changes nothing, where the two do not fit.
 */
export function warmStart<M extends Model>(model: M, codec: Codec, from: Known): M {
  requireSameKind(model, from.model)
  requireOwn(model, codec)
  requireOwn(from.model, from)
  const sources = sourcesOf(model, codec, from)
  const axes = axesOf(model, from.model.contextLength)
  const known = from.model.stateDict()
  const copies = model.namedVariables().flatMap(([name, variable]) => {
    if (!Object.hasOwn(known, name)) return []
    let state = known[name]
    for (const [k, axis] of axes.get(name)!.entries())
      if (axis) state = rearranged(state, k, variable.shape[k], axis.block, sources[axis.extent])
    if (!sameShape(state.shape, variable.shape))
      throw new UserError(
        `${nameOf(model)}: '${name}' is ${show(known[name].shape)} in the model to start from, and ${show(variable.shape)} here: ` +
          "give it the same sizes and kinds of labels",
      )
    return [{ variable, data: state.data }]
  })
  for (const { variable, data } of copies) variable.data = data
  return model
}

/**
 * The axes of each parameter and buffer that grow with an extent: making the model with more of it shows which they are. A context is
 * compared only with another length.
 */
export function axesOf(
  model: Model,
  otherContext = model.contextLength,
): ReadonlyMap<string, readonly (Axis | undefined)[]> {
  const { vocabularySize, contextLength, labels = 0, classes = 0 } = model.config as Required<Extents>
  const variables = model.namedVariables()
  const axes = new Map(
    variables.map(([name, { shape }]) => [name, shape.map((): Axis | undefined => undefined)]),
  )
  const compare = (extent: keyof Extents, count: number, other: number) => {
    if (count === 0 || count === other) return
    const others = new Map(like(model, { [extent]: other }).namedVariables())
    if (others.size !== axes.size || variables.some(([name]) => !others.has(name)))
      throw new UserError(
        `${nameOf(model)}: its layers depend on the context, ${other} in the model to start from and ${count} here: give --context ${other}`,
      )
    for (const [name, { shape }] of variables)
      for (const [k, length] of shape.entries()) {
        const block = (others.get(name)!.shape[k] - length) / (other - count)
        if (block !== 0) axes.get(name)![k] = { extent, block }
      }
  }
  compare("vocabularySize", vocabularySize, vocabularySize + 1)
  compare("contextLength", contextLength, otherContext)
  compare("labels", labels, labels + 1)
  compare("classes", classes, classes + 1)
  return axes
}

/** A model of the same class, whose config differs in these. */
const like = (model: Model, others: Extents): Model =>
  new (model.constructor as new (options: object) => Model)({ ...model.config, ...others })

const nameOf = (model: Model): string =>
  Object.entries(models).find(([, each]) => each === model.constructor)?.[0] ?? model.constructor.name

/** Throws a UserError unless the models differ in nothing but their extents, their dropout, and in being conditioned on labels at all. */
function requireSameKind(model: Model, from: Model): void {
  if (model.constructor !== from.constructor)
    throw new UserError(
      `${nameOf(model)}: the model to start from is another, ${nameOf(from)}: choose the same`,
    )
  for (const [key, value] of Object.entries(model.config)) {
    const other = from.config[key]
    if (["vocabularySize", "contextLength", "labels", "classes", "dropout"].includes(key)) continue
    if (value !== undefined && other !== undefined && String(value) !== String(other))
      throw new UserError(
        `${nameOf(model)}: ${key} = ${value}, and ${other} in the model to start from: give the same`,
      )
  }
}

/** Throws a UserError unless these are the symbols and labels that the model was made for. */
function requireOwn({ config }: Model, { vocabulary, condition, classes }: Codec): void {
  const found = [
    { what: "symbols", its: "vocabulary", wanted: config.vocabularySize, count: vocabulary.size },
    { what: "labels", its: "condition", wanted: config.labels ?? 0, count: condition?.values.length ?? 0 },
    { what: "classes", its: "classes", wanted: config.classes ?? 0, count: classes?.values.length ?? 0 },
  ]
  for (const { what, its, wanted, count } of found)
    if (wanted !== count)
      throw new UserError(
        `warmStart: the model has ${wanted} ${what}, and its ${its} ${count}: give the one it was made for`,
      )
}

/** For each extent, the place that each of its members has in the model to start from; undefined for a new one. */
function sourcesOf(
  { reads, contextLength }: Model,
  { vocabulary, condition, classes }: Codec,
  { model, ...known }: Known,
): Record<keyof Extents, readonly (number | undefined)[]> {
  const placesOf = (names: readonly string[] = [], first = 0) =>
    new Map(names.map((name, place) => [name, place + first]))
  const symbols = placesOf(known.vocabulary.symbols.slice(1), 1)
  const [labels, predicted] = [known.condition, known.classes].map((each) => placesOf(each?.values))
  // The last symbol of a window, and the first of a sequence, is at the same place in a context of any length.
  const shift = reads === "windows" ? contextLength - model.contextLength : 0
  const positions = Array.from({ length: contextLength }, (_, k) => k - shift)
  return {
    vocabularySize: [
      STOP,
      ...vocabulary.symbols
        .slice(1)
        .map((symbol) => symbols.get(relativesOf(symbol).find((each) => symbols.has(each)) ?? "")),
    ],
    contextLength: positions.map((k) => (k >= 0 && k < model.contextLength ? k : undefined)),
    labels: condition?.values.map((name) => labels.get(name)) ?? [],
    classes: classes?.values.map((name) => predicted.get(name)) ?? [],
  }
}

/** The symbol, its other case, and of a letter both of the one that bears its accent. */
function relativesOf(symbol: string): string[] {
  const letters = characters(symbol).length === 1 ? [...symbol.normalize("NFD")].slice(0, 1) : []
  return [symbol, ...letters].flatMap((each) => [each, each.toLowerCase(), each.toUpperCase()])
}

/** The state with other members on an axis of then this `length`: each comes from its source, or is the mean of all that were there. */
function rearranged(
  { shape, data }: State,
  axis: number,
  length: number,
  block: number,
  sources: readonly (number | undefined)[],
): State {
  const inner = sizeOf(shape.slice(axis + 1))
  const size = block * inner // of a member
  const others = length * inner - sources.length * size
  const before = shape[axis] * inner
  const members = (before - others) / size
  const outer = sizeOf(shape.slice(0, axis))
  const result = new (data.constructor as typeof Float32Array)(outer * length * inner)
  for (let row = 0; row < outer; row++) {
    const old = data.subarray(row * before, (row + 1) * before)
    const now = result.subarray(row * length * inner, (row + 1) * length * inner)
    const mean = Float64Array.from({ length: size }, (_, k) => {
      let sum = 0
      for (let member = 0; member < members; member++) sum += old[member * size + k]
      return sum / members
    })
    for (const [k, source] of sources.entries())
      now.set(source === undefined ? mean : old.subarray(source * size, (source + 1) * size), k * size)
    now.set(old.subarray(members * size), sources.length * size)
  }
  return { shape: shape.with(axis, length), data: result }
}
