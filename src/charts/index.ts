/** Charts, as SVG files and as text for a terminal, and as things that show themselves. */
export {
  type Chart,
  embeddingMap,
  heatMap,
  histograms,
  lossCurves,
  lossPlot,
  rateFinderPlot,
  receptiveFieldPlot,
  spectrogram,
  updateRatioPlot,
} from "./chart.ts"
export { type EmbeddingMap, embeddingMapSvg } from "./embedding-map.ts"
export { type Histogram, histogram, histogramsSvg, type LayerNumbers } from "./histograms.ts"
export type { LossPoint, LossScale } from "./loss-axis.ts"
export { type LossCurve, lossCurvesSvg, lossCurvesText } from "./loss-curves.ts"
export { type LossPlot, lossPlotSvg, lossPlotText, windowMeans } from "./loss-plot.ts"
export { type Components, principalComponents } from "./principal-components.ts"
export { type RateFinderPlot, rateFinderPlotSvg, rateFinderPlotText } from "./rate-finder-plot.ts"
export {
  type ReceptiveFieldPlot,
  receptiveFieldPlotSvg,
  receptiveFieldPlotText,
} from "./receptive-field-plot.ts"
export { type SpectrogramPlot, spectrogramSvg } from "./spectrogram.ts"
export { table } from "./table.ts"
export { type TerminalChartOptions, type TerminalSeries, terminalChart } from "./terminal-chart.ts"
export { type UpdateRatios, updateRatioPlotSvg } from "./update-ratio-plot.ts"
