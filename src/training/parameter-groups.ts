/**
 * Parameter groups: which optimizer changes which parameters, and at which rate. Source: the param_groups of torch.optim.Optimizer,
 * https://pytorch.org/docs/stable/optim.html#per-parameter-options
 */
import { nearest } from "../data/nearest.ts"
import { UserError } from "../errors.ts"
import type { Module } from "../nn/module.ts"
import type { Parameter } from "../nn/variable.ts"
import type { Optimizer } from "../optim/optimizer.ts"
import { type Schedule, scheduleOf } from "../optim/schedules.ts"
import { hiddenMatrices } from "./hidden-matrices.ts"

/** Options for some parameters. Defaults are the options of the parameters outside of groups. */
export interface ParameterGroup {
  /** Paths of parameters, or of modules for all parameters in them, such as "network.layers.0"; or the parameters themselves. */
  readonly parameters: string | readonly string[] | readonly Parameter[]
  readonly optimizer?: Optimizer
  readonly rate?: number | Schedule
  /** Keeps the parameters fixed, without computing their gradients. A frozen BatchNorm still updates its running statistics. */
  readonly freeze?: boolean
}

/** Parameters that share an optimizer and a schedule. */
export interface TrainedGroup {
  /** Makes names in the step unique to this group. */
  readonly suffix: string
  readonly parameters: readonly (readonly [name: string, parameter: Parameter])[]
  readonly optimizer: Optimizer
  readonly schedule: Schedule
}

/** The groups to train, those outside of any group first. A parameter in two groups is a UserError. */
export function resolveGroups(
  module: Module,
  groups: readonly ParameterGroup[],
  optimizer: Optimizer,
  rate: number | Schedule,
): TrainedGroup[] {
  const named = module.namedParameters()
  const groupOf = new Map<Parameter, number>()
  for (const [k, { parameters }] of groups.entries())
    for (const parameter of find(named, parameters)) {
      if (groupOf.has(parameter))
        throw new UserError(
          `train: '${named.find((each) => each[1] === parameter)?.[0]}' is in two groups: name it in one`,
        )
      groupOf.set(parameter, k)
    }
  const all: ParameterGroup[] = [{ parameters: [] }, ...groups]
  const trained = all
    .map((group, k) => ({
      suffix: k === 0 ? "" : ` of group ${k}`,
      parameters: group.freeze ? [] : named.filter(([, each]) => (groupOf.get(each) ?? -1) === k - 1),
      optimizer: group.optimizer ?? optimizer,
      schedule: scheduleOf(group.rate ?? rate),
    }))
    .flatMap((group) => withOthers(module, group))
    .filter(({ parameters }) => parameters.length > 0)
  if (trained.length === 0)
    throw new UserError("train: there are no parameters to train: give a module with some, or freeze fewer")
  return trained
}

/** An optimizer of matrices has a group of these, and its `others` one of the rest. */
function withOthers(module: Module, group: TrainedGroup): TrainedGroup[] {
  const { optimizer, parameters, suffix } = group
  if (!optimizer.others) return [group]
  const matrices = hiddenMatrices(module)
  const [own, rest] = [true, false].map((isOwn) =>
    parameters.filter(([, parameter]) => matrices.has(parameter) === isOwn),
  )
  return [
    { ...group, parameters: own },
    { ...group, parameters: rest, optimizer: optimizer.others, suffix: `${suffix} beside matrices` },
  ]
}

/** The parameters that no group trains. */
export function frozenParameters(module: Module, groups: readonly TrainedGroup[]): [string, Parameter][] {
  const trained = new Set(groups.flatMap(({ parameters }) => parameters.map(([, parameter]) => parameter)))
  return module.namedParameters().filter(([, parameter]) => !trained.has(parameter))
}

function find(
  named: readonly [string, Parameter][],
  wanted: string | readonly (string | Parameter)[],
): Parameter[] {
  return (typeof wanted === "string" ? [wanted] : wanted).flatMap((each) => {
    const found = named.filter(([name, parameter]) =>
      typeof each === "string" ? name === each || name.startsWith(`${each}.`) : parameter === each,
    )
    if (found.length > 0) return found.map(([, parameter]) => parameter)
    if (typeof each !== "string")
      throw new UserError(`train: ${each} of a group is not a parameter of the module`)
    const paths = named.flatMap(([name]) =>
      name.split(".").map((_, k, parts) => parts.slice(0, k + 1).join(".")),
    )
    const meant = nearest(each, paths)
    throw new UserError(
      `train: no parameter of the module is named '${each}'${meant ? `: did you mean '${meant}'?` : ": give the path of one, or of a module"}`,
    )
  })
}
