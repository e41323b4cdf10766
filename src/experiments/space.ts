/**
 * The space of a sweep: the settings that all of its trials share, and the parameters in which they differ. A search proposes points of
 * it, and a point is the settings of a run.
 */
import type { Generator } from "../random/torch.ts"
import { type Settings, settings } from "../runs/settings.ts"
import { type Chosen, type Distribution, isDiscrete, isSame, sample, valuesOf } from "./distribution.ts"

export interface Parameter {
  /** The name of a setting, or any other if its values are objects of settings. */
  readonly name: string
  readonly distribution: Distribution
  /** The parameter is left out unless each of these, of the recipe or an earlier parameter, has one of its values. */
  readonly when?: Readonly<Record<string, readonly Chosen[]>>
}

export interface Space {
  readonly recipe: Settings
  readonly parameters: readonly Parameter[]
}

/** Values by the name of the parameter. JSON-serializable. */
export type Point = Readonly<Record<string, Chosen>>

/** Builds a point: chooses a value for each parameter that applies, in their order. */
export function pointOf({ recipe, parameters }: Space, choose: (parameter: Parameter) => Chosen): Point {
  const point: Record<string, Chosen> = {}
  for (const parameter of parameters)
    if (applies(parameter, recipe, point)) point[parameter.name] = choose(parameter)
  return point
}

/** A random point. */
export const draw = (space: Space, random: Generator): Point =>
  pointOf(space, ({ distribution }) => sample(distribution, random))

/** Every point once, the last parameter varying fastest. Throws a RangeError for a space without a grid. */
export function* gridOf(space: Space): Iterable<Point> {
  const real = space.parameters.find(({ distribution }) => !isDiscrete(distribution))
  if (real)
    throw new RangeError(`gridOf: ${real.name} is a range of real numbers: give values, or draw points`)
  const found = new Set<string>()
  for (const point of extensions(space, 0, {})) {
    const key = pointKey(space, point)
    if (found.has(key)) continue
    found.add(key)
    yield point
  }
}

function* extensions(space: Space, from: number, point: Point): Iterable<Point> {
  const parameter = space.parameters[from]
  if (parameter === undefined) yield point
  else if (!applies(parameter, space.recipe, point)) yield* extensions(space, from + 1, point)
  else
    for (const value of valuesOf(parameter.distribution))
      yield* extensions(space, from + 1, { ...point, [parameter.name]: value })
}

/** Whether the space has a grid: no parameter has a range of real numbers. */
export const hasGrid = ({ parameters }: Space): boolean =>
  parameters.every(({ distribution }) => isDiscrete(distribution))

/** The settings of a run at a point, in the order of a recipe. A parameter comes before the recipe, and a later one before an earlier. */
export function settingsAt({ recipe, parameters }: Space, point: Point): Settings {
  const all: Settings = { ...recipe }
  for (const { name } of parameters)
    if (point[name] !== undefined) Object.assign(all, settingsOfValue(name, point[name]))
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => order.get(a)! - order.get(b)!))
}

const order: ReadonlyMap<string, number> = new Map(Object.keys(settings).map((name, index) => [name, index]))

/** A text that two points share only if they are the same run. */
export const pointKey = (space: Space, point: Point): string => JSON.stringify(settingsAt(space, point))

/** The settings that a value of a parameter sets. */
export const settingsOfValue = (name: string, value: Chosen): Settings =>
  typeof value === "object" && !Array.isArray(value) ? (value as Settings) : { [name]: value }

/** Whether a parameter applies where the earlier ones have these values. */
function applies({ when }: Parameter, recipe: Settings, point: Point): boolean {
  if (!when) return true
  const known: Record<string, Chosen | undefined> = { ...recipe }
  for (const [name, value] of Object.entries(point))
    Object.assign(known, settingsOfValue(name, value), { [name]: value })
  return Object.entries(when).every(([name, values]) => values.some((value) => isSame(value, known[name])))
}
