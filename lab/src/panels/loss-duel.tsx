/** The smoothed losses of two trainings, in one picture. */
import type { Trainer } from "../trainer/client.ts"
import type { Pair } from "./batch-norm.tsx"
import { useSize } from "./use-size.ts"

const kinds = ["bug", "repaired"] as const
const names: Pair<string> = { bug: "with the bug", repaired: "without" }
const GUTTER = 28
const FOOT = 16

export function LossDuel({ steps, ...trainers }: Pair<Trainer> & { readonly steps: number }) {
  const [ref, { width, height }] = useSize()
  const points = kinds.map((kind) => {
    trainers[kind].curve.version.value
    return trainers[kind].curve.points()
  })
  const losses = points.flat().map(({ smoothed }) => smoothed)
  const least = Math.min(2.2, ...losses)
  const most = Math.max(3.4, ...losses)
  const x = (step: number) => GUTTER + ((width - GUTTER - 8) * step) / steps
  const y = (loss: number) => 8 + (height - FOOT - 8) * ((most - loss) / (most - least))
  const lines = [2, 2.5, 3, 3.5].filter((loss) => loss >= least && loss <= most)
  return (
    <div class="duel">
      <dl>
        {kinds.map((kind) => (
          <div key={kind}>
            <dt class={`${kind}-key`}>{names[kind]}</dt>
            <dd>{Number.isFinite(trainers[kind].loss.value) ? trainers[kind].loss.value.toFixed(3) : "…"}</dd>
          </div>
        ))}
        <div>
          <dt>steps</dt>
          <dd>{Math.min(...kinds.map((kind) => trainers[kind].step.value)).toLocaleString("en")}</dd>
        </div>
      </dl>
      <div class="plot" ref={ref}>
        {width > 0 && (
          <svg width={width} height={height} aria-hidden="true">
            {lines.map((loss) => (
              <g key={loss}>
                <line class="grid-line" x1={GUTTER} x2={width} y1={y(loss)} y2={y(loss)} />
                <text class="tick" x="0" y={y(loss) + 4}>
                  {loss.toFixed(1)}
                </text>
              </g>
            ))}
            <text class="tick" x={GUTTER} y={height - 2}>
              smoothed loss by step, to {steps.toLocaleString("en")}
            </text>
            {kinds.map((kind, k) => (
              <polyline
                key={kind}
                class={`curve ${kind}`}
                points={points[k].map(({ step, smoothed }) => `${x(step)},${y(smoothed)}`).join(" ")}
              />
            ))}
          </svg>
        )}
      </div>
    </div>
  )
}
