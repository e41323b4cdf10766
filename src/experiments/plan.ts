/**
 * The plan of a sweep: a YAML or JSON file with a recipe, the parameters that vary, how to search them, and when to stop.
 * Words: Weights & Biases' sweep configurations, https://docs.wandb.ai/models/sweeps/sweep-config-keys, in camelCase.
 */
import { butHas } from "../data/nearest.ts"
import { told, UserError } from "../errors.ts"
import { currentName, parseSettings, type Settings, settings, validates } from "../runs/settings.ts"
import { type Declared, type Options, oneOf, positive, seed, whole } from "../setting.ts"
import { type Chosen, isDiscrete, isRange } from "./distribution.ts"
import { accepted, isObject, parseParameters, settingsOfParameter } from "./parse-parameters.ts"
import { searches } from "./search/index.ts"
import { hasGrid, type Parameter, type Space } from "./space.ts"

export interface Plan {
  /** Of its file, for errors. */
  readonly name: string
  /** With the recipe that all trials share, but for its seed. */
  readonly space: Space
  readonly method: keyof typeof searches
  /** Each point is a trial with each of these. */
  readonly seeds: readonly number[]
  readonly metric: Metric
  readonly earlyTerminate?: EarlyTerminate
  readonly budget: Budget
}

export interface Metric {
  /** As the validation part is measured. */
  readonly name: (typeof metrics)[number]
  readonly goal: "minimize" | "maximize"
}

/** ASHA's first rung, in steps, and the factor from each rung to the next. */
export interface EarlyTerminate {
  readonly type: "asha"
  readonly minSteps: number
  readonly eta: number
}

/** Trials that are running when the seconds or steps are used up go on to their end. */
export interface Budget {
  /** The most trials. */
  readonly runs?: number
  /** Of training, of all trials together: after these none begins. */
  readonly seconds?: number
  /** The most that a model may have. */
  readonly parameters?: number
  /** Of all trials together: after these none begins. */
  readonly steps?: number
}

const metrics = ["validation", "accuracy", "networkAlone", "countsAlone"] as const

const methodSetting = oneOf(Object.keys(searches) as Plan["method"][], undefined, "the search")

const metricSettings = {
  name: oneOf(metrics, undefined, "what is measured"),
  goal: oneOf(["minimize", "maximize"], undefined, "whether lower or higher is better"),
}

const terminateSettings = {
  type: oneOf(["asha"], undefined, "how trials are stopped early"),
  minSteps: whole(undefined, "steps of the first rung", { least: 1 }),
  eta: whole(undefined, "the factor from rung to rung", { least: 2 }),
}

const budgetSettings = {
  runs: whole(undefined, "trials", { least: 1 }),
  seconds: positive(undefined, "seconds of the sweep"),
  parameters: whole(undefined, "parameters of a model", { least: 1 }),
  steps: whole(undefined, "steps of all trials", { least: 1, most: Number.MAX_SAFE_INTEGER }),
}

const keys = ["recipe", "parameters", "method", "seeds", "metric", "earlyTerminate", "budget"]

/** @param value What the file holds. @param name The file's name in errors. Throws a UserError for what is no plan. */
export function parsePlan(value: unknown, name: string): Plan {
  if (!isObject(value))
    throw new UserError(`${name}: there is no plan in it: give a recipe, parameters and a method`)
  for (const [key, each] of Object.entries(value)) requireKey(key, each, name)
  const { seed, ...recipe } = parseSettings(value.recipe ?? {}, `${name}: recipe`)
  const space = { recipe, parameters: parseParameters(value.parameters ?? {}, recipe, `${name}: parameters`) }
  const seeds = parseSeeds(value.seeds, seed ?? (settings.seed.default.of({}) as number), `${name}: seeds`)
  if (space.parameters.length === 0 && seeds.length === 1)
    throw new UserError(
      `${name}: nothing varies: give parameters, such as hidden: [64, 128], or several seeds`,
    )
  const byDefault = space.parameters.some(({ distribution }) => isRange(distribution)) ? "random" : "grid"
  const method = accepted(methodSetting, value.method ?? byDefault, `${name}: method`)
  const metric = parseMetric(value.metric, `${name}: metric`)
  const budget = parseGroup(budgetSettings, value.budget ?? {}, `${name}: budget`)
  const earlyTerminate = parseEarlyTerminate(value.earlyTerminate, `${name}: earlyTerminate`)
  const plan = { name, space, method, seeds, metric, budget }
  return checked(earlyTerminate ? { ...plan, earlyTerminate } : plan)
}

function requireKey(key: string, value: unknown, name: string): void {
  if (keys.includes(key)) return
  const isSeeds = key === "seed" && Array.isArray(value)
  const isSetting = Object.hasOwn(settings, currentName(key)) && !isSeeds
  throw new UserError(
    `${name}: there is no ${told(key)}${isSetting ? ": it is a setting: move it to recipe or parameters" : butHas(key, keys)}`,
  )
}

/** The values of a group of keys, each checked by its setting. */
function parseGroup<S extends Declared>(declared: S, given: unknown, place: string): Options<S> {
  const known = Object.keys(declared)
  if (!isObject(given))
    throw new UserError(`${place}: ${told(given)}: give an object with ${known.join(", ")}`)
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      if (!known.includes(key)) throw new UserError(`${place}: there is no ${told(key)}${butHas(key, known)}`)
      return [key, accepted(declared[key], value, `${place}: ${key}`)]
    }),
  ) as Options<S>
}

function parseMetric(given: unknown, place: string): Metric {
  const { name = "validation", goal } = parseGroup(metricSettings, given ?? {}, place)
  const better = name === "accuracy" ? "maximize" : "minimize"
  if (goal !== undefined && goal !== better)
    throw new UserError(`${place}: goal: ${told(goal)} would call the worst ${name} the best: give ${better}`)
  return { name, goal: better }
}

function parseEarlyTerminate(given: unknown, place: string): EarlyTerminate | undefined {
  if (given === undefined) return undefined
  const { type = "asha", minSteps, eta = 3 } = parseGroup(terminateSettings, given, place)
  if (minSteps === undefined)
    throw new UserError(`${place}: minSteps is missing: give the steps after which trials are first compared`)
  return { type, minSteps, eta }
}

/** A list of seeds, or how many there are from the first on. */
function parseSeeds(given: unknown, first: number, place: string): number[] {
  if (!Array.isArray(given)) {
    const count = accepted(whole(undefined, "seeds", { least: 1, most: 10_000 }), given ?? 1, place)
    return Array.from({ length: count }, (_, k) => first + k)
  }
  if (given.length === 0) throw new UserError(`${place}: the list is empty: give at least one seed`)
  const seeds = given.map((each) => accepted(seed(undefined, "a seed"), each, place))
  const twice = seeds.find((each, k) => seeds.indexOf(each) < k)
  if (twice !== undefined) throw new UserError(`${place}: ${twice} is in the list twice: leave one out`)
  return seeds
}

/**
 * The plan with some settings fixed, which are no parameters any more, and another budget of runs. A UserError if it makes no sense with
 * them.
 */
export function withOverrides(plan: Plan, { seed, ...fixed }: Settings, runs = plan.budget.runs): Plan {
  const { recipe, parameters } = plan.space
  const space: Space = {
    recipe: { ...recipe, ...fixed },
    parameters: parameters
      .filter(({ name }) => !Object.hasOwn(fixed, name))
      .map((parameter) => without(parameter, fixed)),
  }
  const budget = runs === undefined ? plan.budget : { ...plan.budget, runs }
  return checked({ ...plan, space, seeds: seed === undefined ? plan.seeds : [seed], budget })
}

/** The parameter without these settings in the objects that are its values. */
function without(parameter: Parameter, fixed: Settings): Parameter {
  const { distribution } = parameter
  if (isRange(distribution)) return parameter
  return { ...parameter, distribution: { values: distribution.values.map((value) => rest(value, fixed)) } }
}

const rest = (value: Chosen, fixed: Settings): Chosen =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).filter(([name]) => !Object.hasOwn(fixed, name)))
    : value

/** The plan, if its parts go together. */
function checked(plan: Plan): Plan {
  const { name, space, method, seeds, metric, earlyTerminate, budget } = plan
  const { recipe, parameters } = space
  const varied = parameters.flatMap(settingsOfParameter)
  if (method === "grid" && !hasGrid(space)) {
    const real = parameters.find(({ distribution }) => !isDiscrete(distribution))!
    throw new UserError(
      `${name}: method: grid: ${real.name} is a range of real numbers: give values, or the method random or tpe`,
    )
  }
  if (budget.runs !== undefined && budget.runs < seeds.length)
    throw new UserError(
      `${name}: budget: runs: ${budget.runs} is fewer than the ${seeds.length} seeds, each of which is a run of every point: give more runs, or fewer seeds`,
    )
  if (!validates(recipe))
    throw new UserError(
      `${name}: metric: ${metric.name}: no trial reports it, as split ${recipe.split} has no validation part: change the split`,
    )
  if (metric.name === "accuracy" && recipe.classify === undefined && !varied.includes("classify"))
    throw new UserError(
      `${name}: metric: accuracy: no trial reports it, as none classifies: give classify in the recipe, or the metric validation`,
    )
  if (earlyTerminate) requireRungs(earlyTerminate, recipe.steps, varied, `${name}: earlyTerminate`)
  return plan
}

function requireRungs(
  { minSteps }: EarlyTerminate,
  steps: number | undefined,
  varied: readonly string[],
  place: string,
): void {
  if (varied.includes("steps"))
    throw new UserError(
      `${place}: trials are compared at equal steps, and steps is a parameter: move it to the recipe, or leave one out`,
    )
  if (steps === undefined)
    throw new UserError(`${place}: it needs the steps of a whole trial: give steps in the recipe`)
  if (minSteps >= steps)
    throw new UserError(
      `${place}: minSteps: ${minSteps} is not below the recipe's steps, ${steps}: lower it, or give more steps`,
    )
}
