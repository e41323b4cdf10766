/** The training of a model that is counted: one pass over the data, kept with the run, and what came of it. */
import { NGram } from "../counting/ngram.ts"
import { Generator } from "../random/torch.ts"
import type { PreparedText } from "../runs/prepare.ts"
import type { Run } from "../runs/run.ts"
import { countingSampler } from "../sampling/sample.ts"
import { SAMPLES, type TrainingEvent } from "./run-training.ts"

export async function* countIn(
  run: Run,
  { parts, vocabulary, ...data }: PreparedText,
): AsyncGenerator<TrainingEvent> {
  const { order = 6, seed } = run.config.recipe
  const generator = new Generator(seed)
  const encode = (lines: readonly string[]) => lines.map((line) => vocabulary.encode(line))
  const [train, validation] = [encode(parts.train.lines), encode(parts.validation.lines)]

  const begin = performance.now()
  const model = new NGram({ order, vocabularySize: vocabulary.size }).fit(train)
  const seconds = (performance.now() - begin) / 1000
  await run.save(model, { steps: 0, generator: generator.getState(), batches: null, moments: {} })
  yield { kind: "begun", run, model, data: { parts, vocabulary, ...data }, taken: 0 }
  yield { kind: "trained", steps: 0, seconds, stepsPerSecond: 0 }

  const losses = { train: model.loss(train), validation: model.loss(validation) }
  await run.log({ step: 0, ...losses })
  yield { kind: "evaluated", ...losses }

  const samples: string[] = []
  for await (const ids of countingSampler(model).sample({ count: SAMPLES, generator }))
    samples.push(vocabulary.decode(ids))
  await run.writeSamples(samples)
  yield { kind: "sampled", samples }
}
