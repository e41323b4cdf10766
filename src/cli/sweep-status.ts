/** The running trials at the bottom of the terminal, a bar for each, under how many are done and the best so far. */
import { mean } from "../experiments/statistics.ts"
import type { Study } from "../experiments/study.ts"
import type { Trial, TrialProgress } from "../experiments/trial.ts"
import { formatCount } from "./output.ts"
import { clock } from "./progress.ts"
import { clearStatus, showStatus } from "./status-line.ts"
import { pointText, trialText } from "./sweep-text.ts"
import { trialBar } from "./trial-bar.ts"

/** How many running trials the terminal shows. */
const MOST_BARS = 16

export function showSweep(study: Study) {
  const [begin, endedBefore] = [performance.now(), study.ended]
  const left = (ended: number, total = 0): string => {
    if (ended === endedBefore || total <= ended) return ""
    const seconds = (performance.now() - begin) / 1000 / (ended - endedBefore)
    return `, about ${clock((total - ended) * seconds)} left`
  }
  const running = new Map<string, { readonly trial: Trial; progress?: TrialProgress }>()
  const lines = (width: number): string => {
    const { ended, total } = study
    const [best] = study.ranked()
    const head = [
      ` ${formatCount(ended)}${total === undefined ? "" : ` of ${formatCount(total)}`} trials${left(ended, total)}`,
      ...(best
        ? [`best ${study.plan.metric.name} ${mean(best.values).toFixed(4)}: ${pointText(best.point)}`]
        : []),
    ]
    const bars = [...running.values()]
      .slice(0, MOST_BARS)
      .map(({ trial, progress }) => `${trialBar(trial, progress, width)}  ${trialText(study, trial)}`)
    const others = running.size - bars.length
    return [head.join("  "), ...bars, ...(others > 0 ? [` and ${formatCount(others)} more`] : [])].join("\n")
  }
  return {
    at(kind: "started" | "ended" | "lost", trial: Trial): void {
      if (kind === "started") running.set(trial.name, { trial })
      else running.delete(trial.name)
      showStatus(lines)
    },
    progress(trial: Trial, progress: TrialProgress): void {
      const found = running.get(trial.name)
      if (found) found.progress = progress
      showStatus(lines)
    },
    stop: clearStatus,
  }
}
