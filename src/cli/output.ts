/**
 * The output of commands: results on standard output, notices on standard error. On a terminal, control characters of the data are shown
 * and have no effect; a file or a pipe gets them as they are.
 */
import { join, relative, resolve } from "node:path"
import { styleText } from "node:util"
import { requireOutput } from "./lost-output.ts"
import { withFilesNamed } from "./model-file.ts"
import { aboveStatus } from "./status-line.ts"

/** Throws if standard output can no longer be written. */
export function print(line = ""): void {
  requireOutput()
  aboveStatus(() => process.stdout.write(`${shownOn(process.stdout, line)}\n`))
}

/** Prints a file's content as it is. Returns whether all of it was written; if not, the command fails at its end. */
export async function printContent(content: Uint8Array | string): Promise<boolean> {
  requireOutput()
  return new Promise((resolve) => process.stdout.write(content, (error) => resolve(!error)))
}

/** Whether --out means standard output. */
export const isPrinted = (out: string): boolean => out === "-" || out === "/dev/stdout"

/** Prints an object as one line. */
export function printJson(object: object): void {
  print(JSON.stringify(object))
}

/** Prints a message that is not part of the result. */
export function notice(sentence: string): void {
  aboveStatus(() => process.stderr.write(`${shownOn(process.stderr, sentence)}\n`))
}

/** Text of the data for standard output. On a terminal, each control character is replaced by its picture or its number. */
export const visible = (text: string): string =>
  process.stdout.isTTY ? text.replace(controls, pictureOf) : text

/** Replaces all control characters but line breaks and the styles of this file and of the charts. */
const shownOn = ({ isTTY }: { isTTY?: boolean }, text: string): string =>
  isTTY
    ? text.replace(unstyled, (found) => (found.length > 1 || found === "\n" ? found : pictureOf(found)))
    : text

/** The control characters of ASCII and Latin-1, and those that change the direction of writing. */
const controls = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu
const unstyled = new RegExp(`\\u001b\\[(?:0|1|2|22|3[2-6]|39|91)m|${controls.source}`, "gu")

/** ␛ for an escape, \u{85} for a control character without a picture. */
function pictureOf(control: string): string {
  const code = control.codePointAt(0)!
  if (code === 0x7f) return "\u2421"
  return code < 0x20 ? String.fromCodePoint(0x2400 + code) : `\\u{${code.toString(16)}}`
}

// Styled only on a terminal, and unless NO_COLOR is set.
export const bold = (text: string): string => styleText("bold", text)
export const dim = (text: string): string => styleText("dim", text)
export const green = (text: string): string => styleText("green", text)

export const formatCount = (count: number): string => count.toLocaleString("en")

export const percent = (part: number): string => `${(100 * part).toFixed(1)} %`

/** A makewave command to copy into a shell, as makewave is run here. */
export const commandLine = (words: readonly string[]): string =>
  [makewave(), ...withFilesNamed(words).map(shellWord)].join(" ")

/** From a checkout, in it or beside it; by npx; or as an installed command. */
function makewave(): string {
  if (!import.meta.url.endsWith(".ts")) return process.env.npm_command ? "npx makewave" : "makewave"
  const checkout = resolve(import.meta.dirname, "../..")
  const isOutside = relative(checkout, process.cwd()).startsWith("..")
  return isOutside ? `node ${shellWord(join(checkout, "bin/makewave.cjs"))}` : "npm run -s makewave --"
}

/** A text as one word of a shell, in quotes if it needs them. */
export const shellWord = (text: string): string =>
  /^[\p{L}\p{N}_.,:/@+-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

/** The columns of the terminal, for tables; a file or a pipe gets them whole. */
export const outputWidth = (): number => process.stdout.columns || Infinity

/** The width and color support of the terminal. */
export const chartOptions = (): { width: number; color: boolean } => ({
  width: Math.min(process.stdout.columns || 80, 120),
  color: bold("x") !== "x",
})
