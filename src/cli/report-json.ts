/** Reports training as JSON: one object per logged loss, and a last one with the results. */
import type { TrainingEvent } from "../runs/run-training.ts"
import { printJson } from "./output.ts"

/** `more` is called with each event and returns further properties of the last object. */
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
