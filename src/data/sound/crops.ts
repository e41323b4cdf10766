/**
 * Clips become the rows that a model reads: crops, each the receptive field and, at its end, what is to be predicted. All clips stand
 * in one long series, silence before each and label after label, in which a row is no more than the place where it begins.
 *
 *   silence (R)  clip  silence (R)  clip ...   inputs    x x x x x x x x    T of a crop
 *                        └ a crop              targets   - - - x x x x x    from R - 1 on
 *
 * Source of the rule which samples count: https://github.com/basveeling/wavenet, `train_only_in_receptive_field`.
 *
 * L levels in the series, N rows, T levels of a crop, R the receptive field
 */
import { UserError } from "../../errors.ts"
import { type Dataset, IGNORED } from "../dataset.ts"
import { type Labels, labelNumber } from "../labels.ts"
import type { Clip } from "./clips.ts"
import { SILENCE } from "./mu-law.ts"

export interface CropOptions {
  /** T */
  readonly contextLength: number
  /** R */
  readonly receptiveField: number
  /**
   * Which samples are predicted: "everywhere", those at the beginning of a sound as well, out of silence; or those "inside" alone,
   * for which the whole receptive field lies in the sound.
   */
  readonly predict?: "everywhere" | "inside"
  /** Rows are labelled with these. */
  readonly labels?: Labels
}

/** For training: a row for each offset with something to predict, so that a row that is drawn is a random crop. */
export function everyCrop(clips: readonly Clip[], options: CropOptions): Dataset {
  const { contextLength, receptiveField } = options
  if (clips.every(({ levels }) => levels.length <= receptiveField)) {
    const longest = clips.reduce((most, { levels }) => Math.max(most, levels.length), 0)
    throw new UserError(
      `the model looks back on ${grouped(receptiveField)} samples, and the longest sound has ${grouped(longest)}: give longer ` +
        "sounds, or a model with fewer layers (--layers)",
    )
  }
  const { inputs, targets, starts, labels } = seriesOf(clips, options, 1)
  const shape = [starts.length, contextLength]
  return {
    inputs: { data: inputs, shape, starts },
    // The series begins with silence, whose target is IGNORED: it stands for those of the warm-up.
    targets: { data: targets, shape, starts, warmUp: receptiveField - 1 },
    ...(labels && { labels: { data: labels, shape: [starts.length] } }),
  }
}

/** For evaluation: rows one after the other, so that each sample is predicted once. */
export function cropsInOrder(clips: readonly Clip[], options: CropOptions): Dataset {
  const { contextLength: T, receptiveField: R } = options
  const { inputs, targets, starts, labels } = seriesOf(clips, options, T - R + 1)
  const shape = [starts.length, T]
  const rows = {
    inputs: { data: new Int32Array(starts.length * T), shape },
    targets: { data: new Int32Array(starts.length * T).fill(IGNORED), shape },
  }
  for (const [row, start] of starts.entries()) {
    rows.inputs.data.set(inputs.subarray(start, start + T), row * T)
    rows.targets.data.set(targets.subarray(start + R - 1, start + T), row * T + R - 1)
  }
  return { ...rows, ...(labels && { labels: { data: labels, shape: [starts.length] } }) }
}

/** The series, and of the places 0, `stride`, 2 `stride`, ... those at which a row has something to predict. */
function seriesOf(
  clips: readonly Clip[],
  { contextLength: T, receptiveField: R, predict = "everywhere", labels }: CropOptions,
  stride: number,
): { inputs: Int32Array; targets: Int32Array; starts: Int32Array; labels?: Int32Array } {
  if (T < R)
    throw new UserError(
      `a crop of ${grouped(T)} samples is less than the ${grouped(R)} that the model looks back on: give ` +
        `--context ${R + 1000} or so, or a model with fewer layers (--layers)`,
    )
  // So much around the sounds of a label that none is in a row with those of another, and each sample has every place in some row.
  const around = T - R + 1
  const ofLabels = [...Map.groupBy(clips, ({ label }) => label).entries()]
  const L = clips.reduce((sum, { levels }) => sum + R + levels.length, (ofLabels.length + 1) * around)
  if (L > 2 ** 28)
    throw new UserError(`${grouped(L)} samples are more than can be trained on at once: give fewer sounds`)
  const inputs = new Int32Array(L).fill(SILENCE)
  const targets = new Int32Array(L).fill(IGNORED)
  /** Of each place the label of the last sound that has begun. */
  const labelled = new Int32Array(labels ? L : 0)
  let at = around
  for (const [label, those] of ofLabels) {
    for (const { levels } of those) {
      at += R
      inputs.set(levels, at)
      const first = predict === "everywhere" ? 0 : R
      targets.set(levels.subarray(first), at - 1 + first)
      if (labels) labelled.fill(labelNumber(labels, label), at - 1)
      at += levels.length
    }
    at += around
  }

  const starts = new Int32Array(L)
  let [count, ahead] = [0, 0]
  for (let place = 0; place < T; place++) if (place >= R - 1 && targets[place] !== IGNORED) ahead++
  for (let start = 0; start + T <= L; start++) {
    if (ahead > 0 && start % stride === 0) starts[count++] = start
    if (targets[start + R - 1] !== IGNORED) ahead--
    if (start + T < L && targets[start + T] !== IGNORED) ahead++
  }
  const kept = starts.slice(0, count)
  if (count === 0)
    throw new UserError(
      `no sound of a part is longer than the ${grouped(R)} samples that the model looks back on: give longer sounds, or ` +
        "--predict everywhere, or a model with fewer layers (--layers)",
    )
  return {
    inputs,
    targets,
    starts: kept,
    ...(labels && { labels: kept.map((start) => labelled[start + T - 1]) }),
  }
}

const grouped = (count: number): string => count.toLocaleString("en")
