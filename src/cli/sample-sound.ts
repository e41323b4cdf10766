/** `makewave sample` of a run that was trained on sound: a WAV file of each voice that is asked for, a picture beside it, and figures. */
import { join } from "node:path"
import { labelNumber } from "../data/labels.ts"
import { UserError } from "../errors.ts"
import { Generator } from "../random/torch.ts"
import type { TrainedModel } from "../runs/open-model.ts"
import { isSounding } from "../runs/sound-recipe.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import type { Choice } from "../sampling/probabilities.ts"
import { makeSounds } from "../sampling/sounds.ts"
import { bold, grouped, notice, print, printJson } from "./output.ts"
import { formatSounds, type WrittenSound, writeSound } from "./write-sound.ts"

export interface SampleSoundOptions {
  readonly choice: Choice
  readonly seconds?: number
  /** The WAV file; sample.wav in the run's folder. Of several labels each has its own, NAME-LABEL.wav. */
  readonly out?: string
  readonly condition?: string
  readonly seed: number
  readonly runtime: RuntimeOptions
  readonly json?: true
}

export async function sampleSound(
  trained: TrainedModel,
  { out = join(trained.folder, "sample.wav"), json, seed, ...options }: SampleSoundOptions,
): Promise<void> {
  const { folder } = trained
  const sounds = await writeSounds(trained, { ...options, out, generator: new Generator(seed) })
  if (json) for (const sound of sounds) printJson(sound)
  else {
    print(formatSounds(sounds))
    print(`\n${sounds.map(({ wav, svg }) => `${bold(wav)}, its spectrogram ${svg}`).join("\n")}`)
  }
  notice(`by ${folder}; --seed ${seed} makes the same again`)
}

/** Makes and writes the sounds: of the label that is asked for, else of each. */
export async function writeSounds(
  { folder, model, config, condition: labels, steps }: Omit<TrainedModel, "training" | "vocabulary">,
  {
    choice,
    seconds = 2,
    out,
    condition,
    generator,
    runtime,
  }: Omit<SampleSoundOptions, "seed" | "json"> & { readonly out: string; readonly generator: Generator },
): Promise<WrittenSound[]> {
  if (condition !== undefined && !labels)
    throw new UserError(
      `--condition ${condition}: the sounds of ${folder} were in one folder: leave it out, or train on a folder for each`,
    )
  if (!(seconds > 0 && seconds < Infinity))
    throw new UserError(`--seconds ${seconds}: give a number above 0, such as 2`)
  if (!isSounding(model)) throw new UserError(`${folder}: its model makes no sound: name another run`)
  const { sampleRate = 8000 } = config.recipe
  const asked = labels && (condition === undefined ? labels.values : [condition])
  const numbers = asked?.map((label) => labelNumber(labels!, label))
  const progress = showProgress(Math.round(seconds * sampleRate))
  const sounds = await makeSounds(model, {
    ...choice,
    seconds,
    sampleRate,
    generator,
    labels: numbers,
    onProgress: progress,
    runtime,
  })
  const written: WrittenSound[] = []
  for (const [k, sound] of sounds.entries()) {
    const label = asked?.[k]
    const own = sounds.length > 1 ? out.replace(/(\.wave?)?$/i, `-${label}$&`) : out
    const title = `${label === undefined ? "" : `${label}, `}made by ${config.recipe.model} after ${grouped(steps)} steps`
    written.push(await writeSound(own, sound, { title, label }))
  }
  return written
}

/** A line that counts on a terminal, and none elsewhere. */
function showProgress(wanted: number): (made: number) => void {
  const begin = performance.now()
  return (made) => {
    const { stderr } = process
    if (!stderr.isTTY) return
    const perSecond = (1000 * made) / (performance.now() - begin)
    const end = made === wanted ? "\r\x1b[K" : ""
    stderr.write(
      `\r ${grouped(made)} of ${grouped(wanted)} samples, ${grouped(Math.round(perSecond))} a second\x1b[K${end}`,
    )
  }
}
