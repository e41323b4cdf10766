/** Charts that show themselves: a picture in a notebook, text in a console. Each is the data of one of the charts of this folder. */
import { type Displayed, shownAs } from "../display/contract.ts"
import { type EmbeddingMap, embeddingMapSvg } from "./embedding-map.ts"
import { type HeatMap, heatMapSvg, heatMapText } from "./heat-map.ts"
import { histogramsSvg, type LayerNumbers } from "./histograms.ts"
import type { LossScale } from "./loss-axis.ts"
import { type LossCurve, lossCurvesSvg, lossCurvesText } from "./loss-curves.ts"
import { type LossPlot, lossPlotSvg, lossPlotText } from "./loss-plot.ts"
import { type RateFinderPlot, rateFinderPlotSvg, rateFinderPlotText } from "./rate-finder-plot.ts"
import {
  type ReceptiveFieldPlot,
  receptiveFieldPlotSvg,
  receptiveFieldPlotText,
} from "./receptive-field-plot.ts"
import { type SpectrogramPlot, spectrogramSvg } from "./spectrogram.ts"
import { type UpdateRatios, updateRatioPlotSvg } from "./update-ratio-plot.ts"

export interface Chart extends Displayed {
  /** The chart as the text of an SVG file. */
  svg(): Promise<string>
  /** The chart as text; of one that has no text, its title in brackets. */
  text(): string | Promise<string>
}

function chart(
  title: string,
  svg: () => Promise<string>,
  text: () => string | Promise<string> = () => `[${title}]`,
): Chart {
  return shownAs({ svg, text }, { svg, text, name: `[chart: ${title}]` })
}

export const lossPlot = (plot: LossPlot): Chart =>
  chart(
    plot.title ?? "Loss",
    () => lossPlotSvg(plot),
    () => lossPlotText(plot),
  )

export const lossCurves = (curves: readonly LossCurve[], scale?: LossScale): Chart =>
  chart(
    scale?.title ?? "Loss",
    () => lossCurvesSvg(curves, scale),
    () => lossCurvesText(curves, scale),
  )

export const rateFinderPlot = (plot: RateFinderPlot): Chart =>
  chart(
    plot.title ?? "Learning-rate finder",
    () => rateFinderPlotSvg(plot),
    () => rateFinderPlotText(plot),
  )

export const receptiveFieldPlot = (plot: ReceptiveFieldPlot): Chart =>
  chart(
    plot.title ?? "Receptive field",
    () => receptiveFieldPlotSvg(plot),
    () => receptiveFieldPlotText(plot),
  )

export const embeddingMap = (map: EmbeddingMap): Chart =>
  chart(map.title ?? "Embedding", () => embeddingMapSvg(map))

export const spectrogram = (plot: SpectrogramPlot): Chart =>
  chart(plot.title ?? "Spectrogram", () => spectrogramSvg(plot))

export const histograms = (
  layers: readonly LayerNumbers[],
  options: Parameters<typeof histogramsSvg>[1],
): Chart => chart(options.title, () => histogramsSvg(layers, options))

export const updateRatioPlot = (series: readonly UpdateRatios[], options: { title?: string } = {}): Chart =>
  chart(options.title ?? "Update-to-data ratios", () => updateRatioPlotSvg(series, options))

/** A tensor of one or two axes with values, such as a parameter or a result. */
interface Matrix {
  readonly shape: readonly number[]
  values(): ArrayLike<number>
}

/** A matrix as a heat map; a vector is one row. Throws a RangeError for a tensor of other axes. */
export function heatMap(matrix: Matrix, names: Omit<HeatMap, "numbers" | "shape"> = {}): Chart {
  const { shape } = matrix
  if (shape.length < 1 || shape.length > 2 || shape.includes(0))
    throw new RangeError(`heatMap: (${shape.join(", ")}) is no matrix: take a part of it, or reshape it`)
  const [rows, columns] = [1, ...shape].slice(-2)
  const map = { ...names, numbers: matrix.values(), shape: [rows, columns] as const }
  return chart(
    map.title ?? "Heat map",
    () => heatMapSvg(map),
    () => heatMapText(map),
  )
}
