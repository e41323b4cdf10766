/** The sounds that a model makes, as WAV files with spectrograms: those that are asked for, and those of a run at its end. */
import { isWrittenInto, requireFolderOf, writeFileAtomic } from "../../data/atomic-file.ts"
import { lastNameOf } from "../../data/disk.ts"
import { labelNumber } from "../../data/labels.ts"
import { UserError } from "../../errors.ts"
import { Generator } from "../../random/torch.ts"
import type { RuntimeOptions } from "../../runtime/session.ts"
import { makeSounds } from "../../sampling/sounds.ts"
import type { Store } from "../store.ts"
import type { TrainedModel } from "../trained-model.ts"
import type { CorpusKind, Made, Results, SampleRequest } from "./corpus.ts"
import { labelFileNames } from "./label-file-names.ts"
import { isSounding } from "./sound-defaults.ts"
import { formatSounds, type WrittenSound, writeSound } from "./written-sound.ts"

/** The most samples of each voice that a training ends with: a second at common rates. */
const MOST_AT_THE_END = 48_000

export async function* sampleSound(
  trained: TrainedModel<unknown>,
  { seed, again, notice, out = `${trained.folder}/sample.wav`, ...request }: SampleRequest,
): AsyncGenerator<Made> {
  const sounds = await writeSounds(trained, { ...request, out, generator: new Generator(seed) })
  for (const json of sounds) yield { json }
  yield { text: `${formatSounds(sounds)}\n\n${filesOf(sounds)}` }
  if (again !== undefined) notice(`Reproduce with: ${again}`)
}

export async function finishSound(
  ...[{ folder, store }, trained, { generator, runtime, onProgress }]: Parameters<CorpusKind["finish"]>
): Promise<Results> {
  const out = `${folder}/sample.wav`
  const seconds = Math.min(1, MOST_AT_THE_END / (trained.config.recipe.sampleRate ?? MOST_AT_THE_END))
  const making = { choice: {}, seconds, generator, runtime, onProgress }
  const sounds = await writeSounds(trained, { ...making, out, store })
  return {
    json: { sounds },
    text: `${seconds === 1 ? "One second" : `${seconds.toPrecision(2)} seconds`} of each voice:\n\n${formatSounds(sounds)}\n\n${filesOf(sounds)}`,
    next: [["sample", folder, ..."--seconds 5 --temperature 0.9 --out babble.wav".split(" ")]],
  }
}

interface WriteOptions extends Pick<SampleRequest, "choice" | "seconds" | "condition" | "onProgress"> {
  /** The WAV file, or with several labels one for each, NAME-LABEL.wav. */
  readonly out: string
  /** Where the files go, under their last names; by default where their paths say. */
  readonly store?: Store
  readonly generator: Generator
  readonly runtime: RuntimeOptions
}

/** Generates and writes a sound of the label asked for, by default of each. */
async function writeSounds(
  { folder, model, config, condition: labels, steps }: Omit<TrainedModel<unknown>, "training" | "vocabulary">,
  { choice, seconds = 2, out, store, condition, generator, runtime, onProgress }: WriteOptions,
): Promise<WrittenSound[]> {
  if (condition !== undefined && !labels)
    throw new UserError(
      `--condition ${condition}: the sounds of ${folder} were in one folder: leave it out, or train on a folder for each voice`,
    )
  const isThrough = !store && (await requireWritable(out))
  const write: typeof writeFileAtomic = store
    ? (path, content) => store.write(lastNameOf(path), content as Uint8Array<ArrayBuffer> | string)
    : writeFileAtomic
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
    const own = sounds.length > 1 && !isThrough ? `${stem}-${names[k]}${ending}` : out
    const title = `${label === undefined ? "" : `${label}, `}made by ${config.recipe.model} after ${steps.toLocaleString("en")} steps`
    written.push(await writeSound(own, each, { title, label, isThrough, write }))
  }
  return written
}

/** A UserError for a path that takes no sound. Returns whether it is a device or a FIFO. */
async function requireWritable(out: string): Promise<boolean> {
  if (/^(-|\/dev\/(stdout|fd\/1))$/.test(out))
    throw new UserError(
      `--out ${out}: standard output carries the report of the sound: name a file or a FIFO`,
    )
  await requireFolderOf(out)
  const isThrough = await isWrittenInto(out)
  if (!isThrough && /\.\w+$/.test(out) && !/\.wave?$/i.test(out))
    throw new UserError(`--out ${out}: give a name that ends in .wav`)
  return isThrough
}

const filesOf = (sounds: readonly WrittenSound[]): string =>
  sounds.map(({ wav, svg }) => (svg === undefined ? wav : `${wav}, its spectrogram ${svg}`)).join("\n")
