/** What commands write: results to standard output, what is said about them to standard error. */
import { styleText } from "node:util"

export function print(line = ""): void {
  process.stdout.write(`${line}\n`)
}

/** One object, one line. */
export function printJson(object: object): void {
  print(JSON.stringify(object))
}

/** A sentence to the user that is no result. */
export function notice(sentence: string): void {
  process.stderr.write(`${sentence}\n`)
}

/** On a terminal, and unless NO_COLOR is set. */
export const bold = (text: string): string => styleText("bold", text)
export const dim = (text: string): string => styleText("dim", text)
export const green = (text: string): string => styleText("green", text)

export const grouped = (count: number): string => count.toLocaleString("en")

export const percent = (part: number): string => `${(100 * part).toFixed(1)} %`

/** How the command line is called here, for commands to try next: a checkout runs its sources. */
export const commandLine = (rest: string): string =>
  `${import.meta.url.endsWith(".ts") ? "npm run -s makewave --" : "makewave"} ${rest}`

/** How large a chart may be, and whether it may have colours. */
export const chartOptions = (): { width: number; color: boolean } => ({
  width: Math.min(process.stdout.columns ?? 80, 120),
  color: bold("x") !== "x",
})
