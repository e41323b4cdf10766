/** Charts that show themselves: a picture in a notebook, text in a console. Each is the data of one of the charts of this folder. */
import { type Displayed, shownAs } from "../display/contract.ts"
import { type EmbeddingMap, embeddingMapSvg } from "./embedding-map.ts"
import { histogramsSvg, type LayerNumbers } from "./histograms.ts"
import type { LossScale } from "./loss-axis.ts"
import { type LossCurve, lossCurvesSvg, lossCurvesText } from "./loss-curves.ts"
import { type LossPlot, lossPlotSvg, lossPlotText } from "./loss-plot.ts"
import { type RateFinderPlot, rateFinderPlotSvg, rateFinderPlotText } from "./rate-finder-plot.ts"
import { type SpectrogramPlot, spectrogramSvg } from "./spectrogram.ts"
import { type UpdateRatios, updateRatioPlotSvg } from "./update-ratio-plot.ts"

export interface Chart extends Displayed {
  /** The chart as the text of an SVG file. */
  svg(): Promise<string>
  /** The chart as text; of one that has no text, its title in brackets. */
  text(): string | Promise<string>
}

function chart(svg: () => Promise<string>, text: () => string | Promise<string>): Chart {
  return shownAs({ svg, text }, { svg, text })
}

const titled = (title: string) => () => `[${title}]`

export const lossPlot = (plot: LossPlot): Chart =>
  chart(
    () => lossPlotSvg(plot),
    () => lossPlotText(plot),
  )

export const lossCurves = (curves: readonly LossCurve[], scale?: LossScale): Chart =>
  chart(
    () => lossCurvesSvg(curves, scale),
    () => lossCurvesText(curves, scale),
  )

export const rateFinderPlot = (plot: RateFinderPlot): Chart =>
  chart(
    () => rateFinderPlotSvg(plot),
    () => rateFinderPlotText(plot),
  )

export const embeddingMap = (map: EmbeddingMap): Chart =>
  chart(() => embeddingMapSvg(map), titled(map.title ?? "Embedding"))

export const spectrogram = (plot: SpectrogramPlot): Chart =>
  chart(() => spectrogramSvg(plot), titled(plot.title ?? "Spectrogram"))

export const histograms = (
  layers: readonly LayerNumbers[],
  options: Parameters<typeof histogramsSvg>[1],
): Chart => chart(() => histogramsSvg(layers, options), titled(options.title))

export const updateRatioPlot = (series: readonly UpdateRatios[], options: { title?: string } = {}): Chart =>
  chart(() => updateRatioPlotSvg(series, options), titled(options.title ?? "Update-to-data ratios"))
