/** A training for programs: each logged loss as an object on a line, and the results as the last. */
import { printJson } from "./output.ts"
import type { TrainingEvent } from "./run-training.ts"

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
    } else {
      const { kind: _, ...found } = event
      Object.assign(results, found)
    }
  }
  printJson(results)
}
