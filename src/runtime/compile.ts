/**
 * Compiles a traced graph. `compile` is for a plain function; `compileLoop` for a step that is taken many times in one call, carrying
 * its state along, such as a training step.
 */
import { sizeOf } from "../tensor/shape.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { type Carried, carriedKind, mapped, stacked, stateLeaves, unstacked } from "./carried.ts"
import {
  finalState,
  functionModel,
  type Loop,
  loopModel,
  namesOfLoop,
  ofAllSteps,
  type Port,
  type Result,
} from "./emit.ts"
import { feedsOf, type Given, type Input, inputsOf } from "./feeds.ts"
import { Graph, type GraphValue, nodesOf } from "./graph.ts"
import { hoist } from "./hoist.ts"
import { lower } from "./lower.ts"
import { peakBytes, requireMemory, totalBytes } from "./memory.ts"
import { rewrite, rules } from "./rewrite.ts"
import { checkRuntime, type Numbers, openSession, type RuntimeOptions } from "./session.ts"
import { dropGuards } from "./signs.ts"

/** A compiled function. */
export interface Compiled {
  /** The ONNX model: write it to a file and open it in Netron. */
  readonly model: Uint8Array<ArrayBuffer>
  /** Takes and returns values by name. */
  run(feeds?: Given): Promise<Record<string, Numbers>>
  release(): Promise<void>
}

/** Compiles the function from `inputs` (leaves of the graph) to `outputs`. */
export async function compile(
  inputs: Record<string, Tensor>,
  outputs: Record<string, Tensor>,
  options: RuntimeOptions = {},
): Promise<Compiled> {
  checkRuntime(options)
  const graph = new Graph(rules)
  const leaves = new Map(Object.entries(inputs).map(([name, tensor]) => [tensor, graph.leaf(name, tensor)]))
  const values = rewrite(lower(graph, Object.values(outputs), leaves))
  const results = Object.keys(outputs).map((name, k): Result => [name, values[k]])
  const model = functionModel(Object.entries(inputs), results)
  const bytes = peakBytes(values) + totalBytes(Object.values(inputs))
  requireMemory(bytes, options)
  const session = await openSession(model, { ...options, bytes })
  const ports = inputsOf(inputs)
  return {
    model,
    async run(feeds = {}) {
      const result = await session.run(feedsOf(session, graph.bounds, ports, feeds))
      return mapped(outputs, (_, name) => result[name].data as Numbers)
    },
    release: session.release,
  }
}

/** ONNX Runtime loads a model in one piece, in about 4e-8 s for each pair of nodes: 16 s for a GRU of 400 positions. */
const SECONDS_PER_PAIR = 4e-8

export function announceLoading(nodes: number, { notice }: RuntimeOptions): void {
  const seconds = SECONDS_PER_PAIR * nodes ** 2
  if (seconds > 10)
    notice?.(
      `ONNX Runtime takes about ${Math.round(seconds)} s to load a step of ${nodes.toLocaleString("en")} operations, and nothing ` +
        "interrupts it: a shorter context (--context) takes less",
    )
}

/** One step of a loop, as tensors. */
export interface LoopBody {
  /** State by name. */
  readonly carried: Record<string, Carried>
  /** Leaves whose values never change: they become constants of the model, and constant subgraphs are computed once. */
  readonly constants?: readonly { readonly leaf: Tensor; readonly data: ArrayLike<number> }[]
  /** Leaves that are the same in every step, such as the data set. */
  readonly whole?: Record<string, Tensor>
  /** Leaves with their own values in every step, such as row indices and the learning rate; at least one. */
  readonly perStep: Record<string, Tensor>
  /** Outputs of every step, such as the loss. */
  readonly outputs: Record<string, Tensor>
}

export interface CompiledLoop {
  readonly model: Uint8Array<ArrayBuffer>
  /** The model with the shape of every value of a step, for those who read it. ONNX Runtime may infer another rank, and is given none. */
  withShapes(): Uint8Array<ArrayBuffer>
  /** The number of elements per step that a call computes before its first step: its memory grows with them. */
  readonly stackedSize: number
  /** Starts from this state, with these whole inputs. Several may run at once. */
  start(state: Given, whole?: Given): Running
  release(): Promise<void>
}

/** A running loop. Its state stays in ONNX Runtime's tensors between calls. */
export interface Running {
  /** Takes `steps` steps in one call; returns each output with a row for each step. */
  advance(steps: number, perStep: Given): Promise<Record<string, Numbers>>
  /** Replaces the values of a whole input from the next call on. */
  replace(name: string, numbers: ArrayLike<number>): void
  /** The current state, read-only. */
  state(): Record<string, Numbers>
  /** Sets the state. */
  restore(state: Given): void
}

export async function compileLoop(
  { carried, constants = [], whole = {}, perStep, outputs }: LoopBody,
  options: RuntimeOptions = {},
): Promise<CompiledLoop> {
  checkRuntime(options)
  const graph = new Graph(rules)
  const leaves = new Map<Tensor, GraphValue>()
  const states = Object.entries(carried)
  for (const [name, state] of states)
    for (const [tensor, value] of stateLeaves(graph, name, state)) leaves.set(tensor, value)
  for (const { leaf, data } of constants) leaves.set(leaf, graph.constant(data, leaf.shape, leaf.dtype))
  const taken = new Set(namesOfLoop(Object.keys(carried), Object.keys(outputs)))
  const inputs = { whole: inputsOf(whole, taken), perStep: inputsOf(perStep, taken) }
  for (const { port, name, kind } of inputs.whole) leaves.set(whole[name], graph.leaf(port, kind))
  for (const { port, name, kind } of inputs.perStep) leaves.set(perStep[name], graph.leaf(port, kind, "row"))

  const afterStep = [...states.map(([, { next }]) => next), ...Object.values(outputs)]
  const lowered = lower(graph, afterStep, leaves)
  const nexts = new Map(states.map(([name], k) => [name, lowered[k]]))
  const loopRules = new Map(rules).set("Where", [dropGuards(nexts, graph.bounds), ...rules.get("Where")!])
  const forms = lowered.map((x, k) => (k < states.length ? graph.reshape(x, carriedKind(x).shape) : x))
  const { values, before, rows } = hoist(rewrite(forms, loopRules))
  const portOf = ({ port, kind }: Input): Port => [port, kind]
  const parts: Loop = {
    before,
    // A Scan needs something to scan, even if no step reads it.
    rows: rows.length > 0 ? rows : inputs.perStep.slice(0, 1).map(portOf),
    carried: states.map(([name], k): Result => [name, values[k]]),
    whole: inputs.whole.map(portOf),
    perStep: inputs.perStep.map(portOf),
    outputs: Object.keys(outputs).map((name, k): Result => [name, values[states.length + k]]),
  }
  const model = loopModel(parts)

  // The state is held three times: before a call, after it, and by the caller. Hoisted values are counted for one step; those of many
  // steps are small.
  const state = totalBytes(states.map(([, { now }]) => now))
  const bytes = peakBytes(values) + peakBytes(before.map(([, value]) => value)) + 3 * state
  requireMemory(bytes, options)
  announceLoading(nodesOf(values).length, options)
  const session = await openSession(model, { ...options, bytes })
  const feed = (ports: readonly Input[], numbers: Given, steps?: number) =>
    feedsOf(session, graph.bounds, ports, numbers, steps)
  const statePorts = inputsOf(mapped(carried, ({ now }) => carriedKind(now)))
  return {
    model,
    withShapes: () => loopModel(parts, { showsShapes: true }),
    stackedSize: rows.reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0),
    start(initial, wholeNumbers = {}) {
      const fixed = feed(inputs.whole, wholeNumbers)
      let state = feed(statePorts, stacked(carried, initial))
      return {
        async advance(steps, numbers) {
          const result = await session.run({ ...state, ...fixed, ...feed(inputs.perStep, numbers, steps) })
          state = mapped(carried, (_, name) => result[finalState(name)])
          return mapped(outputs, (_, name) => result[ofAllSteps(name)].data as Numbers)
        },
        replace(name, numbers) {
          const replaced = inputs.whole.filter((input) => input.name === name)
          Object.assign(fixed, feed(replaced, { [name]: numbers }))
        },
        state() {
          const numbers = mapped(state, ({ data }) => data as Numbers)
          return unstacked(carried, numbers)
        },
        restore(earlier) {
          state = feed(statePorts, stacked(carried, earlier))
        },
      }
    },
    release: session.release,
  }
}
