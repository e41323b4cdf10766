/** How often labels are predicted rightly, and whether the things made for a label are taken for it. */
import type { Labels } from "../../data/labels.ts"
import { Generator } from "../../random/torch.ts"
import type { Judge } from "../../sampling/judge.ts"
import type { Sampler } from "../../sampling/sampler.ts"
import type { ClassEvaluation } from "../../training/evaluate.ts"

/** One part of the data, evaluated by a model that predicts labels. */
export interface ClassReport extends ClassEvaluation {
  /** The part of the lines that n-grams classify rightly; undefined where the training part is gone. */
  readonly counted?: number
}

/** One label of a model that is conditioned on labels: the part of the things that n-grams take for it. */
export interface ConditionReport {
  readonly label: string
  /** Of real things; NaN where there are none. */
  readonly real: number
  /** Of things made for it. */
  readonly made: number
}

/** Makes `count` things of each label and judges them; `real` has the part of real things for each label. */
export async function conditionReports(
  sampler: Sampler,
  { labels, judge, real, count }: { labels: Labels; judge: Judge; real: readonly number[]; count: number },
): Promise<ConditionReport[]> {
  const generator = new Generator(42)
  const reports: ConditionReport[] = []
  for (const [number, label] of labels.values.entries()) {
    const things: number[][] = []
    for await (const ids of sampler.sample({ count, label: number, generator })) things.push(ids)
    reports.push({ label, real: real[number], made: judge.taken(things, number) })
  }
  return reports
}
