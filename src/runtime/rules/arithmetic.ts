/**
 * Arithmetic rules: fold constants, drop neutral operands, and turn negations and divisions by constants into factors, which the
 * product rules can absorb.
 */
import { broadcast, sameShape } from "../../tensor/shape.ts"
import type { Candidate, GraphValue, Rule } from "../graph.ts"
import { pointwiseOperators, unaryOperators } from "../operators.ts"
import { each, factorOf, madeBy, redone, splat, under } from "./pattern.ts"

const folded: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
}

const scaled = ({ graph, output }: Candidate, operand: GraphValue, factor: number): GraphValue =>
  graph.node("Mul", [operand, graph.scalar(factor, output.dtype)], output)

const fold: Rule = ({ graph, operator, inputs, output }) => {
  const [a, b] = inputs.map(splat)
  if (a === undefined || b === undefined || output.dtype !== "float32") return undefined
  return graph.expand(graph.scalar(folded[operator](a, b)), output.shape)
}

/** Moves the constant of a commutative operator to the second place, where other rules look for it. */
const constantSecond: Rule = ({ graph, operator, inputs: [a, b], output }) =>
  splat(a) !== undefined && splat(b) === undefined ? graph.node(operator, [b, a], output) : undefined

const identity =
  (neutral: number): Rule =>
  ({ graph, inputs: [x, constant], output }) =>
    splat(constant) === neutral ? graph.expand(x, output.shape) : undefined

/** (x c) d = x (c d), if x c has no other use: then a product can absorb the common factor. */
const mergeFactors: Rule = (candidate) => {
  const [a, b] = candidate.inputs
  const inner = candidate.graph.usedOnce(a) ? factorOf(a) : undefined
  const factor = splat(b)
  if (!inner || factor === undefined) return undefined
  const multiply = candidate.output.dtype === "int32" ? Math.imul : folded.Mul
  return scaled(candidate, inner[0], multiply(inner[1], factor))
}

const negate: Rule = (candidate) => scaled(candidate, candidate.inputs[0], -1)

const divideByConstant: Rule = (candidate) => {
  const divisor = splat(candidate.inputs[1])
  return divisor === undefined || candidate.output.dtype !== "float32"
    ? undefined
    : scaled(candidate, candidate.inputs[0], 1 / divisor)
}

const oneOver: Rule = ({ graph, inputs: [a, b], output }) =>
  splat(a) === 1 && sameShape(b.shape, output.shape) ? graph.node("Reciprocal", [b], output) : undefined

/** a + (-b) = a - b and a - (-b) = a + b. */
const addNegative: Rule = ({ graph, operator, inputs: [a, b], output }) => {
  const [ofA, ofB] = [factorOf(a), factorOf(b)]
  if (ofB?.[1] === -1) return graph.node(operator === "Add" ? "Sub" : "Add", [a, ofB[0]], output)
  return operator === "Add" && ofA?.[1] === -1 ? graph.node("Sub", [b, ofA[0]], output) : undefined
}

/** (a - b) (-1) = b - a. */
const negateDifference: Rule = ({ graph, inputs: [a, b], output }) => {
  const difference = graph.usedOnce(a) ? madeBy(a, "Sub") : undefined
  return difference && splat(b) === -1 ? graph.node("Sub", difference.inputs.toReversed(), output) : undefined
}

/** Drops the expansion of an operand that the operator broadcasts itself. */
const dropExpand: Rule = (candidate) => {
  const { graph, operator, inputs, output } = candidate
  const bare = inputs.map((input) => {
    const number = splat(input)
    return number !== undefined && input.shape.length > 0
      ? graph.scalar(number, input.dtype)
      : (under(input, "Expand") ?? input)
  })
  const attempts = [bare, ...inputs.map((input, keep) => bare.with(keep, input))]
  const smaller = attempts.find((attempt) => {
    const shapes = attempt.map(({ shape }) => shape)
    return (
      attempt.some((value, k) => value !== inputs[k]) && sameShape(broadcast(operator, shapes), output.shape)
    )
  })
  return smaller && redone(candidate, smaller, output.shape)
}

const own: Record<string, Rule[]> = {
  Add: [fold, constantSecond, dropExpand, identity(0), addNegative],
  Sub: [fold, dropExpand, identity(0), addNegative],
  Mul: [fold, constantSecond, dropExpand, identity(1), mergeFactors, negateDifference],
  Div: [fold, dropExpand, divideByConstant, oneOver],
  Neg: [negate],
}

const others = [...pointwiseOperators].filter(
  (operator) => !unaryOperators.has(operator) && !(operator in own),
)

export const arithmetic: [string, Rule[]][] = [...Object.entries(own), ...each(others, [dropExpand])]
