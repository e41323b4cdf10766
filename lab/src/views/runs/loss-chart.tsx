/** The losses of several runs in one chart that grows as they train: the batches', smoothed, and dots for the validation part. */
import { effect, type ReadonlySignal, type Signal } from "@preact/signals"
import { useEffect, useRef } from "preact/hooks"
import uPlot from "uplot"
import "uplot/dist/uPlot.min.css"
import { colors } from "../../../../src/charts/svg-chart.ts"
import type { Board } from "../../runs/board.ts"
import { smoothed, thinned } from "../../runs/curve.ts"

export interface ShownRun {
  readonly key: string
  /** The number of its color. */
  readonly color: number
}

interface LossChartProps {
  readonly board: Board
  readonly shown: ReadonlySignal<readonly ShownRun[]>
  /** The run that is pointed at. */
  readonly lit?: Signal<string | undefined>
  readonly smoothing: ReadonlySignal<number>
}

/** Where there are more runs than colors, those of one color have lines of their own. */
const dashes = [[], [8, 4], [2, 4]]

export function LossChart({ board, shown, lit, smoothing }: LossChartProps) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = place.current!
    let chart: uPlot | undefined
    let of = ""
    let due = 0

    const draw = () => {
      due = 0
      const runs = shown.peek()
      const data = tableOf(board, runs, smoothing.peek())
      const now = runs.map(({ key, color }) => `${key} ${color}`).join("\n")
      if (chart && of === now) return chart.setData(data)
      chart?.destroy()
      of = now
      chart = new uPlot(optionsOf(element, runs, lit), data, element)
      light(chart, lit?.peek())
    }
    const later = () => {
      due ||= requestAnimationFrame(draw)
    }

    const stop = effect(() => {
      smoothing.value
      for (const { key } of shown.value) board.curveOf(key).version.value
      later()
    })
    const stopLighting = effect(() => {
      light(chart, lit?.value)
    })
    const resize = new ResizeObserver(() => {
      chart?.setSize({ width: element.clientWidth, height: element.clientHeight })
    })
    resize.observe(element)
    const scheme = matchMedia("(prefers-color-scheme: dark)")
    const recolor = () => redraw(chart)
    scheme.addEventListener("change", recolor)
    return () => {
      stop()
      stopLighting()
      resize.disconnect()
      scheme.removeEventListener("change", recolor)
      cancelAnimationFrame(due)
      chart?.destroy()
    }
  }, [board, shown, lit, smoothing])
  return <div class="loss-chart" ref={place} aria-hidden="true" />
}

/** Draws all runs but this one faintly. Both of its curves are meant, where uplot's own focus knows only one. */
function light(chart: uPlot | undefined, key: string | undefined): void {
  const isAmong = chart?.series.some(({ label }) => label === key)
  for (const series of chart?.series ?? []) series.alpha = !isAmong || series.label === key ? 1 : 0.2
  redraw(chart)
}

/** A chart without points has no scales to draw by. */
function redraw(chart: uPlot | undefined): void {
  if (chart && chart.scales.x.min !== null && chart.scales.x.min !== undefined) chart.redraw(false)
}

/** A column for all steps, and for each run one of its batches and one of its validation losses. */
function tableOf(board: Board, runs: readonly ShownRun[], smoothing: number): uPlot.AlignedData {
  const tables = runs.flatMap(({ key }): uPlot.AlignedData[] => {
    const { batches, validation } = board.curveOf(key).curve
    const { steps, losses } = thinned({ steps: batches.steps, losses: smoothed(batches.losses, smoothing) })
    return [
      [steps, losses],
      [validation.steps, validation.losses],
    ]
  })
  return tables.length === 0 ? [[]] : uPlot.join(tables)
}

function optionsOf(
  element: HTMLElement,
  runs: readonly ShownRun[],
  lit: Signal<string | undefined> | undefined,
): uPlot.Options {
  const styleOf = (name: string) => () => getComputedStyle(element).getPropertyValue(name)
  const axis = {
    stroke: styleOf("color"),
    grid: { stroke: styleOf("--line"), width: 0.5 },
    ticks: { show: false },
  }
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    legend: { show: false },
    cursor: { focus: { prox: 24 }, points: { show: false } },
    focus: { alpha: 1 },
    scales: { x: { time: false } },
    axes: [
      { ...axis, size: 32, values: (_, steps) => steps.map((step) => step.toLocaleString("en")) },
      { ...axis, size: 48, label: "nats per symbol", labelSize: 16, labelFont: "12px system-ui" },
    ],
    series: [
      {},
      ...runs.flatMap(({ key, color }): uPlot.Series[] => {
        const stroke = colors[color % colors.length]
        const dash = dashes[Math.floor(color / colors.length) % dashes.length]
        return [
          { label: key, stroke, dash, width: 1.5, spanGaps: true, points: { show: false } },
          {
            ...{ label: key, stroke, dash, width: 1, spanGaps: true },
            points: { show: true, size: 6, fill: stroke, stroke },
          },
        ]
      }),
    ],
    hooks: {
      setSeries: [
        (_, index) => {
          if (lit) lit.value = index ? runs[Math.floor((index - 1) / 2)]?.key : undefined
        },
      ],
    },
  }
}
