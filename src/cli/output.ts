/** The output of commands: results on standard output, notices on standard error. */
import { styleText } from "node:util"

export function print(line = ""): void {
  process.stdout.write(`${line}\n`)
}

/** Prints an object as one line. */
export function printJson(object: object): void {
  print(JSON.stringify(object))
}

/** Prints a message that is not part of the result. */
export function notice(sentence: string): void {
  process.stderr.write(`${sentence}\n`)
}

// Styled only on a terminal, and unless NO_COLOR is set.
export const bold = (text: string): string => styleText("bold", text)
export const dim = (text: string): string => styleText("dim", text)
export const green = (text: string): string => styleText("green", text)

export const formatCount = (count: number): string => count.toLocaleString("en")

export const percent = (part: number): string => `${(100 * part).toFixed(1)} %`

/** A makewave command for the user to run, here or in a checkout, which runs its sources. */
export const commandLine = (rest: string): string =>
  `${import.meta.url.endsWith(".ts") ? "npm run -s makewave --" : "makewave"} ${rest}`

/** The width and color support of the terminal. */
export const chartOptions = (): { width: number; color: boolean } => ({
  width: Math.min(process.stdout.columns ?? 80, 120),
  color: bold("x") !== "x",
})
