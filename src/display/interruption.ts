/**
 * Interrupting a cell of a notebook. Jupyter sends the kernel the signal of Ctrl-C, and Deno's ends, with all variables, unless something
 * listens. From the first long computation on, something does: the computation stops with a sentence, and the next cell runs.
 */
import { UserError } from "../errors.ts"
import { kernel } from "./kernel.ts"

interface Deno {
  addSignalListener(signal: "SIGINT", listener: () => void): void
}

let interruptions = 0
let listens = false

/** Begins a computation. The function that it returns throws a UserError once the cell has been interrupted; `what` says what stands. */
export function interruptible(): (what: () => string) => void {
  if (!kernel) return () => {}
  const { Deno } = globalThis as unknown as { Deno: Deno }
  if (!listens) Deno.addSignalListener("SIGINT", () => interruptions++)
  listens = true
  const before = interruptions
  return (what) => {
    if (interruptions > before) throw new UserError(`interrupted: ${what()}`)
  }
}
