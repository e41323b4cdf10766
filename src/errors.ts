/**
 * The one error that means "the user can fix this": the command line prints its sentence and exits with 1, without a
 * stack trace. Any other error is a bug and keeps its trace. A message says what was given, what is wrong with it, and
 * what to give instead.
 */
import "./supported-node.ts"
import { kernel } from "./display/kernel.ts"

export class UserError extends Error {
  override readonly name = "UserError"

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    // A notebook prints the stack of an error that ends a cell.
    if (kernel) this.stack = message
  }
}

/** The most characters of a text, and elements of a list, that a message shows. */
const [MAX_CHARACTERS, MAX_ELEMENTS] = [100, 20]

/** A value as a message shows it: a text in quotes, so that "2" is not taken for 2. */
export function told(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > MAX_CHARACTERS ? `${value.slice(0, MAX_CHARACTERS)}…` : value)
  if (Array.isArray(value)) {
    const more = value.length > MAX_ELEMENTS ? `, … ${value.length} in all` : ""
    return `[${value.slice(0, MAX_ELEMENTS).map(told).join(", ")}${more}]`
  }
  if (typeof value === "function") return "a function"
  return typeof value === "object" && value !== null ? "an object" : String(value)
}

/** Throws a UserError unless these are options of the method. */
export function requireOptions(method: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new UserError(`${method}: ${told(given)} in place of options: give an object, or leave it out`)
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new UserError(`${method}: there is no option ${unknown}: it has ${known.join(", ")}`)
}

/** Throws a TypeError unless these are the bytes of a file. An ArrayBuffer, which `fetch` gives, is not. */
export function requireBytes(method: string, bytes: unknown): void {
  if (!(bytes instanceof Uint8Array))
    throw new TypeError(
      `${method}: ${told(bytes)} in place of the bytes of a file: give a Uint8Array, such as new Uint8Array(buffer)`,
    )
}

/** More memory would be needed than is allowed. */
export class MemoryError extends UserError {}
