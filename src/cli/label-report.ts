/** What an evaluation says of labels: how often they are told rightly, and whether what is made for one is taken for it. */
import { table } from "../charts/table.ts"
import type { Labels } from "../data/labels.ts"
import type { Lines } from "../data/text.ts"
import type { Model } from "../models/model.ts"
import { Generator } from "../random/torch.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import type { Judge } from "../sampling/judge.ts"
import { openSampler } from "../sampling/sample.ts"
import type { ClassEvaluation } from "../training/evaluate.ts"
import { grouped, percent } from "./output.ts"

/** Of a model that classifies, of a part. */
export interface Told extends ClassEvaluation {
  /** The part of the lines that counts tell rightly; not there where the training part is gone. */
  readonly counted?: number
}

export function formatTold(
  { name }: Labels,
  told: Readonly<Record<string, Told>>,
  { judge, markdown }: { judge?: Judge; markdown?: boolean },
): string {
  const head = [`${name}, told rightly`, "by the network", "nats", ...(judge ? [countsOf(judge)] : [])]
  const rows = Object.entries(told).map(([part, { accuracy, loss, counted }]) => [
    part,
    percent(accuracy),
    loss.toFixed(4),
    ...(counted === undefined ? [] : [percent(counted)]),
  ])
  return table([head, ...rows], { markdown })
}

/** Of a model that goes by labels, of one: what part of the things is taken for it, of real ones and of those made for it. */
export interface Asked {
  readonly label: string
  /** NaN where there is no real one. */
  readonly real: number
  readonly made: number
}

/** Makes `count` things of each label, and judges them beside real ones. */
export async function askForEach(
  model: Model,
  {
    labels,
    judge,
    real,
    count,
    runtime,
  }: { labels: Labels; judge: Judge; real: Lines; count: number; runtime: RuntimeOptions },
): Promise<Asked[]> {
  const sampler = await openSampler(model, { batchSize: Math.min(count, 100), runtime })
  const { byLabel } = judge.right(real)
  const generator = new Generator(42)
  const found: Asked[] = []
  for (const [number, label] of labels.values.entries()) {
    const things: number[][] = []
    for await (const ids of sampler.sample({ count, label: number, generator })) things.push(ids)
    found.push({ label, real: byLabel[number], made: judge.taken(things, number) })
  }
  await sampler.release()
  return found
}

export const formatAsked = (
  asked: readonly Asked[],
  {
    labels,
    judge,
    part,
    count,
    markdown,
  }: { labels: Labels; judge: Judge; part: string; count: number; markdown?: boolean },
): string =>
  table(
    [
      [
        `${labels.name}, taken for it ${countsOf(judge)}`,
        `real ones, ${part}`,
        `${grouped(count)} made for it`,
      ],
      ...asked.map(({ label, real, made }) => [
        label,
        Number.isNaN(real) ? "none" : percent(real),
        percent(made),
      ]),
    ],
    { markdown },
  )

const countsOf = ({ order }: Judge): string => `by counts of ${order}-grams`
