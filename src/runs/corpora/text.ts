/** The corpus of lines: a text file, a column of a table, or a data set that comes with the package, one thing a line. */
import type { loadText } from "../../data/catalog.ts"
import { labelNumber } from "../../data/labels.ts"
import { UserError } from "../../errors.ts"
import { Generator } from "../../random/torch.ts"
import { sampleByLabel } from "../../sampling/by-label.ts"
import { type Found, noveltyIn } from "../../sampling/novelty.ts"
import { codecOf } from "../codec.ts"
import { learnerOf } from "../learners/index.ts"
import type { TrainedModel } from "../trained-model.ts"
import type { CorpusKind, FinishOptions, Made, SampleRequest } from "./corpus.ts"
import { openText, type TextCorpus } from "./text-corpus.ts"
import { evaluateText } from "./text-evaluation.ts"

/** How many things a run makes at its end. */
const SAMPLES = 20

/**
 * A kind of data that is lines, however `load` reads them.
 *
 * @public for another kind of data, as tests/adding.test.ts adds one.
 */
export const kindOfLines = (
  own: Pick<CorpusKind, "recognizes" | "has">,
  load?: typeof loadText,
): CorpusKind => ({
  words: { things: "lines", row: "line", symbol: "symbol", makes: "text, for which there is --count" },
  sampleFlags: ["count", "prompt", "maximumLength", "batchSize"],
  scripts: true,
  defaults: {},
  open: (recipe, options) => openText(recipe, options, load),
  evaluate: (trained, request) => evaluateText(trained, request, load),
  sample: (trained, request) => sample(trained, request, load),
  finish,
  ...own,
})

export const text = kindOfLines({ recognizes: async () => true, has: () => true })

/** A sampled line, its label, and the part of the data that contains it. */
interface SampledLine {
  readonly sample: string
  readonly label?: string
  readonly found?: Found["found"]
}

async function* sample(
  trained: TrainedModel<unknown>,
  request: SampleRequest,
  load?: typeof loadText,
): AsyncGenerator<Made> {
  const { folder, config, model, vocabulary, condition: labels } = trained
  const {
    count = 20,
    batchSize,
    prompt = "",
    maximumLength,
    choice,
    seed,
    condition,
    runtime,
    notice,
  } = request
  if (condition !== undefined && !labels)
    throw new UserError(
      `--condition ${condition}: the model of ${folder} is not conditioned on labels: leave it out, or train with --condition LABEL`,
    )
  const label = condition === undefined ? undefined : labelNumber(labels!, condition)
  const encoded = Array.from(vocabulary.encode(prompt))
  const novelty = await openText(config.recipe, request.loading, load)
    .then(({ parts }) => noveltyOf(parts))
    .catch((error) => {
      if (!(error instanceof UserError)) throw error
      notice(`cannot tell which samples are new: ${error.message}`)
    })
  const sampler = await learnerOf(config.recipe).openSampler(model, { batchSize, runtime })
  const generator = new Generator(seed)
  const made: SampledLine[] = []
  for await (const { ids, label: of } of sampleByLabel(sampler, {
    ...choice,
    labels,
    label,
    count,
    maximumLength,
    prompt: encoded,
    generator,
  })) {
    const line = vocabulary.decode(ids)
    const found = novelty?.(line)
    made.push({ sample: line, ...(of !== undefined && { label: of }), ...(found && { found }) })
    yield { json: made.at(-1), text: line }
  }
  await sampler.release()
  const fresh = (lines: readonly SampledLine[]) => {
    const unknown = lines.filter(({ found }) => found === "new").length
    return novelty ? `, ${unknown.toLocaleString("en")} of them new` : ""
  }
  notice(`${count.toLocaleString("en")} samples from ${folder}${fresh(made)}; reproduce with --seed ${seed}`)
  const byLabel = Map.groupBy(made, (each) => each.label)
  if (byLabel.size > 1)
    for (const [label, lines] of byLabel)
      notice(`  ${label}: ${lines.length.toLocaleString("en")}${fresh(lines)}`)
}

async function finish(
  run: Parameters<CorpusKind["finish"]>[0],
  { folder, config, model }: Omit<TrainedModel<unknown>, "training">,
  { corpus, generator, style: { bold, dim, green }, runtime, check }: FinishOptions,
) {
  const { condition: labels, vocabulary } = codecOf(config)
  const learner = learnerOf(config.recipe)
  const samples: string[] = []
  const sampleLabels: string[] = []
  const sampler = await learner.openSampler(model, { runtime })
  for await (const { ids, label } of sampleByLabel(sampler, { labels, count: SAMPLES, generator })) {
    samples.push(vocabulary.decode(ids))
    if (label !== undefined) sampleLabels.push(label)
    check()
  }
  await sampler.release()
  await run.writeSamples(samples.map((each, k) => [each, ...sampleLabels.slice(k, k + 1)].join("\t")))

  const novelty = noveltyOf((corpus as TextCorpus).parts)
  const found = samples.map(novelty)
  const [width, labelWidth] = [samples, sampleLabels].map((all) =>
    Math.max(0, ...all.map(({ length }) => length)),
  )
  const lines = samples.map((each, k) => {
    const label = labels ? `${sampleLabels[k].padEnd(labelWidth)}   ` : ""
    const where = found[k] === "new" ? green("new") : dim(`in the ${found[k]} part`)
    return `  ${label}${each.padEnd(width)}   ${where}`
  })
  const fresh = found.filter((each) => each === "new").length
  const label = labels?.values.find((value) => /^[\w-]+$/.test(value)) // one that needs no quotes
  const asked = label === undefined ? "" : ` --condition ${label}`
  return {
    json: { samples, ...(labels && { sampleLabels }) },
    text: [bold(`${samples.length} samples, ${fresh} of them new:`), "", ...lines].join("\n"),
    next: [`sample ${folder}${asked} --count 100 --temperature 0.8`],
  }
}

const noveltyOf = ({ train, validation, test }: TextCorpus["parts"]) =>
  noveltyIn({ train: train.lines, validation: validation.lines, test: test.lines })
