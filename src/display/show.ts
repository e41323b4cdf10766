/** Shows things where the code runs: in a notebook in their richest form, elsewhere as text. */
import { isDisplayed, jupyterDisplay } from "./contract.ts"
import { kernel } from "./kernel.ts"

/** Shows each thing: a tensor, a module, a chart, a summary; anything else as console.log does. */
export async function show(...things: unknown[]): Promise<void> {
  for (const thing of things)
    if (!isDisplayed(thing)) console.log(thing)
    else {
      const media = await thing[jupyterDisplay]()
      if (kernel) await kernel.display(media, { raw: true })
      else console.log(media["text/plain"])
    }
}
