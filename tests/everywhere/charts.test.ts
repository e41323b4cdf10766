/** Charts in a page and in Node: the page's own document and linkedom's give the same SVG. */
import { expect, test } from "vitest"
import { lossPlotSvg, lossPlotText, spectrogramSvg } from "../../src/charts/index.ts"

const plot = {
  training: [3, 2.5, 2.25, 2.125].map((loss, k) => ({ step: 10 * k, loss })),
  validation: [{ step: 20, loss: 2.5 }],
}

test("an SVG chart has its line in the same place", async () => {
  const svg = await lossPlotSvg(plot)
  expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
  expect(svg).toContain('d="M48,86L264,257.111L480,342.667L696,385.444"')
  expect(svg).toContain("loss, nats per symbol")
})

test("an SVG chart of any text is XML", async () => {
  const title = "\0\x07\x1b[31m\u00a0\ud800x\udfff\uffff<&>\"']]>&nbsp;"
  const shown = "␀␇␛[31m\u00a0\ufffdx\ufffd\ufffd<&>\"']]>&nbsp;"
  const svg = await lossPlotSvg({ ...plot, title })
  // Node has no parser of XML; tests/charts.test.ts asks Python's there.
  if (typeof DOMParser === "undefined") return expect(svg).toContain("␀␇␛[31m&#160;\ufffdx\ufffd\ufffd&lt;")
  const document = new DOMParser().parseFromString(svg, "image/svg+xml")
  expect(document.querySelector("parsererror")?.textContent).toBeUndefined()
  expect(document.querySelector("title")?.textContent).toBe(shown)
})

test("text", async () => {
  const text = await lossPlotText(plot, { width: 14, height: 4 })
  expect(
    text
      .split("\n")
      .slice(0, 4)
      .map((line) => line.trimEnd()),
  ).toEqual(["3.000 ┤╮", "2.708 ┤╰─╮ •", "2.417 ┤  ╰──╮", "2.125 ┤     ╰─"])
})

test("a spectrogram draws loud cells where they are, in few strokes", async () => {
  const quiet = new Float64Array(5)
  const loud = Float64Array.of(0, 0, 0, 1, 0.0009)
  const svg = await spectrogramSvg({
    frames: [quiet, loud, loud, loud, quiet, loud],
    seconds: 1.5,
    highest: 4000,
  })
  expect(svg.length).toBeLessThan(6000)
  // From the left and from the top, a unit to a cell: the second row is 3,000 Hz, the first one 30 dB less.
  const paths = svg.match(/<path [^>]*"1\.02"[^>]*>/g) ?? []
  const strokes = paths.map((path) =>
    ["d", "stroke"].map((name) => path.split(` ${name}="`)[1].split('"')[0]),
  )
  expect(strokes).toEqual([
    ["M1,0h3M5,0h1", "#de5319"],
    ["M1,1h3M5,1h1", "#fffadc"],
  ])
  expect(svg).toContain("frequency, Hz")
  const nothing = await spectrogramSvg({ frames: [quiet], seconds: 0.1, highest: 4000 })
  expect(nothing).not.toContain('stroke-width="1.02"')
})
