/**
 * The ONNX graph of a step, by what its nodes are for:
 *
 *   data       computed for all steps of a call, before the first: rows of the data, from their numbers
 *   forward    what the losses of the step depend on
 *   update     of the rest, what only the next value of one state depends on, be it a parameter with the moments of its optimizer or a running
 *              mean, and what reads that state as it was, directly or through other such nodes
 *   backward   all else: the gradients
 *
 * Where the gradient of a weight and its update are one product, that is an update.
 */
import { fromBinary } from "@bufbuild/protobuf"
import { type GraphProto, ModelProtoSchema, type NodeProto, type ValueInfoProto } from "onnx-buf"
import { UserError } from "../../../../src/errors.ts"
import { type Live, requireNetwork } from "../live.ts"

export const groups = ["data", "forward", "backward", "update"] as const
export type Group = (typeof groups)[number]

export interface GraphNode {
  /** Of ONNX, such as MatMul. */
  readonly operator: string
  /** What it is part of, such as batchNorm. */
  readonly op: string
  readonly group: Group
  /** Of its output; missing where it has a row for each step of a call. */
  readonly shape?: readonly number[]
  /** The numbers of the nodes whose outputs it reads. */
  readonly reads: readonly number[]
  /** The parameters, moments, statistics and rows of data that it reads. */
  readonly leaves: readonly string[]
}

export interface GraphOfStep {
  /** In an order in which they can be computed. */
  readonly nodes: readonly GraphNode[]
  /** Of the model that the runtime was given. */
  readonly bytes: number
}

export async function graph(live: Live, _: Record<string, never>): Promise<GraphOfStep> {
  requireNetwork(live)
  if (!live.training) throw new UserError("This model is not trained by steps: it has no graph of one.")
  const shown = await live.training.compile({ showsShapes: true })
  const { length: bytes } = await live.training.compile()
  return { nodes: nodesOf(fromBinary(ModelProtoSchema, shown).graph!), bytes }
}

function nodesOf(whole: GraphProto): GraphNode[] {
  const ahead = whole.node.filter(({ opType }) => opType !== "Scan")
  const body = whole.node.find(({ opType }) => opType === "Scan")!.attribute.find(({ g }) => g)!.g!
  const all = [...ahead, ...body.node]
  const maker = new Map(all.flatMap(({ output }, k) => output.map((name) => [name, k] as const)))
  const shapes = new Map([...body.valueInfo, ...body.output].map((info) => [info.name, shapeOf(info)]))
  const constants = new Set([...whole.initializer, ...body.initializer].map(({ name }) => name))
  // A step reads a row of what was computed for all steps.
  const makerOf = (name: string) => maker.get(name) ?? maker.get(name.replace(/^row of /, ""))
  const reads = all.map(({ input }) => input.flatMap((name) => makerOf(name) ?? []))
  const leaves = all.map(({ input }) =>
    input.filter((name) => name !== "" && makerOf(name) === undefined && !constants.has(name)),
  )
  const groupOf = grouped(body, { all, ahead: ahead.length, reads, leaves, maker })
  return all.map(({ opType, name, output }, k) => ({
    operator: opType,
    op: name.replace(/ \d+$/, "").replace(/^output .*/, ""),
    group: groupOf(k),
    shape: shapes.get(output[0]),
    reads: Array.from(new Set(reads[k])),
    leaves: leaves[k].map(withoutRole),
  }))
}

const withoutRole = (name: string): string => name.replace(/^now\//, "").replace(/^row of /, "")

function shapeOf({ type }: ValueInfoProto): number[] | undefined {
  if (type?.value.case !== "tensorType") return undefined
  return type.value.value.shape?.dim.map(({ value }) => Number(value.value))
}

interface Parts {
  readonly all: readonly NodeProto[]
  /** How many of them come before the steps. */
  readonly ahead: number
  readonly reads: readonly (readonly number[])[]
  readonly leaves: readonly (readonly string[])[]
  readonly maker: ReadonlyMap<string, number>
}

function grouped(body: GraphProto, { all, ahead, reads, leaves, maker }: Parts): (k: number) => Group {
  const results = body.output.map(({ name }) => name)
  const forward = new Set(
    results.filter((name) => name.startsWith("of step/")).flatMap((name) => needed(maker.get(name)!, reads)),
  )
  // The states that a node serves: "momentum of W" and "average of W" belong to W.
  const serves = all.map(() => new Set<string>())
  const states = results.filter((name) => name.startsWith("next/"))
  const owners = states.map((name) => name.slice("next/".length)).sort((a, b) => a.length - b.length)
  const ownerOf = (state: string) => owners.find((owner) => state.endsWith(` of ${owner}`)) ?? state
  for (const name of states)
    for (const k of needed(maker.get(name)!, reads)) serves[k].add(ownerOf(name.slice("next/".length)))
  const update = new Set<number>()
  for (const [k] of all.entries()) {
    if (k < ahead || forward.has(k) || serves[k].size !== 1) continue
    const [owner] = serves[k]
    const readsState = leaves[k].some((leaf) => leaf.startsWith("now/") && ownerOf(leaf.slice(4)) === owner)
    if (readsState || reads[k].some((each) => update.has(each) && serves[each].has(owner))) update.add(k)
  }
  return (k) => (k < ahead ? "data" : forward.has(k) ? "forward" : update.has(k) ? "update" : "backward")
}

/** A node and all that it is computed from. */
function needed(from: number, reads: readonly (readonly number[])[]): number[] {
  const found = new Set<number>()
  const stack = [from]
  while (stack.length > 0) {
    const k = stack.pop()!
    if (found.has(k)) continue
    found.add(k)
    stack.push(...reads[k])
  }
  return Array.from(found)
}
