/** The tables of an evaluation about labels: the accuracy of a classifier, and how well samples match their condition. */
import { table } from "../charts/table.ts"
import type { Evaluation } from "../runs/corpora/corpus.ts"
import type { Judge } from "../sampling/judge.ts"
import { formatCount, percent } from "./output.ts"

export function formatClasses(
  { labels, byPart }: NonNullable<Evaluation["classes"]>,
  { judge, markdown }: { judge?: Judge; markdown?: boolean },
): string {
  const head = [`accuracy of ${labels.name}`, "network", "nats", ...(judge ? [ngrams(judge)] : [])]
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
  const head = [`${labels.name} recognized ${ngrams(judge)}`, `${part} part`, `${formatCount(count)} samples`]
  const rows = byLabel.map(({ label, real, made }) => [
    label,
    Number.isNaN(real) ? "none" : percent(real),
    percent(made),
  ])
  return table([head, ...rows], { markdown })
}

const ngrams = ({ order }: Judge): string => `by ${order}-grams`
