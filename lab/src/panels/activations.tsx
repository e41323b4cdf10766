/** How the outputs of each layer, or their gradients, are spread on one batch: a histogram each, over one axis. */
import { useSignal } from "@preact/signals"
import { Term } from "../term.tsx"
import { decimal } from "./decimal.ts"
import { Switch } from "./switch.tsx"
import { useAnswer } from "./use-answer.ts"

const kinds = ["activations", "gradients"] as const

export function Activations() {
  const kind = useSignal<(typeof kinds)[number]>("activations")
  const { answer, problem } = useAnswer("diagnose", {})
  if (!answer) return <p class="nothing">{problem}</p>
  const { layers, limits, step } = answer
  const limit = limits[kind.value]
  const rows = layers.flatMap(({ path, values }) => values.map((each) => ({ path, ...each })))
  return (
    <div class="histograms">
      <div class="caption">
        <Switch legend="Histograms of" choices={kinds} chosen={kind} />
        <p>
          The {kind.value === "gradients" ? "loss's " : ""}
          <Term name={kind.value === "gradients" ? "gradient" : "activation"}>{kind.value}</Term> of each
          layer on one batch, after {step.toLocaleString("en")} steps
        </p>
      </div>
      <ul class={kind.value}>
        {rows.map(({ path, type, activation, gradient, saturated, [kind.value]: counts }) => {
          const { mean, deviation } = kind.value === "gradients" ? gradient : activation
          const number = (x: number) => (kind.value === "gradients" ? x.toExponential(1) : decimal(x))
          const stuck =
            kind.value === "activations" && saturated !== undefined
              ? `, ${(100 * saturated).toFixed(0)} % saturated`
              : ""
          return (
            <li key={`${path} ${type}`}>
              <span title={path}>
                {type} <small>{path}</small>
              </span>
              <Histogram counts={counts} />
              <span class="note">
                {kind.value === "activations" && number(mean)} ± {number(deviation)}
                {stuck}
              </span>
            </li>
          )
        })}
      </ul>
      <p class="axis" aria-hidden="true">
        <span>−{Number(limit.toPrecision(2))}</span>
        <span>0</span>
        <span>{Number(limit.toPrecision(2))}</span>
      </p>
    </div>
  )
}

/** Scaled to its fullest part. */
function Histogram({ counts }: { counts: readonly number[] }) {
  const most = Math.max(1, ...counts)
  const steps = counts.map((count, k) => `V${(1 - count / most).toFixed(3)} H${k + 1}`).join(" ")
  return (
    <svg viewBox={`0 0 ${counts.length} 1`} preserveAspectRatio="none" aria-hidden="true">
      <line x1={counts.length / 2} x2={counts.length / 2} y1="0" y2="1" vector-effect="non-scaling-stroke" />
      <path class="shape" d={`M0 1 ${steps} V1 Z`} />
    </svg>
  )
}
