/**
 * Aliases of flags: those of makemore.py, for the commands that train, and those of version 0.1. makemore.py's
 * `-o --resume --seed -b -l -w` need no alias. Source: https://github.com/karpathy/makemore, makemore.py
 */
import { UserError } from "../errors.ts"
import { formerNames } from "../runs/settings.ts"
import { flag } from "../setting.ts"

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

/** The arguments of a command line with aliases replaced. */
export function withCurrentFlags(args: readonly string[]): string[] {
  const trains = args[0] === "train" || args[0] === "start"
  const known = trains ? { ...spellings, ...former } : former
  return args.map((arg, k) => {
    const [, name, rest] = /^(-[^=]*)(=.*)?$/s.exec(arg) ?? []
    if (name === undefined) return arg
    const rate = name === "--rate" ? (rest?.slice(1) ?? args[k + 1]) : undefined
    if (rate !== undefined && Number(rate) < 1000)
      throw new UserError(
        `--rate ${rate}: this was the sample rate of sounds and is now --sample-rate: the learning rate is --learning-rate`,
      )
    if (trains && Object.hasOwn(unsupported, name)) throw new UserError(`${name}: ${unsupported[name]}`)
    return Object.hasOwn(known, name) ? known[name] + (rest ?? "") : arg
  })
}
