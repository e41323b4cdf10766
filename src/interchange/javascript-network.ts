/**
 * The network in a model's JavaScript file: its graph as functions, its numbers as text. A model that can go one position at a time is one
 * position, and what it keeps of those before, as in src/sampling: a symbol costs the same wherever it stands. Others read all that they
 * look back on for each symbol.
 */
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { tracePosition } from "../nn/stepwise.ts"
import { trace } from "../nn/trace.ts"
import type { Variable } from "../nn/variable.ts"
import { topological } from "../tensor/interpreter.ts"
import { show } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"
import { scriptOf } from "./javascript-graph.ts"
import { literal } from "./javascript-sampling.ts"
import { floats32, roundingOf } from "./javascript-weights.ts"

/** The parts of the file that compute `network(ids)`, or `network(ids, label)`: the logits of the symbol that follows. */
export function networkParts(
  model: Model,
  { bits, labelled, isRunning = false }: { bits: number; labelled: boolean; isRunning?: boolean },
): string[] {
  const { contextLength: T, vocabularySize: V } = model
  const stepwise = model.steps !== undefined
  const conditions = model.conditionInputs(1, stepwise ? 1 : T)
  if (conditions.series || conditions.label?.dtype === "float32")
    throw new UserError(
      "the model is conditioned on numbers, which a JavaScript file cannot supply: export it as ONNX",
    )
  if ((conditions.label === undefined) === labelled)
    throw new UserError("toJavaScript: give labels if and only if the model is conditioned on labels")

  const ids = Tensor.input("ids", [1, stepwise ? 1 : T], "int32")
  const age = Tensor.input("age", [1], "int32")
  const { logits, kept } = trace(model, "evaluation", () =>
    stepwise
      ? tracePosition({ age, contextLength: T }, (past) => model.forward(ids, { ...conditions, past }))
      : { logits: model.forward(ids, conditions), kept: [] },
  ).result
  const outputs = [logits, ...kept.map(({ next }) => next)]
  const reached = new Set(topological(outputs))
  const variables = model.namedVariables().filter(([, variable]) => reached.has(variable))
  const inputs = [
    ...Object.entries({ ids, ...(stepwise && { age }), ...conditions }).map(
      ([name, input]) => [input, name] as const,
    ),
    ...kept.map(({ now }, k) => [now, `k${k + 1}`] as const),
  ]
  const names: string[] = []
  const script = scriptOf(outputs, {
    inputs: new Map(inputs),
    weights: new Map(variables.map(([name, variable]) => [variable, name])),
    read: (name) => `w${names.push(name)}`,
  })
  const [ofLogits, ...ofKept] = script.outputs
  const body = script.each.map((line) => `  ${line}\n`).join("")
  const label = labelled ? ", label" : ""
  const stored: Partial<Record<string, Variable>> = Object.fromEntries(variables)
  const rounded = roundingOf(model, bits)
  const weights = names.map((name, k) => {
    const variable = stored[name]
    const { source } = variable
      ? rounded(name, variable.shape, variable.data)
      : floats32(script.constants.get(name)!)
    return `// ${name}\nconst w${k + 1} = ${source}`
  })
  return [
    ...(stepwise
      ? [
          isRunning
            ? readingOn(
                model,
                kept.map(({ now }) => now.size),
              )
            : reading(labelled, { T, kept: kept.map(({ now }) => now.size) }),
          `/** An id, how many are before it, and what is kept of them${labelled ? ", label (1)" : ""} -> logits (${V}), and what is kept then */
function position(ids, age, [${kept.map((_, k) => `k${k + 1}`).join(", ")}]${label}) {
${body}  return { logits: ${ofLogits}, kept: [${ofKept.join(", ")}] }
}`,
        ]
      : [
          whole[model.reads](labelled, T),
          `/** ids ${show(ids.shape)}${labelled ? ", label (1)" : ""} -> logits ${show(logits.shape)} */
function forward(ids${label}) {
${body}  return ${ofLogits}
}`,
        ]),
    ...script.functions.map((text) => text.trim()),
    ...weights,
    ...(script.once.length > 0 ? [script.once.join("\n")] : []),
  ]
}

const documented = "/** The logits of the symbol that follows these ids, by the network. */"

/** Each id is read once: what was read last goes on if these ids begin with it. */
const reading = (
  labelled: boolean,
  { T, kept }: { T: number; kept: readonly number[] },
) => `/** What was read last. */
let read = { ids: [], kept: ${literal(kept)}.map((size) => new Float64Array(size)) }

${documented}
function network(ids${labelled ? ", label" : ""}) {
  const seen = ids.length < ${T} ? [0, ...ids] : ids.slice(-${T})
  const goesOn = ${labelled ? "read.label === label && " : ""}read.ids.length <= seen.length && read.ids.every((id, age) => id === seen[age])
  let { kept, logits } = read
  for (let age = goesOn ? read.ids.length : 0; age < seen.length; age++)
    ({ kept, logits } = position(Float64Array.of(seen[age]), Float64Array.of(age), kept${labelled ? ", Float64Array.of(label)" : ""}))
  read = { ids: seen, ${labelled ? "label, " : ""}kept, logits }
  return logits.slice()
}`

/** A text that goes on for ever. A model with limited positions begins again with the last half of them when it has read all. */
const readingOn = ({ steps, contextLength: T }: Model, kept: readonly number[]) => `/** What was read last. */
let read = { ids: [], age: 0, kept: ${literal(kept)}.map((size) => new Float64Array(size)) }

${documented}
function network(text) {
  const ids = text.length > 0 ? text : [0]
  const goesOn = read.ids.length <= ids.length && read.ids.every((id, at) => id === ids[at])
  let { age, kept, logits } = goesOn ? read : { ...read, age: 0 }
  const next = (id) => { ({ kept, logits } = position(Float64Array.of(id), Float64Array.of(age++), kept)) }
  for (let at = goesOn ? read.ids.length : 0; at < ids.length; at++) {
${
  steps === "endless"
    ? ""
    : `    if (age === ${T}) {
      age = 0
      ids.slice(at - ${Math.floor(T / 2)}, at).forEach(next)
    }
`
}    next(ids[at])
  }
  read = { ids: ids.slice(), age, kept, logits }
  return logits.slice()
}`

/** How a model that reads everything for each symbol is fed. */
const whole: Record<Model["reads"], (labelled: boolean, T: number) => string> = {
  windows: (labelled, T) => `${documented}
function network(ids${labelled ? ", label" : ""}) {
  const seen = ids.slice(-${T})
  return forward(Float64Array.of(...new Array(${T} - seen.length).fill(0), ...seen)${labelled ? ", Float64Array.of(label)" : ""})
}`,
  sequences: (labelled, T) => `${documented}
function network(ids${labelled ? ", label" : ""}) {
  const seen = ids.length < ${T} ? [0, ...ids] : ids.slice(-${T})
  const all = forward(Float64Array.of(...seen, ...new Array(${T} - seen.length).fill(0))${labelled ? ", Float64Array.of(label)" : ""})
  return all.slice((seen.length - 1) * symbols.length, seen.length * symbols.length)
}`,
}
