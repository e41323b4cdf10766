/** A diagnosis as HTML: the tables of layers and parameters, with a small histogram of each layer's activations and gradients. */
import { histogram, limitOf } from "../charts/histograms.ts"
import { code, htmlTable, paragraph } from "../display/html.ts"
import { type Diagnosis, type DiagnosisColumns, rowsOf } from "./diagnostics.ts"

const BINS = 15
const heights = "▁▂▃▄▅▆▇█"

export function diagnosisHtml(
  { loss, layers }: Diagnosis,
  { names, activations, slopes, ofParameters }: DiagnosisColumns,
): string {
  const small = (numbers: readonly Float32Array[]) => {
    const limit = limitOf(numbers.map((each) => ({ name: "", numbers: each })))
    return numbers.map((each) => bars(each, limit))
  }
  const ofActivations = small(layers.map(({ activations }) => activations))
  const ofGradients = small(layers.map(({ gradients }) => gradients))
  const withHistogram = (columns: readonly string[][], histograms: readonly string[]) => {
    const [header, ...rows] = rowsOf([names, ...columns])
    return htmlTable(
      [
        [header[0], "histogram", ...header.slice(1)],
        ...rows.map(([name, ...cells], k) => [name, code(histograms[k]), ...cells]),
      ],
      { left: 2 },
    )
  }
  return [
    paragraph(`The batch has a loss of ${loss.toFixed(4)}. Activations:`),
    withHistogram(activations, ofActivations),
    paragraph("Gradients:"),
    withHistogram(slopes, ofGradients),
    paragraph("Parameters:"),
    htmlTable(ofParameters),
  ].join("\n")
}

/** From -limit to limit, each bar in proportion to the fullest bin. */
function bars(numbers: Float32Array, limit: number): string {
  const counts = histogram(numbers, limit, BINS).map(({ count }) => count)
  const fullest = Math.max(1, ...counts)
  return counts.map((count) => heights[Math.ceil((count / fullest) * (heights.length - 1))]).join("")
}
