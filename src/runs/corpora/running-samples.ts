/** The text that a model writes: what is asked for, with a prompt and a length, and a passage of a run at its end. */
import type { Ensemble, Member } from "../../counting/ensemble.ts"
import { characters } from "../../data/characters.ts"
import { plural } from "../../data/text.ts"
import { neverDrawn } from "../../data/tokenizers/tokenizer.ts"
import { UserError } from "../../errors.ts"
import type { Model } from "../../models/model.ts"
import { Generator } from "../../random/torch.ts"
import { longestCopied } from "../../sampling/copied.ts"
import { type RunningTextOptions, runningText, unseenOf } from "../../sampling/running-text.ts"
import { openTextReader, type TextReader } from "../../sampling/text-reader.ts"
import { learnerOf } from "../learners/index.ts"
import { openData, requireSameData } from "../open-data.ts"
import { files } from "../run-files.ts"
import type { TrainedModel } from "../trained-model.ts"
import type { CorpusKind, Made, Results, SampleRequest } from "./corpus.ts"
import { neverOf, promptOf } from "./prompt.ts"
import { loadHashed, type RunningCorpus } from "./running-corpus.ts"

/** The symbols that are written unless a length is given, by what they are. */
const lengths: Readonly<Record<string, number>> = { characters: 500, bytes: 500, words: 100 }

/** Of a text that is to go on until a line or a paragraph ends. */
const LENGTH_UNTIL = 10_000

/** So many symbols tell how the one after them is written. */
const BEFORE = 16

/** The most symbols of a text, of which all is looked for in the learned one. */
const MOST = 100_000

type Trained = Pick<TrainedModel<unknown>, "model" | "vocabulary">

export async function* sampleRunning(
  trained: TrainedModel<unknown>,
  request: SampleRequest,
): AsyncGenerator<Made> {
  const { folder } = trained
  const { count = 1, seed, again, notice, runtime } = request
  if (request.condition !== undefined)
    throw new UserError(`--condition ${request.condition}: a running text has no labels: leave it out`)
  const reader = openTextReader(trained.model as Member | Ensemble, { runtime })
  const generator = new Generator(seed)
  const prompt = promptOf(request.prompt ?? "", trained, notice)
  const never = neverOf(request.unknown, trained)
  const known = await textOf(trained, request)
  if (known instanceof UserError) notice(`cannot tell what is copied: ${known.message}`)
  try {
    for (let k = 0; k < count; k++) {
      if (k > 0) yield { text: "" }
      const asked = { ...request, ...request.choice, prompt, typed: request.prompt, never, generator }
      const lines = linesOf(trained, reader, asked)
      let made = await lines.next()
      for (; !made.done; made = await lines.next()) yield { text: made.value }
      const copied = known instanceof UserError ? undefined : longestCopied(made.value, known)
      yield { json: { sample: made.value, ...(copied !== undefined && { copied }) } }
      if (copied !== undefined) notice(`${folder}: ${toldCopied(copied)}`)
    }
  } finally {
    await reader.release()
  }
  if (again !== undefined) notice(`Reproduce with: ${again}`)
}

export async function finishRunning(
  ...[run, trained, { corpus, generator, style, runtime, check, onProgress }]: Parameters<
    CorpusKind["finish"]
  >
): Promise<Results> {
  const { bold, dim, visible } = style
  const { folder } = trained
  const reader = openTextReader(trained.model as Member | Ensemble, { runtime })
  const lines: string[] = []
  let sample: string
  try {
    const made = linesOf(trained, reader, { generator, onProgress })
    let next = await made.next()
    for (; !next.done; next = await made.next()) {
      lines.push(next.value)
      check()
    }
    sample = next.value
  } finally {
    await reader.release()
  }
  const hadEnded = run.checkpoint?.training.steps === trained.steps
  if (!hadEnded || !(await run.store.list()).includes(files.samples)) await run.writeSamples([sample])
  const copied = longestCopied(sample, (corpus as RunningCorpus).text)
  return {
    json: { samples: [sample], copied: [copied] },
    text: [
      bold("What it writes:"),
      "",
      ...lines.map((line) => `  ${visible(line)}`),
      "",
      dim(toldCopied(copied)),
    ].join("\n"),
    next: [
      ["sample", folder, "--length", "2000", "--temperature", "0.8"],
      ...(isWritten(trained) ? [["export", folder, "--format", "html"]] : []),
    ],
  }
}

/** Whether a page can hold the model. */
const isWritten = ({ config, vocabulary }: Parameters<CorpusKind["finish"]>[1]): boolean =>
  vocabulary.tokens === "characters" && !learnerOf(config.recipe).hasCounts

const toldCopied = (passage: string): string =>
  `the longest passage that is in the text word for word has ${plural(characters(passage).length, "character")}`

/** The text of the run's data; why it is not at hand, unless it was asked for. */
async function textOf(trained: TrainedModel<unknown>, request: SampleRequest): Promise<string | UserError> {
  try {
    const found = await openData(trained, ({ data }) => loadHashed(data, request.loading), request)
    requireSameData(trained, found, { data: request.data, whole: "text" })
    return found.text
  } catch (error) {
    if (error instanceof UserError && request.data === undefined) return error
    throw error
  }
}

interface Asked
  extends Pick<SampleRequest, "length" | "until" | "onProgress">,
    Pick<RunningTextOptions, "never" | "generator" | "temperature" | "topK" | "topP"> {
  readonly prompt?: readonly number[]
  /** The prompt as it is to be shown, with its capitals and the words that the model does not know. */
  readonly typed?: string
}

/** The lines of a text as they are finished, its prompt included; it returns all of it. */
export async function* linesOf(
  { model, vocabulary }: Trained,
  reader: TextReader,
  { prompt = [], typed, length, until, never, onProgress, generator, temperature, topK, topP }: Asked,
): AsyncGenerator<string, string> {
  const lineEnd = vocabulary.symbols.indexOf("\n", 1)
  // Words that are cut already may have no lines.
  const sentenceEnd = vocabulary.tokens === "words" ? vocabulary.symbols.indexOf(".", 1) : -1
  if (until !== undefined && lineEnd < 0)
    throw new UserError(`--until ${until}: the text has one line: leave it out, or give --length`)
  const most = lengthOf(vocabulary.tokens, { length, until })
  const symbols = runningText(reader, {
    ...{ generator, temperature, topK, topP },
    prompt,
    lineEnd: lineEnd > 0 ? lineEnd : sentenceEnd > 0 ? sentenceEnd : undefined,
    never: never ?? neverDrawn(vocabulary),
    unseen: unseenOf(model as Partial<Model>),
    vocabularySize: vocabulary.size,
  })
  const written = [...prompt]
  const opening = vocabulary.decode(prompt).length
  // A model of words writes the space after a prompt itself.
  const shown = vocabulary.tokens === "words" ? typed?.replace(/[ \t]+$/, "") : typed
  const asTyped = (text: string): string => (shown === undefined ? text : shown + text.slice(opening))
  let isBlank = prompt.length === 0
  let told = 0
  /** The text of the symbols that are not told yet. What they look like depends on some before them, such as their spaces on a word. */
  const untold = (): string => {
    const begin = Math.max(0, told - BEFORE)
    const before = vocabulary.decode(written.slice(begin, told))
    const text = vocabulary.decode(written.slice(begin)).slice(before.length)
    const isFirst = told === 0
    told = written.length
    return isFirst ? asTyped(text) : text
  }
  for await (const symbol of symbols) {
    const before = written.at(-1)
    written.push(symbol)
    const count = written.length - prompt.length
    onProgress?.(count, most)
    isBlank &&= symbol === lineEnd
    const ends = until === "line" || (until === "paragraph" && before === lineEnd)
    const isEnd = !isBlank && symbol === lineEnd && ends
    const isLast = count === most || isEnd
    if (symbol !== lineEnd && !isLast) continue
    const next = untold()
    yield* (next.endsWith("\n") ? next.slice(0, -1) : next).split("\n")
    if (isLast) break
  }
  return asTyped(vocabulary.decode(written))
}

function lengthOf(tokens: string, { length, until }: Pick<SampleRequest, "length" | "until">): number {
  if (length === undefined) return until === undefined ? lengths[tokens] : LENGTH_UNTIL
  const most = Number(length)
  if (!(Number.isSafeInteger(most) && most >= 1 && most <= MOST))
    throw new UserError(
      `--length ${length}: a running text has one length: give a whole number of symbols from 1 to ${MOST.toLocaleString("en")}`,
    )
  return most
}
