/** Deno's Jupyter kernel, where the code runs in a cell of a notebook. Source: the types of Deno 2.9. */
import type { Media } from "./contract.ts"

interface Kernel {
  /** `raw` says that media are given; `update` replaces what has this id in place. */
  display(
    thing: unknown,
    options?: { readonly raw?: boolean; readonly update?: boolean; readonly display_id?: string },
  ): Promise<void>
}

interface Deno {
  readonly jupyter: Kernel
  addSignalListener(signal: "SIGINT", listener: () => void): void
}

const deno = (globalThis as { Deno?: Deno }).Deno

/** Undefined outside a notebook. */
export const kernel = ((): Kernel | undefined => {
  try {
    return deno?.jupyter
  } catch {
    return undefined // Deno throws in a program that is no notebook.
  }
})()

/** What stands in the output of a cell and can be replaced in place. */
export interface Place {
  put(media: Media): Promise<void>
}

let places = 0

/** A place in the output of the running cell; undefined outside a notebook. */
export function openPlace(): Place | undefined {
  if (!kernel) return undefined
  const { display } = kernel
  const display_id = `makewave-${places++}`
  let isFilled = false
  return {
    async put(media) {
      await display(media, { raw: true, display_id, update: isFilled })
      isFilled = true
    },
  }
}

/** What is called when the running cell is interrupted, the innermost last. */
const interruptions: (() => void)[] = []
let listens = false

/**
 * Calls `stop` when the cell is interrupted, until it is released; outside a notebook never. Without a listener SIGINT, which Jupyter
 * sends, ends the kernel, so the listener stays: another cell that is interrupted runs to its end.
 */
export function onInterrupt(stop: () => void): { release(): void } {
  if (!kernel) return { release() {} }
  if (!listens) deno!.addSignalListener("SIGINT", () => interruptions.at(-1)?.())
  listens = true
  interruptions.push(stop)
  return { release: () => void interruptions.splice(interruptions.indexOf(stop), 1) }
}
