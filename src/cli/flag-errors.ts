/**
 * Commander's errors in the form of all others: the flag, what was given, what would do.
 * "--steps 0: give a whole number from 1 to 1,000"
 */
import { either } from "../setting.ts"

export function inOurWords(message: string): string {
  const [, names, given, remedy] =
    /^error: option '(.*?)' argument '(.*)' is invalid\. (.*)$/s.exec(message) ?? []
  if (remedy === undefined) return message
  const name = names.split(/[ ,]+/).find((each) => each.startsWith("--"))
  const [, choices] = /^Allowed choices are (.*)\.$/m.exec(remedy) ?? []
  const wanted = choices === undefined ? remedy : `give ${either(choices.split(", "))}\n`
  return `error: ${name} ${/^[^\s"]+$/.test(given) ? given : JSON.stringify(given)}: ${wanted}`
}
