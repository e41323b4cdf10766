/** A training for programs: each logged loss as an object on a line, and the results as the last. */

import type { TrainingEvent } from "../runs/run-training.ts"
import { printJson } from "./output.ts"

/** `more` hears each event, and gives what else the last object holds. */
export async function reportJson(
  events: AsyncIterable<TrainingEvent>,
  more: (event: TrainingEvent) => object | Promise<object> = () => ({}),
): Promise<void> {
  const results: Record<string, unknown> = {}
  for await (const event of events) {
    Object.assign(results, await more(event))
    if (event.kind === "begun") {
      results.run = event.run.folder
      results.parameters = event.model.parameterCount
    } else if (event.kind === "progress") {
      for (const { step, loss } of event.progress.logged) printJson({ step, loss })
    } else if (event.kind === "sampled") Object.assign(results, event.results.json)
    else {
      const { kind: _, ...found } = event
      Object.assign(results, found)
    }
  }
  printJson(results)
}
