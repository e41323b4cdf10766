/**
 * Aliases of flags: those of makemore.py, for the commands that train, and those of version 0.1. makemore.py's
 * `-o --resume --seed -b -l -w` need no alias. Source: https://github.com/karpathy/makemore, makemore.py
 */
import { UserError } from "../errors.ts"
import { allModels, formerNames } from "../runs/settings.ts"
import { flag } from "../setting.ts"
import { notice } from "./output.ts"

const spellings: Readonly<Record<string, string>> = {
  "--input-file": "--data",
  "-i": "--data",
  "--work-dir": "--out",
  "--max-steps": "--steps",
  "--device": "--provider",
  "--type": "--model",
  "--n-layer": "--layers",
  "--n-head": "--heads",
  "--n-embd": "--embedding",
  "--n-embd2": "--hidden",
}

/** makemore.py takes these for every model. A model that has no such size ignores it. */
const sizes = ["--n-layer", "--n-head", "--n-embd", "--n-embd2"]

/** Flags of makemore.py without an alias, and what to do instead. */
const unsupported: Readonly<Record<string, string>> = {
  "--sample-only": "to sample from a trained model, run makewave sample RUN --count 50",
  "--top-k": "a flag of sampling: run makewave sample RUN --top-k COUNT",
  "--num-workers": "data loading needs no workers: leave it out",
  "-n": "data loading needs no workers: leave it out",
}

/** Flags renamed since version 0.1, for every command that takes settings. */
const former: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(formerNames).map(([key, now]) => [flag(key), flag(now)]),
)

/** The arguments of a command line with aliases replaced, and without sizes that makemore.py ignores. */
export function withCurrentFlags(args: readonly string[]): string[] {
  const trains = args[0] === "train" || args[0] === "start"
  const known = trains ? { ...spellings, ...former } : former
  const current: string[] = []
  for (let k = 0; k < args.length; k++) {
    const [, name, rest] = /^(-[^=]*)(=.*)?$/s.exec(args[k]) ?? []
    const value = rest?.slice(1) ?? args[k + 1]
    if (name === "--rate" && Number(value) < 1000)
      throw new UserError(
        `--rate ${value}: this was the sample rate of sounds and is now --sample-rate: the learning rate is --learning-rate`,
      )
    if (trains && name && Object.hasOwn(unsupported, name))
      throw new UserError(`${name}: ${unsupported[name]}`)
    const now = name && Object.hasOwn(known, name) ? known[name] : undefined
    if (trains && now && sizes.includes(name) && !has(modelOf(args), now)) {
      notice(`${name} ${value}: ignored, as makemore.py does: the model ${modelOf(args)} has no ${now}`)
      if (rest === undefined) k++
    } else current.push(now === undefined ? args[k] : now + (rest ?? ""))
  }
  return current
}

/** The model that --type, makemore.py's flag, asks for. */
function modelOf(args: readonly string[]): string | undefined {
  const k = args.findLastIndex((arg) => /^--type(=|$)/.test(arg))
  return args[k]?.includes("=") ? args[k].slice("--type=".length) : args[k + 1]
}

/** Whether a model has the setting of a flag. An unknown model is refused later, by its own check. */
function has(model: string | undefined, flagOfSize: string): boolean {
  if (model === undefined || !Object.hasOwn(allModels, model)) return true
  return Object.keys(allModels[model as keyof typeof allModels].settings).some(
    (key) => flag(key) === flagOfSize,
  )
}
