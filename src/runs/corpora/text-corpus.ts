/** Lines, read and split: a text file, a column of a table, or a data set that comes with the package. */
import { NGram } from "../../counting/ngram.ts"
import { loadText } from "../../data/catalog.ts"
import { longest } from "../../data/dataset.ts"
import { sha256Of } from "../../data/download.ts"
import { eachLabel, labelsOf } from "../../data/labels.ts"
import type { LoadOptions } from "../../data/load-options.ts"
import { fractionsInPercent, type Split, split } from "../../data/split.ts"
import { describeText, type Lines } from "../../data/text.ts"
import { makeTokenizer } from "../../data/tokenizers/index.ts"
import type { Recipe } from "../recipe.ts"
import { textRows } from "../text-rows.ts"
import type { Baseline, Corpus, Part } from "./corpus.ts"
import { sizesOf } from "./parts.ts"

export interface TextCorpus extends Corpus {
  readonly parts: Split
}

/** @param load Reads the lines; by default those of a text file, a table, or a data set of the package. */
export async function openText(
  { data, column, noHeader, maximumLineLength, condition, classify, pack, ...recipe }: Recipe,
  options?: LoadOptions,
  load = loadText,
): Promise<TextCorpus> {
  const labelColumns = [condition, classify].filter((name) => name !== undefined)
  const loaded = await load(data, { ...options, column, noHeader, maximumLineLength, labelColumns })
  const { splitSeed: seed, duplicates = loaded.duplicates } = recipe
  const parts = split(loaded, { ...fractionsInPercent(recipe.split), seed, duplicates })
  const vocabulary = makeTokenizer(recipe, loaded.lines)
  const codec = {
    vocabulary,
    ...(condition !== undefined && { condition: labelsOf(loaded, condition) }),
    ...(classify !== undefined && { classes: labelsOf(loaded, classify) }),
  }
  const rows: Corpus["rows"] = (model, part) => textRows(model, parts[part], codec, recipe)
  const sequences = (part: Part) => parts[part].lines.map((line) => vocabulary.encode(line))
  return {
    ...codec,
    parts,
    sha256: await hashOf(loaded, labelColumns),
    size: loaded.lines.length,
    sizes: sizesOf(parts, ({ lines }) => lines.length),
    duplicates: loaded.duplicates,
    longest: longest(loaded.lines, recipe.tokens === undefined ? undefined : vocabulary),
    get description() {
      return describeText(loaded)
    },
    hint: loaded.hint,
    sequences,
    rows,
    trainingRows: (model) => textRows(model, parts.train, codec, { ...recipe, pack }),
    trainingSample: (model) => textRows(model, sampleOf(parts.train), codec, recipe),
    baselines: () => baselines(vocabulary.size, sequences("train"), sequences("validation")),
  }
}

/** The most lines that are evaluated in well under a minute. */
const MOST = 100_000

/** At most that many lines of the training part, evenly spaced. */
function sampleOf({ lines, labels }: Lines): Lines {
  const every = Math.ceil(lines.length / MOST)
  const kept = (all: readonly string[]) => all.filter((_, k) => k % every === 0)
  const labelled = Object.entries(labels ?? {}).map(([name, each]) => [name, kept(each)])
  return { lines: kept(lines), ...(labels && { labels: Object.fromEntries(labelled) }) }
}

/** The hash of lines and of the labels of these names. A line never contains NUL. */
export function hashOf(text: Lines, labelColumns: readonly string[]): Promise<string> {
  const columns = [text.lines, ...labelColumns.map((name) => eachLabel(text, name) ?? [])]
  return sha256Of(new TextEncoder().encode(columns.map((each) => each.join("\n")).join("\0")))
}

function baselines(
  vocabularySize: number,
  ...[train, validation]: ReturnType<Corpus["sequences"]>[]
): Baseline[] {
  const uniform = Math.log(vocabularySize)
  const bigram = new NGram({ order: 2, vocabularySize }).fit(train)
  const baseline = (name: string, loss: (part: typeof train) => number): Baseline => ({
    name,
    train: loss(train),
    ...(validation.length > 0 && { validation: loss(validation) }),
  })
  return [baseline("uniform", () => uniform), baseline("bigram", (part) => bigram.loss(part))]
}
