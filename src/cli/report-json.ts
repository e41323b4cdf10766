/** Reports training as JSON: one object per logged loss or validation loss, and a last one with the results beside the baselines. */
import { describeChoice } from "../runs/chosen-recipe.ts"
import type { Corpus } from "../runs/corpora/corpus.ts"
import { bitsPerCharacter } from "../runs/corpora/parts.ts"
import type { TrainingEvent } from "../runs/run-training.ts"
import { printJson } from "./output.ts"

/** `more` is called with each event and returns further properties of the last object. */
export async function reportJson(
  events: AsyncIterable<TrainingEvent>,
  more: (event: TrainingEvent) => object | Promise<object> = () => ({}),
): Promise<void> {
  const results: Record<string, unknown> = {}
  let corpus: Corpus | undefined
  for await (const event of events) {
    Object.assign(results, await more(event))
    if (event.kind === "begun") {
      results.run = event.run.folder
      const chosen = describeChoice(event.run.config)
      if (chosen) results.chosen = chosen
      const { from, teacher } = event.run.config
      Object.assign(results, from && { from }, teacher && { teacher })
      results.parameters = event.model.parameterCount
      corpus = event.corpus
      if (corpus.unknown) results.unknown = { data: corpus.unknown }
    } else if (event.kind === "progress") {
      const { step, logged, validation, accuracy } = event.progress
      for (const { step, loss, mean } of logged) printJson({ step, loss, mean })
      if (validation !== undefined)
        printJson({ step, validation, ...(accuracy !== undefined && { accuracy }) })
    } else if (event.kind === "evaluated") {
      const { kind: _, ...losses } = event
      const bits = corpus && bitsPerCharacter(corpus, losses)
      Object.assign(results, losses, bits && { bitsPerCharacter: bits }, { baselines: corpus?.baselines() })
    } else if (event.kind === "sampled") Object.assign(results, event.results.json)
    else {
      const { kind: _, ...found } = event
      Object.assign(results, found)
    }
  }
  printJson(results)
}
