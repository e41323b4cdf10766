/**
 * Crops of clips as training rows. All clips are concatenated into one series, grouped by label, with silence before each; a row is
 * a start in this series. It spans the receptive field and the samples to predict after it.
 *
 *   silence (R)  clip  silence (R)  clip ...   inputs    x x x x x x x x    T of a crop
 *                        └ a crop              targets   - - - x x x x x    from R - 1 on
 *
 * Source of `predict: "inside"`: https://github.com/basveeling/wavenet, `train_only_in_receptive_field`.
 *
 * L levels in the series, N rows, T levels of a crop, R the receptive field
 */
import { told, UserError } from "../../errors.ts"
import { type Dataset, IGNORED } from "../dataset.ts"
import { type Labels, labelNumber } from "../labels.ts"
import { type Clip, MAX_TOTAL_SAMPLES } from "./clips.ts"
import { SILENCE } from "./mu-law.ts"

export interface CropOptions {
  /** T */
  readonly contextLength: number
  /** R */
  readonly receptiveField: number
  /**
   * Which samples to predict: all ("everywhere", the first ones from silence), or only those whose whole receptive field is
   * "inside" the sound.
   */
  readonly predict?: "everywhere" | "inside"
  /** If given, rows are labelled. */
  readonly labels?: Labels
}

/** For training: one row at each offset with something to predict, so that a random row is a random crop. */
export function everyCrop(clips: readonly Clip[], options: CropOptions): Dataset {
  const { contextLength, receptiveField } = options
  if (clips.every(({ levels }) => levels.length <= receptiveField)) {
    const longest = clips.reduce((max, { levels }) => Math.max(max, levels.length), 0)
    throw new UserError(
      `the receptive field has ${formatCount(receptiveField)} samples, but the longest sound only ${formatCount(longest)}: ` +
        "give longer sounds, or fewer layers (--layers)",
    )
  }
  const { inputs, targets, starts, ...labels } = seriesOf(clips, options, 1)
  const shape = [starts.length, contextLength]
  return {
    inputs: { data: inputs, shape, starts },
    // The series begins with silence, whose target is IGNORED, as the targets of the warm-up must be.
    targets: { data: targets, shape, starts, warmUp: receptiveField - 1 },
    ...labels,
  }
}

/** For evaluation: consecutive rows, so that each sample is predicted once. */
export function cropsInOrder(clips: readonly Clip[], options: CropOptions): Dataset {
  const { contextLength: T, receptiveField: R } = options
  const { inputs, targets, starts, ...labels } = seriesOf(clips, options, T - R + 1)
  const shape = [starts.length, T]
  const rows = {
    inputs: { data: new Int32Array(starts.length * T), shape },
    targets: { data: new Int32Array(starts.length * T).fill(IGNORED), shape },
  }
  for (const [row, start] of starts.entries()) {
    rows.inputs.data.set(inputs.subarray(start, start + T), row * T)
    rows.targets.data.set(targets.subarray(start + R - 1, start + T), row * T + R - 1)
  }
  return { ...rows, ...labels }
}

/** The series (L), and as starts (N) those of the positions 0, `stride`, 2 `stride`, ... whose row has something to predict. */
function seriesOf(
  clips: readonly Clip[],
  { contextLength: T, receptiveField: R, predict = "everywhere", labels }: CropOptions,
  stride: number,
) {
  for (const [name, value] of Object.entries({ contextLength: T, receptiveField: R }))
    if (!(Number.isSafeInteger(value) && value >= 1))
      throw new UserError(`${name} ${told(value)}: give a whole number of at least 1`)
  if (T < R)
    throw new UserError(
      `a crop of ${formatCount(T)} samples is shorter than the receptive field of ${formatCount(R)}: give ` +
        `--context ${R + 1000} or so, or fewer layers (--layers)`,
    )
  // This padding around each label keeps labels out of each other's rows and lets each sample occur at every position of a row.
  const padding = T - R + 1
  const byLabel = Map.groupBy(clips, ({ label }) => label)
  const L = clips.reduce((sum, { levels }) => sum + R + levels.length, (byLabel.size + 1) * padding)
  if (L > MAX_TOTAL_SAMPLES)
    throw new UserError(
      `${formatCount(L)} samples exceed the limit of ${formatCount(MAX_TOTAL_SAMPLES)}: give fewer sounds`,
    )
  const inputs = new Int32Array(L).fill(SILENCE)
  const targets = new Int32Array(L).fill(IGNORED)
  const labelNumbers = new Int32Array(labels ? L : 0) // at each position, that of the sound begun last
  let at = padding
  for (const [label, labelled] of byLabel) {
    for (const { levels } of labelled) {
      at += R
      inputs.set(levels, at)
      const first = predict === "everywhere" ? 0 : Math.min(R, levels.length)
      targets.set(levels.subarray(first), at - 1 + first)
      if (labels) labelNumbers.fill(labelNumber(labels, label), at - 1)
      at += levels.length
    }
    at += padding
  }

  const starts = new Int32Array(L)
  let [count, ahead] = [0, 0]
  for (let position = R - 1; position < T; position++) if (targets[position] !== IGNORED) ahead++
  for (let start = 0; start + T <= L; start++) {
    if (ahead > 0 && start % stride === 0) starts[count++] = start
    if (targets[start + R - 1] !== IGNORED) ahead--
    if (start + T < L && targets[start + T] !== IGNORED) ahead++
  }
  if (count === 0)
    throw new UserError(
      `no sound in a part is longer than the receptive field of ${formatCount(R)} samples: give longer sounds, ` +
        "--predict everywhere, or fewer layers (--layers)",
    )
  const kept = starts.slice(0, count)
  const rowLabels = { data: kept.map((start) => labelNumbers[start + T - 1]), shape: [count] }
  return { inputs, targets, starts: kept, ...(labels && { labels: rowLabels }) }
}

const formatCount = (count: number): string => count.toLocaleString("en")
