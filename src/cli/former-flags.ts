/**
 * Other spellings of flags: those of makemore.py, for the commands that train, and those of version 0.1. makemore's
 * `-o --resume --seed -b -l -w` are flags here as well. Source: https://github.com/karpathy/makemore, makemore.py
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

/** Flags of makemore.py that belong to another command here, or to none. */
const elsewhere: Readonly<Record<string, string>> = {
  "--sample-only": "a trained model makes more by: makewave sample RUN --count 50",
  "--top-k": "it is a flag of sampling: makewave sample RUN --top-k COUNT",
  "--num-workers": "no worker is needed to load data: leave it out",
  "-n": "no worker is needed to load data: leave it out",
}

/** The flags that version 0.1 called otherwise, of every command that takes settings. */
const former: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(formerNames).map(([key, now]) => [flag(key), flag(now)]),
)

/** Arguments of a command line with makewave's flags in place of makemore.py's and of those of version 0.1. */
export function withCurrentFlags(args: readonly string[]): string[] {
  const trains = args[0] === "train" || args[0] === "start"
  const known = trains ? { ...spellings, ...former } : former
  return args.map((arg) => {
    const [, name, rest] = /^(-[^=]*)(=.*)?$/s.exec(arg) ?? []
    if (name === undefined) return arg
    if (trains && Object.hasOwn(elsewhere, name)) throw new UserError(`${name}: ${elsewhere[name]}`)
    return Object.hasOwn(known, name) ? known[name] + (rest ?? "") : arg
  })
}
