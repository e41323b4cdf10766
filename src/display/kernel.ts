/** Deno's Jupyter kernel, where the code runs in a cell of a notebook. Source: the type `Deno.jupyter` of Deno 2.9. */
import type { Media } from "./contract.ts"

interface Kernel {
  /** `raw` says that media are given; `update` replaces what has this id in place. */
  display(
    thing: unknown,
    options?: { readonly raw?: boolean; readonly update?: boolean; readonly display_id?: string },
  ): Promise<void>
}

/** Undefined outside a notebook. */
export const kernel = ((): Kernel | undefined => {
  try {
    return (globalThis as { Deno?: { readonly jupyter: Kernel } }).Deno?.jupyter
  } catch {
    return undefined // Deno throws in a program that is no notebook.
  }
})()

/** What stands in the output of a cell and can be replaced in place. */
export interface Place {
  put(media: Media): Promise<void>
}

/** A place in the output of the running cell; undefined outside a notebook. */
export function openPlace(): Place | undefined {
  if (!kernel) return undefined
  const { display } = kernel
  const display_id = crypto.randomUUID()
  let isFilled = false
  return {
    async put(media) {
      await display(media, { raw: true, display_id, update: isFilled })
      isFilled = true
    },
  }
}
