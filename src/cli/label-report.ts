/** The tables of an evaluation that are about labels: how often they are predicted rightly, and whether the things made for one are taken for it. */
import { table } from "../charts/table.ts"
import type { Evaluation } from "../runs/corpora/corpus.ts"
import type { Judge } from "../sampling/judge.ts"
import { grouped, percent } from "./output.ts"

export function formatClasses(
  { labels, byPart }: NonNullable<Evaluation["classes"]>,
  { judge, markdown }: { judge?: Judge; markdown?: boolean },
): string {
  const head = [
    `${labels.name}, classified rightly`,
    "by the network",
    "nats",
    ...(judge ? [ngrams(judge)] : []),
  ]
  const rows = Object.entries(byPart).map(([part, { accuracy, loss, counted }]) => [
    part,
    percent(accuracy),
    loss.toFixed(4),
    ...(counted === undefined ? [] : [percent(counted)]),
  ])
  return table([head, ...rows], { markdown })
}

export function formatConditions(
  { labels, part, count, byLabel }: NonNullable<Evaluation["conditions"]>,
  { judge, markdown }: { judge: Judge; markdown?: boolean },
): string {
  const head = [
    `${labels.name}, recognized ${ngrams(judge)}`,
    `real ones, ${part}`,
    `${grouped(count)} made for it`,
  ]
  const rows = byLabel.map(({ label, real, made }) => [
    label,
    Number.isNaN(real) ? "none" : percent(real),
    percent(made),
  ])
  return table([head, ...rows], { markdown })
}

const ngrams = ({ order }: Judge): string => `by ${order}-grams`
