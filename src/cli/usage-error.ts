/** What is wrong with a command line, in the form of all errors: what was given, what is wrong with it, and what would do. */
import { nearest } from "../data/nearest.ts"
import { either } from "../setting.ts"

/** commander's sentences, and ours. `flags` is such as `-b, --batch-size <rows>`. */
const forms: readonly (readonly [RegExp, (...parts: string[]) => string])[] = [
  [
    /^option '(.*)' argument '(.*)' is invalid\. Allowed choices are (.*)\.$/s,
    (flags, given, list) => {
      const choices = list.split(", ")
      const meant = nearest(given, choices)
      const question = meant ? `; did you mean ${meant}?` : ""
      return `${longOf(flags)} ${quoted(given)}: give ${either(choices)}${question}`
    },
  ],
  [
    /^option '(.*)' argument '(.*)' is invalid\. (.*?)\.?$/s,
    (flags, given, wanted) => `${longOf(flags)} ${quoted(given)}: ${wanted}`,
  ],
  [
    /^option '(.*)' argument missing$/,
    (flags) => `${longOf(flags)}: it needs a value: give ${flagOf(flags)}`,
  ],
  [
    /^missing required argument '(.*)'$/,
    (name) => `<${name}> is missing: give it after the command; --help has examples`,
  ],
  [/^required option '(.*)' not specified$/, (flags) => `${longOf(flags)} is missing: give ${flagOf(flags)}`],
  [
    /^unknown (option|command) '(.*)'\n\(Did you mean (.*)\?\)$/s,
    (what, given, meant) => `${given}: there is no such ${nameOf(what)}: did you mean ${meant}?`,
  ],
  [
    /^unknown command '(.*)'$/s,
    (given) =>
      `${quoted(given)}: there is no such command or file: give the path of a list; --help lists the commands`,
  ],
  [/^unknown option '(.*)'$/s, (given) => `${given}: there is no such flag: --help lists all`],
  [
    /^too many arguments for '(.*)'\. Expected (\d+) arguments? but got \d+: (.*)\.$/s,
    (command, most, given) =>
      `${given}: ${command} takes ${most === "0" ? "no arguments" : `at most ${most} argument${most === "1" ? "" : "s"}`}: leave ${most === "0" ? "it" : "the rest"} out`,
  ],
]

/** @param message commander's, after "error: " */
export function usageError(message: string): string {
  for (const [pattern, sentence] of forms) {
    const parts = pattern.exec(message)
    if (parts) return sentence(...parts.slice(1))
  }
  return message
}

/** --batch-size <rows> */
const flagOf = (flags: string): string => flags.replace(/^-\w, /, "")

const longOf = (flags: string): string => flagOf(flags).split(" ")[0]

const quoted = (given: string): string => (/^[^\s"]+$/.test(given) ? given : JSON.stringify(given))

const nameOf = (what: string): string => (what === "option" ? "flag" : "command or file")
