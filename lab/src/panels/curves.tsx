/** Live curves: the loss of batches, smoothed, of the validation part, and the learning rate. */
import { effect, useSignal } from "@preact/signals"
import { useEffect, useRef } from "preact/hooks"
import uPlot from "uplot"
import "uplot/dist/uPlot.min.css"
import { useEvery } from "../every.ts"
import { trainer } from "../session.ts"
import { Term } from "../term.tsx"
import type { Curve } from "../trainer/curve.ts"

/** Points of the curves, in uplot's columns: steps, then the loss of batches, smoothed, validation, and the rate. */
function columnsOf(curve: Curve): uPlot.AlignedData {
  const points = curve.points()
  const validations = curve.validations()
  const steps = points.map(({ step }) => step)
  const losses = [
    steps,
    points.map(({ loss }) => loss),
    points.map(({ smoothed }) => smoothed),
    points.map(({ rate }) => rate),
  ] as uPlot.AlignedData
  const validation = [validations.map(({ step }) => step), validations.map(({ loss }) => loss)]
  return uPlot.join([losses, validation as uPlot.AlignedData])
}

/** A schedule may end in rates that are nearly 0. */
const rateLabels = (_: uPlot, rates: readonly (number | null)[]): string[] =>
  rates.map((rate) =>
    rate === null ? "" : rate < 0.001 || rate > 100 ? rate.toExponential(0) : String(rate),
  )

/** A training that blows up has losses of any size. */
const lossLabels = (_: uPlot, losses: readonly number[]): string[] =>
  losses.map((loss) => (loss < 100_000 ? loss.toLocaleString("en") : loss.toExponential(1)))

/** Between two marks of the axis of steps: there is no half step. */
const stepsBetween = [1, 10, 100, 1000, 10_000, 100_000].flatMap((power) => [power, 2 * power, 5 * power])

function chartIn(element: HTMLElement, data: uPlot.AlignedData): uPlot {
  const color = (name: string) => getComputedStyle(element).getPropertyValue(name)
  const axis = {
    stroke: color("--soft"),
    grid: { stroke: color("--line"), width: 0.5 },
    ticks: { show: false },
  }
  const line = { spanGaps: true, points: { show: false } }
  const options: uPlot.Options = {
    width: element.clientWidth,
    height: element.clientHeight,
    legend: { show: false },
    cursor: { y: false },
    scales: { x: { time: false }, rate: { distr: 3 } },
    axes: [
      { ...axis, incrs: stepsBetween },
      { ...axis, size: 44, values: lossLabels },
      { ...axis, scale: "rate", side: 1, size: 52, grid: { show: false }, values: rateLabels },
    ],
    series: [
      {},
      { ...line, stroke: color("--line"), width: 1 },
      { ...line, stroke: color("--blue"), width: 2 },
      { ...line, stroke: color("--green"), width: 1, scale: "rate", dash: [4, 4] },
      { ...line, stroke: color("--orange"), width: 2, points: { show: true, size: 5 } },
    ],
  }
  return new uPlot(options, data, element)
}

/** Redraws whatever changed once a frame. */
export function Curves() {
  const ref = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = ref.current!
    const data = () => {
      const curve = trainer.value?.curve
      return curve ? columnsOf(curve) : [[], [], [], [], []]
    }
    let chart = chartIn(element, data() as uPlot.AlignedData)
    let due = 0
    const draw = () => {
      due = 0
      chart.setData(data() as uPlot.AlignedData)
    }
    const stop = effect(() => {
      trainer.value?.curve.version.value
      due ||= requestAnimationFrame(draw)
    })
    const sizes = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element
      chart.setSize({ width, height })
    })
    sizes.observe(element)
    const scheme = matchMedia("(prefers-color-scheme: dark)")
    const repaint = () => {
      chart.destroy()
      chart = chartIn(element, data() as uPlot.AlignedData)
    }
    scheme.addEventListener("change", repaint)
    return () => {
      stop()
      cancelAnimationFrame(due)
      sizes.disconnect()
      scheme.removeEventListener("change", repaint)
      chart.destroy()
    }
  }, [])
  return (
    <section class="curves" aria-label="Curves">
      <h2>
        <span>
          <Term name="loss">Loss</Term> in nats a symbol
        </span>
        <span class="legend">
          <i class="key batch" /> batches <i class="key smoothed" />{" "}
          <Term name="smoothed loss">smoothed</Term> <i class="key validation" /> <Term name="validation" />{" "}
          <i class="key rate" /> <Term name="learning rate">rate</Term>
        </span>
      </h2>
      <div class="chart" ref={ref} aria-hidden="true" />
      <CurveTable />
    </section>
  )
}

/** How often the table is made anew: the picture is drawn far more often than anybody reads. */
const MILLISECONDS = 2000

/** The curves for those who cannot see them: ten points, and all validation losses. */
function CurveTable() {
  const looks = useSignal(0)
  const current = trainer.value
  useEvery(MILLISECONDS, async () => void looks.value++, [current])
  looks.value // the curve grows in place
  const curve = current?.curve
  if (!curve) return null
  const points = curve.points()
  const every = Math.max(1, Math.ceil(points.length / 10))
  const shown = points.filter((_, k) => (points.length - 1 - k) % every === 0)
  return (
    <table class="for-screen-readers">
      <caption>Loss by step</caption>
      <thead>
        <tr>
          <th scope="col">after step</th>
          <th scope="col">smoothed loss of batches</th>
        </tr>
      </thead>
      <tbody>
        {shown.map(({ step, smoothed }) => (
          <tr key={step}>
            <td>{step}</td>
            <td>{smoothed.toFixed(3)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        {curve.validations().map(({ step, loss }) => (
          <tr key={step}>
            <td>{step}</td>
            <td>{loss.toFixed(3)} on the validation part</td>
          </tr>
        ))}
      </tfoot>
    </table>
  )
}
