/** The corpus of sounds: a folder of WAV files, with a sub-folder for each voice. Its samples are WAV files with spectrograms. */
import { isWrittenInto, requireFolderOf } from "../../data/atomic-file.ts"
import { dataSets } from "../../data/catalog.ts"
import type { Dataset } from "../../data/dataset.ts"
import { STANDARD_INPUT } from "../../data/disk.ts"
import { labelNumber } from "../../data/labels.ts"
import { isFolder } from "../../data/sound/clips.ts"
import { LEVELS } from "../../data/sound/mu-law.ts"
import { converted, OTHER_AUDIO } from "../../data/sound/other-audio.ts"
import { UserError } from "../../errors.ts"
import type { Model } from "../../models/model.ts"
import { Generator } from "../../random/torch.ts"
import type { RuntimeOptions } from "../../runtime/session.ts"
import { makeSounds } from "../../sampling/sounds.ts"
import { flag } from "../../setting.ts"
import { lossPerTarget } from "../../training/evaluate.ts"
import { type EvaluationReport, evaluationReport, type LineLoss } from "../../training/evaluation-report.ts"
import { placesOf } from "../data-place.ts"
import { openData, requireSameData } from "../open-data.ts"
import type { Settings } from "../settings.ts"
import type { TrainedModel } from "../trained-model.ts"
import type { CorpusKind, LossesByLine, SampleRequest } from "./corpus.ts"
import { labelFileNames } from "./label-file-names.ts"
import { partsToEvaluate } from "./parts.ts"
import { openSound } from "./sound-corpus.ts"
import { isSounding, soundDefaults } from "./sound-defaults.ts"
import { formatSounds, type WrittenSound, writeSound } from "./written-sound.ts"

/** The most samples of each voice that a training ends with: a second at common rates. */
const MOST_AT_THE_END = 48_000

export const sound: CorpusKind = {
  words: { things: "sounds", row: "crop", symbol: "sample", makes: "sound, for which there is --seconds" },
  symbols: LEVELS,
  sampleFlags: ["seconds", "out"],
  scripts: false,
  recognizes,
  has: ({ sampleRate }) => sampleRate !== undefined,
  defaults: soundDefaults,
  open: openSound,

  async evaluate(trained, { parts, data, samples, judgeOrder, loading, runtime, onStage }) {
    const { model, config, condition, folder } = trained
    for (const [key, value] of Object.entries({ samples, judgeOrder }))
      if (value !== undefined)
        throw new UserError(`${flag(key)} ${value}: n-grams judge text, and this is sound: leave it out`)
    const { recipe } = config
    const network = model as Model
    const corpus = await openData(trained, (recipe) => openSound(recipe, loading), { data })
    const isSame = corpus.sha256 === config.data.sha256
    if (data === undefined) requireSameData(trained, corpus, { things: "sounds" })
    // --data may name the run's own data, which was moved.
    const isMoved = isSame && placesOf(folder, recipe.data, config.data.path).length === 0
    const named =
      data === undefined || isMoved
        ? partsToEvaluate(parts, { sizes: corpus.sizes, split: recipe.split }).map(
            (part) => [part, corpus.rows(network, part)] as const,
          )
        : [["data", corpus.allRows(network)] as const]
    const reports: Record<string, EvaluationReport> = {}
    const lines: Record<string, LossesByLine> = {}
    for (const [name, rows] of named) {
      const onProgress = (done: number) => onStage?.(`evaluating ${name}`, done)
      onProgress(0)
      const losses = lossPerCrop(rows, await lossPerTarget(network, rows, { runtime, onProgress }))
      const labels = condition && Array.from(rows.labels?.data ?? [], (label) => condition.values[label])
      lines[name] = { losses, sha256: corpus.sha256 }
      reports[name] = evaluationReport(losses, { labels })
    }
    return { reports, lines }
  },

  async *sample(trained, { seed, again, notice, out = `${trained.folder}/sample.wav`, ...request }) {
    const sounds = await writeSounds(trained, { ...request, out, generator: new Generator(seed) })
    for (const json of sounds) yield { json }
    yield { text: `${formatSounds(sounds)}\n\n${filesOf(sounds)}` }
    if (again !== undefined) notice(`Reproduce with: ${again}`)
  },

  async finish({ folder }, trained, { generator, runtime, onProgress }) {
    const out = `${folder}/sample.wav`
    const seconds = Math.min(1, MOST_AT_THE_END / (trained.config.recipe.sampleRate ?? MOST_AT_THE_END))
    const sounds = await writeSounds(trained, { choice: {}, seconds, out, generator, runtime, onProgress })
    return {
      json: { sounds },
      text: `${seconds === 1 ? "One second" : `${seconds.toPrecision(2)} seconds`} of each voice:\n\n${formatSounds(sounds)}\n\n${filesOf(sounds)}`,
      next: [["sample", folder, ..."--seconds 5 --temperature 0.9 --out babble.wav".split(" ")]],
    }
  },
}

async function recognizes(given: Settings): Promise<boolean> {
  const { data: name = "" } = given
  const isPath = name !== STANDARD_INPUT && !Object.hasOwn(dataSets, name)
  if (isPath && (await isFolder(name))) return true
  if (given.sampleRate !== undefined)
    throw new UserError(
      `${flag("sampleRate")} ${given.sampleRate}: it needs a folder of WAV files: ${name || "names"} is none`,
    )
  if (OTHER_AUDIO.test(name))
    throw new UserError(`${name}: sounds are read from a folder, as WAV files: ${converted(name)}`)
  if (/\.wave?$/i.test(name))
    throw new UserError(`${name}: this is one file: give the folder of .wav files that it is in`)
  return false
}

function lossPerCrop({ targets: { data, shape } }: Dataset, losses: Float32Array): LineLoss[] {
  const [N, T] = shape
  return Array.from({ length: N }, (_, row) => {
    const counted = losses.subarray(row * T, (row + 1) * T).filter((_, t) => data[row * T + t] >= 0)
    return { nats: counted.reduce((sum, loss) => sum + loss, 0), symbols: counted.length }
  })
}

interface WriteOptions extends Pick<SampleRequest, "choice" | "seconds" | "condition" | "onProgress"> {
  /** The WAV file, or with several labels one for each, NAME-LABEL.wav. */
  readonly out: string
  readonly generator: Generator
  readonly runtime: RuntimeOptions
}

/** Generates and writes a sound of the label asked for, by default of each. */
async function writeSounds(
  { folder, model, config, condition: labels, steps }: Omit<TrainedModel<unknown>, "training" | "vocabulary">,
  { choice, seconds = 2, out, condition, generator, runtime, onProgress }: WriteOptions,
): Promise<WrittenSound[]> {
  if (condition !== undefined && !labels)
    throw new UserError(
      `--condition ${condition}: the sounds of ${folder} were in one folder: leave it out, or train on a folder for each voice`,
    )
  if (/^(-|\/dev\/(stdout|fd\/1))$/.test(out))
    throw new UserError(
      `--out ${out}: standard output carries the report of the sound: name a file or a FIFO`,
    )
  await requireFolderOf(out)
  const through = await isWrittenInto(out)
  if (!through && /\.\w+$/.test(out) && !/\.wave?$/i.test(out))
    throw new UserError(`--out ${out}: give a name that ends in .wav`)
  const network = model as object
  if (!isSounding(network)) throw new UserError(`${folder}: its model makes no sound: name another run`)
  const { sampleRate = 8000 } = config.recipe
  const asked = labels && (condition === undefined ? labels.values : [condition])
  const sounds = await makeSounds(network, {
    ...choice,
    seconds,
    sampleRate,
    generator,
    labels: asked?.map((label) => labelNumber(labels!, label)),
    onProgress: onProgress && ((made) => onProgress(made, Math.round(seconds * sampleRate))),
    runtime,
  })
  const [, stem, ending = ""] = /^(.*?)(\.wave?)?$/is.exec(out)!
  const names = labelFileNames(asked ?? [])
  const written: WrittenSound[] = []
  for (const [k, each] of sounds.entries()) {
    const label = asked?.[k]
    const own = sounds.length > 1 && !through ? `${stem}-${names[k]}${ending}` : out
    const title = `${label === undefined ? "" : `${label}, `}made by ${config.recipe.model} after ${steps.toLocaleString("en")} steps`
    written.push(await writeSound(own, each, { title, label }))
  }
  return written
}

const filesOf = (sounds: readonly WrittenSound[]): string =>
  sounds.map(({ wav, svg }) => (svg === undefined ? wav : `${wav}, its spectrogram ${svg}`)).join("\n")
