/** Charts in a page as well: drawn with the page's own document there, and with linkedom's in Node, to the same numbers. */
import { expect, test } from "vitest"
import { lossPlotSvg, lossPlotText } from "../../src/charts/index.ts"

const plot = {
  training: [3, 2.5, 2.25, 2.125].map((loss, k) => ({ step: 10 * k, loss })),
  validation: [{ step: 20, loss: 2.5 }],
}

test("a picture: its line at the same place", async () => {
  const svg = await lossPlotSvg(plot)
  expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
  expect(svg).toContain('d="M48,86L264,257.111L480,342.667L696,385.444"')
  expect(svg).toContain("loss, nats a symbol")
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
