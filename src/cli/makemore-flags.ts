/**
 * makemore.py's spellings of flags, understood by the commands that train, so that a command line need not be learned anew.
 * Its `-o --resume --seed -b -l -w` are flags here as well. Source: https://github.com/karpathy/makemore, makemore.py
 */
import { UserError } from "../errors.ts"

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

/** What is another command's matter here, or nobody's. */
const elsewhere: Readonly<Record<string, string>> = {
  "--sample-only": "a trained model makes more by: makewave sample RUN --count 50",
  "--top-k": "it is a flag of sampling: makewave sample RUN --top-k COUNT",
  "--num-workers": "no worker is needed to load data: leave it out",
  "-n": "no worker is needed to load data: leave it out",
}

/** Arguments of a command line with makewave's flags in place of makemore.py's. */
export function fromMakemore(args: readonly string[]): string[] {
  if (args[0] !== "train" && args[0] !== "start") return [...args]
  return args.map((arg) => {
    const [, name, rest] = /^(-[^=]*)(=.*)?$/s.exec(arg) ?? []
    if (name === undefined) return arg
    if (Object.hasOwn(elsewhere, name)) throw new UserError(`${name}: ${elsewhere[name]}`)
    return Object.hasOwn(spellings, name) ? spellings[name] + (rest ?? "") : arg
  })
}
