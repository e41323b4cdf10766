import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { parseHTML } from "linkedom"
import { describe, expect, test } from "vitest"
import { limitOf } from "../src/charts/histograms.ts"
import {
  embeddingMapSvg,
  histogram,
  histogramsSvg,
  lossCurvesSvg,
  lossCurvesText,
  lossPlotSvg,
  lossPlotText,
  rateFinderPlotSvg,
  rateFinderPlotText,
  receptiveFieldPlotSvg,
  receptiveFieldPlotText,
  spectrogramSvg,
  updateRatioPlotSvg,
} from "../src/charts/index.ts"
import { svgChart } from "../src/charts/svg-chart.ts"
import { testByPython } from "./by-python.ts"
import { askPython } from "./python.ts"

/** The elements of a chart, and its texts in order. */
function read(svg: string) {
  const { document } = parseHTML(`<!doctype html><html><body>${svg}</body></html>`)
  const root = document.querySelector("svg")!
  const all = (selector: string): Element[] => Array.from(root.querySelectorAll(selector))
  return { root, all, texts: all("text").map((text) => text.textContent ?? "") }
}

/** No NaN or the like, and no reference to another file. */
function expectWhole(svg: string) {
  expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*>[\s\S]*<\/svg>\n$/)
  expect(svg).not.toMatch(/NaN|Infinity|undefined|null/)
  expect(svg).not.toMatch(/(href|src)=|url\(/)
  const { root, all } = read(svg)
  expect(root.getAttribute("role")).toBe("img")
  const [width, height] = ["width", "height"].map((name) => Number(root.getAttribute(name)))
  expect(root.getAttribute("viewBox")).toBe(`0 0 ${width} ${height}`)
  for (const text of all("text")) {
    const [x, y] = (/translate\(([^)]*)\)/.exec(text.getAttribute("transform") ?? "")?.[1] ?? "0,0")
      .split(",")
      .map(Number)
    expect(x, text.textContent ?? "").toBeLessThanOrEqual(width)
    expect(y, text.textContent ?? "").toBeLessThanOrEqual(height)
  }
}

/** The ends of a path: M0,10L5,20 -> [[0, 10], [5, 20]]. */
const corners = (path: Element): number[][] =>
  (path.getAttribute("d") ?? "")
    .split(/[ML]/)
    .slice(1)
    .map((corner) => corner.split(",").map(Number))

describe("an SVG chart", () => {
  test("has a title, subtitle, legend, label and dark colors, and escapes its texts", async () => {
    const svg = await svgChart({
      title: "a < b & c",
      subtitle: "in short",
      legend: [
        { name: "line", color: "#123456" },
        { name: "faint", color: "#654321", mark: { opacity: 0.5 } },
      ],
      y: { label: "nats" },
      height: 100,
      marks: (Plot) => [
        Plot.line([
          [0, 0],
          [1, 1],
        ]),
      ],
    })
    expectWhole(svg)
    const { root, all, texts } = read(svg)
    expect(root.querySelector("title")?.textContent).toBe("a < b & c")
    expect(texts).toEqual(expect.arrayContaining(["a < b & c", "in short", "line", "faint", "↑ nats"]))
    expect(all("[aria-label=legend] path")[0].getAttribute("stroke")).toBe("#123456")
    expect(all("[aria-label=legend] path")[1].getAttribute("opacity")).toBe("0.5")
    expect(svg).toContain("prefers-color-scheme: dark")
    expect(all("rect.paper")).toHaveLength(1)
  })

  test("a legend too long for one row wraps, and the chart grows to fit it", async () => {
    const legend = Array.from({ length: 12 }, (_, k) => ({
      name: `a rather long name, number ${k}`,
      color: "red",
    }))
    const draw = (count: number) =>
      svgChart({ title: "t", legend: legend.slice(0, count), height: 100, marks: (Plot) => [Plot.frame()] })
    const [few, many] = [read(await draw(1)), read(await draw(12))]
    const rows = new Set(many.all("[aria-label=legend] text").map((text) => text.getAttribute("y")))
    expect(rows.size).toBeGreaterThan(2)
    const height = ({ root }: typeof few) => Number(root.getAttribute("height"))
    expect(height(many)).toBe(height(few) + 18 * (rows.size - 1))
    for (const text of many.all("[aria-label=legend] text"))
      expect(Number(text.getAttribute("x")) + 6.4 * (text.textContent ?? "").length).toBeLessThan(720)
  })
})

testByPython("numpy")("every chart of any text is XML, which Python's parser reads", async () => {
  const anything = fc.string({ unit: "binary", maxLength: 20 })
  const texts = [
    ...fc.sample(anything, 30),
    ...["\0\x07\x1b[31m\x7f\x85", "\ud800x\udfff\uffff\ufffe", "a\u00a0b", "<&>\"']]>&nbsp;--><![CDATA["],
  ]
  const drawn = texts.flatMap((text) => [
    embeddingMapSvg({ numbers: [0, 1, 2, 3], symbols: [text, "b"], title: text }),
    histogramsSvg([{ name: text, numbers: [1, 2], note: text }], {
      title: text,
      subtitle: text,
      label: text,
    }),
    lossPlotSvg({ training: [{ step: 0, loss: 3 }], unit: text, title: text }),
    rateFinderPlotSvg({ trials: [{ rate: 0.1, loss: 2, smoothed: 2 }], title: text }),
    spectrogramSvg({ frames: [[1], [2]], seconds: 1, highest: 4000, title: text }),
    updateRatioPlotSvg([{ step: 0, ratios: { [text]: -3 } }], { title: text }),
  ])
  const folder = mkdtempSync(join(tmpdir(), "makewave-charts-"))
  const file = join(folder, "charts.json")
  const program = `import json, sys, xml.dom.minidom as dom
charts = json.load(open(sys.argv[1]))
print(json.dumps([dom.parseString(chart.encode()).documentElement.tagName for chart in charts]))`
  try {
    writeFileSync(file, JSON.stringify(await Promise.all(drawn)))
    expect(await askPython("numpy", "-c", program, file)).toEqual(drawn.map(() => "svg"))
  } finally {
    rmSync(folder, { recursive: true })
  }
})

describe("the loss plot", () => {
  const training = Array.from({ length: 250 }, (_, k) => ({ step: 10 * k, loss: 2 + 1 / (1 + k) }))
  const validation = [
    { step: 1000, loss: 2.3 },
    { step: 2000, loss: 2.2 },
  ]

  test("shows means of batch losses, the middle half of each window, and validation losses over steps", async () => {
    const svg = await lossPlotSvg({ training, validation, title: "Loss of a model" })
    expectWhole(svg)
    const { all, texts } = read(svg)
    expect(texts).toEqual(
      expect.arrayContaining([
        "Loss of a model",
        "training, mean of 3 batches",
        "the middle half of them",
        "validation",
        "↑ loss, nats per symbol",
        "steps taken →",
        "2,000",
      ]),
    )
    const lines = all("g[aria-label=line] path").map(corners)
    expect(lines.map(({ length }) => length)).toEqual([84, 2])
    const [means, checked] = lines
    expect(checked[0][0]).toBeCloseTo(means[33][0], 0) // steps 1,000 and 990 to 1,010
    expect(checked[0][1]).toBeLessThan(means[33][1]) // a higher loss is drawn higher
    const band = corners(all("g[aria-label=area] path")[0]).map(([, y]) => y)
    expect(band[1]).toBeLessThan(means[1][1])
    expect(band.at(-2)).toBeGreaterThan(means[1][1])
    expect(all("g[aria-label=dot] circle")).toHaveLength(2)
  })

  test("a logarithmic axis spaces equal ratios equally", async () => {
    const points = [1, 2, 4, 8].map((loss, step) => ({ step, loss }))
    const svg = await lossPlotSvg({ training: points, scale: "log10" })
    expectWhole(svg)
    const { all, texts } = read(svg)
    const heights = corners(all("g[aria-label=line] path")[0]).map(([, y]) => y)
    expect(heights[0] - heights[1]).toBeCloseTo(heights[2] - heights[3], 1)
    expect(texts).toEqual(
      expect.arrayContaining(["1", "2", "4", "8", "↑ loss, nats per symbol, logarithmic"]),
    )
    expect(texts).not.toContain("10")
  })

  test("the curves fill the height, so that a small fall of the mean shows among scattered batches", async () => {
    const scattered = Array.from({ length: 20_000 }, (_, step) => ({
      step,
      loss: (step < 15_000 ? 1.9 : 1.85) + ((step * 7919) % 101) / 100 - 0.5,
    }))
    scattered[12_345].loss = 9
    const svg = await lossPlotSvg({ training: scattered })
    expectWhole(svg)
    expect(svg.length).toBeLessThan(20_000)
    const [means] = read(svg).all("g[aria-label=line] path").map(corners)
    expect(means).toHaveLength(100)
    expect(means[90][1] - means[50][1]).toBeGreaterThan(20)
  })

  test("few losses have no means, and none give an empty frame", async () => {
    const few = read(await lossPlotSvg({ training: training.slice(0, 40) }))
    expect(few.all("g[aria-label=line] path").map(corners)).toHaveLength(1)
    expect(few.texts.join()).not.toContain("mean of")
    expectWhole(await lossPlotSvg({ training: [] }))
    expectWhole(await lossPlotSvg({ training: [], scale: "log10" }))
    expectWhole(await lossPlotSvg({ training: [{ step: 0, loss: 3 }] }))
  })

  test("as text", async () => {
    const text = await lossPlotText({ training, validation, title: "Loss" }, { height: 8 })
    expect(text).toMatch(/^Loss\n\n2\.\d{3} ┤/)
    expect(text).toMatch(/\n +10 +steps taken +2,490\n +── training, mean of 3 batches {3}•• validation$/)
    expect(await lossPlotText({ training, scale: "log10" })).toMatch(/^2\.\d{3} ┤/)
  })
})

describe("the loss curves of several runs", () => {
  const curve = (name: string, loss: number) => ({
    name,
    training: [0, 10, 20].map((step) => ({ step, loss: loss - step / 100 })),
    validation: [10, 20].map((step) => ({ step, loss: loss + 0.1 - step / 100 })),
  })

  test("each has a color, faint for training and with dots for validation, and its name in the legend", async () => {
    const svg = await lossCurvesSvg([curve("hidden 64", 3), curve("hidden 128", 2)], { title: "Loss" })
    expectWhole(svg)
    const { all, texts } = read(svg)
    expect(texts).toEqual(
      expect.arrayContaining([
        "Loss",
        "hidden 64",
        "hidden 128",
        "faint: training, means of batches; with dots: validation",
      ]),
    )
    const lines = all("g[aria-label=line]")
    expect(lines.map((line) => line.getAttribute("stroke-opacity"))).toEqual(["0.35", null, "0.35", null])
    const strokes = lines.map((line) => line.getAttribute("stroke"))
    expect([strokes[0], strokes[2]]).toEqual([strokes[1], strokes[3]])
    expect(strokes[0]).not.toBe(strokes[2])
    const heights = lines.map((line) => corners(line.querySelector("path")!)[0][1])
    expect(heights[0]).toBeLessThan(heights[2]) // a higher loss is drawn higher
    expect(all("g[aria-label=dot] circle")).toHaveLength(4)
  })

  test("more than there are colors are told apart by dashes; without validation losses the training is not faint", async () => {
    const curves = Array.from({ length: 9 }, (_, k) => ({ ...curve(`run ${k}`, 3 + k), validation: [] }))
    const svg = await lossCurvesSvg(curves, { scale: "log10" })
    expectWhole(svg)
    const { all, texts } = read(svg)
    expect(texts.join()).not.toContain("faint")
    const dashed = all("[aria-label=legend] path").map((path) => path.getAttribute("stroke-dasharray"))
    expect(dashed).toEqual([...Array(8).fill(null), "6 3"])
    const lines = all("g[aria-label=line]").map((line) => line.getAttribute("stroke-opacity") ?? "1")
    expect(lines).toEqual(Array(9).fill("1"))
  })

  test("as text, six have their own strokes", async () => {
    const curves = Array.from({ length: 6 }, (_, k) => curve(`run ${k}`, 3 + k))
    const text = await lossCurvesText(curves, { title: "Loss" }, { height: 8, width: 100 })
    expect(text).toMatch(/^Loss\n\n\d\.\d{3} ┤/)
    const narrow = await lossCurvesText(curves, {}, { width: 40 })
    for (const line of narrow.split("\n")) expect(line.length).toBeLessThanOrEqual(40)
    expect(narrow).toMatch(/\n {7}\+\+ run 3 {3}×× run 4 {3}∘∘ run 5$/)
    expect(text).toMatch(/── run 0 {3}•• run 1 {3}━━ run 2 {3}\+\+ run 3 {3}×× run 4 {3}∘∘ run 5$/)
  })
})

describe("histograms", () => {
  test("counts from -limit to limit, ends included, and ignores the rest", () => {
    const counts = histogram([-2, -1.5, -1.1, -0.9, 0, 0.1, 1.9, 2, 2.1, -7], 2, 4)
    expect(counts).toEqual([
      { x: -1.5, count: 3 },
      { x: -0.5, count: 1 },
      { x: 0.5, count: 2 },
      { x: 1.5, count: 2 },
    ])
  })

  test("the limit covers 99 % of every layer, so that an outlier does not flatten the rest", () => {
    const numbers = [...Array.from({ length: 199 }, (_, k) => k / 199), 1e6]
    expect(limitOf([{ name: "a", numbers }])).toBeCloseTo(0.99, 1)
    expect(
      limitOf([
        { name: "a", numbers },
        { name: "b", numbers: [-3, -3] },
      ]),
    ).toBe(3)
    expect(limitOf([{ name: "zeros", numbers: [0, 0] }])).toBe(1)
  })

  test("a row for each layer, with its name and its note", async () => {
    const svg = await histogramsSvg(
      [
        { name: "first: Linear", numbers: [-1, 0, 0, 1], note: "0.00 ± 0.82" },
        { name: "second: Tanh", numbers: [0.5, 0.5] },
      ],
      { title: "Activations", label: "activation" },
    )
    expectWhole(svg)
    const { all, texts } = read(svg)
    expect(texts).toEqual(
      expect.arrayContaining(["Activations", "first: Linear", "0.00 ± 0.82", "second: Tanh", "activation →"]),
    )
    expect(all("g[aria-label=area] path")).toHaveLength(2)
  })
})

describe("the embedding map", () => {
  const places = (svg: string) =>
    new Map(
      read(svg)
        .all("g[aria-label=text] text")
        .map((text) => {
          const [x, y] = /translate\(([^)]*)\)/
            .exec(text.getAttribute("transform") ?? "")![1]
            .split(",")
            .map(Number)
          return [text.textContent, { x, y }] as const
        }),
    )

  test("two dimensions are drawn as they are", async () => {
    const svg = await embeddingMapSvg({ numbers: [0, 0, 1, 0, 0, 2], symbols: [".", "a", "<"] })
    expectWhole(svg)
    expect(read(svg).texts).toEqual(expect.arrayContaining(["first dimension →", "↑ second dimension"]))
    const found = places(svg)
    expect(found.get("a")!.x).toBeGreaterThan(found.get(".")!.x)
    expect(found.get("a")!.y).toBe(found.get(".")!.y)
    expect(found.get("<")!.y).toBeLessThan(found.get(".")!.y)
  })

  test("more dimensions are projected onto two principal components, whose variance is printed", async () => {
    const numbers = [0, 3, 0, 0, -3, 0, 1, 0, 0, -1, 0, 0]
    const svg = await embeddingMapSvg({ numbers, symbols: ["a", "b", "c", "d"], title: "Symbols" })
    expectWhole(svg)
    expect(read(svg).texts.join("\n")).toMatch(/3 dimensions, [^\n]*: 90\.0 % and 10\.0 %/)
    const found = places(svg)
    expect(found.get("a")!.x).toBeGreaterThan(found.get("b")!.x)
    expect(found.get("c")!.y).toBeLessThan(found.get("d")!.y)
  })

  test("no letter covers another, and none is hidden by a disc", async () => {
    const symbols = [..."abcdefghijklmnopqrstuvwxyz "]
    const svg = await embeddingMapSvg({
      numbers: symbols.flatMap((_, k) => [Math.sin(k) + (k === 0 ? 50 : 0), Math.cos(k)]),
      symbols,
    })
    expectWhole(svg)
    const found = [...places(svg)].filter(([text]) => [...text].length === 1)
    expect(found.map(([text]) => text)).toEqual(expect.arrayContaining([...symbols.slice(0, -1), "␣"]))
    for (const [a, one] of found)
      for (const [b, other] of found)
        if (a !== b)
          expect([a, b, Math.abs(one.x - other.x) > 8 || Math.abs(one.y - other.y) > 13]).toEqual([
            a,
            b,
            true,
          ])
    // Letters come last, and a disc is nearly transparent.
    const large = read(svg)
      .all("circle")
      .filter((circle) => Number(circle.getAttribute("r")) > 3)
    expect(large).toHaveLength(27)
    for (const disc of large) expect(Number(disc.getAttribute("fill-opacity"))).toBeLessThan(0.2)
    expect(svg.lastIndexOf("<circle")).toBeLessThan(svg.indexOf(">b<"))
  })

  test("words are smaller than letters and have no discs; no word covers another", async () => {
    const symbols = ["he", "she", "they", "would", "could", "might", "house", "houses"]
    const svg = await embeddingMapSvg({ numbers: symbols.flatMap((_, k) => [k / 4, k % 2]), symbols })
    expectWhole(svg)
    const { all } = read(svg)
    expect(all("circle").filter((circle) => Number(circle.getAttribute("r")) > 2)).toHaveLength(0)
    const [group] = all("[aria-label=text]")
    expect(group.getAttribute("font-size")).toBe("11")
    const found = [...places(svg)].filter(([text]) => symbols.includes(text!))
    expect(found).toHaveLength(symbols.length)
    for (const [a, one] of found)
      for (const [b, other] of found) {
        const apart = Math.abs(one.x - other.x) > 3.4 * (a!.length + b!.length)
        if (a !== b) expect([a, b, apart || Math.abs(one.y - other.y) > 11]).toEqual([a, b, true])
      }
  })

  test("levels are points colored by value, and a few of them are named", async () => {
    const symbols = [".", ...Array.from({ length: 255 }, (_, k) => String(k + 1))]
    const svg = await embeddingMapSvg({
      numbers: symbols.flatMap((_, k) => [k, k % 7, (k * k) % 11]),
      symbols,
    })
    expectWhole(svg)
    const fills = read(svg)
      .all("circle")
      .map((circle) => circle.getAttribute("fill"))
    expect([fills.length, fills[0], fills[255]]).toEqual([256, "#4c7fe0", "#e8590c"])
    expect(new Set(fills).size).toBeGreaterThan(200)
    const names = [...places(svg).keys()].filter((text) => /^\d+$/.test(text))
    expect(names.length).toBeLessThanOrEqual(9)
    expect(names).toEqual(expect.arrayContaining(["0", "128", "255"]))
  })

  test("one dimension, and very many symbols", async () => {
    expectWhole(await embeddingMapSvg({ numbers: [1, 2], symbols: ["a", "b"] }))
    const symbols = Array.from({ length: 400 }, (_, k) => String.fromCodePoint(0x4e00 + k))
    const svg = await embeddingMapSvg({ numbers: symbols.flatMap((_, k) => [k % 20, k / 20]), symbols })
    expectWhole(svg)
    expect(
      read(svg)
        .all("circle")
        .filter((circle) => Number(circle.getAttribute("r")) > 2),
    ).toHaveLength(0)
    await expect(embeddingMapSvg({ numbers: [1, 2, 3], symbols: ["a", "b"] })).rejects.toThrow(
      /3 numbers do not divide into 2 rows/,
    )
  })
})

describe("the learning-rate finder's plot", () => {
  const trials = Array.from({ length: 40 }, (_, k) => {
    const smoothed = k < 30 ? 3 - k / 20 : 1.5 + (k - 30) ** 2
    return { rate: 10 ** (-3 + k / 10), loss: smoothed + 0.1, smoothed }
  })
  const suggestion = { steepest: 0.05, tenthOfLowest: 0.1 }

  test("shows loss against log learning rate and both suggestions, and cuts off high losses", async () => {
    const svg = await rateFinderPlotSvg({ trials, suggestion })
    expectWhole(svg)
    const { all, texts } = read(svg)
    expect(texts).toEqual(
      expect.arrayContaining([
        "0.001",
        "0.01",
        "0.1",
        "1",
        "steepest fall: 0.05",
        "a tenth of the rate of the lowest loss: 0.1",
      ]),
    )
    const [curve] = all("g[aria-label=line] path").map(corners)
    expect(curve).toHaveLength(32) // from 3 to 1.5, then 1.5 + 1; from + 4 on above the start by more than 0.75
    expect(curve[1][0] - curve[0][0]).toBeCloseTo(curve[31][0] - curve[30][0], 1)
    // The legend draws each as the plot does: a dot, a line, and two dashed ones.
    expect(all("[aria-label=legend] circle")).toHaveLength(1)
    expect(all("[aria-label=legend] path").map((path) => path.getAttribute("stroke-dasharray"))).toEqual([
      null,
      "5 4",
      "5 4",
    ])
    const rules = all("g[aria-label=rule] line").map((rule) => rule.getAttribute("stroke"))
    expect(new Set(rules).size).toBe(2)
  })

  test("as text, and without suggestions", async () => {
    expect(await rateFinderPlotText({ trials, title: "Rates" }, { height: 6 })).toMatch(
      /^Rates\n\n3\.00 ┤[\s\S]*\n +0\.001 +learning rate +1\.3\n/,
    )
    expectWhole(await rateFinderPlotSvg({ trials }))
    expectWhole(await rateFinderPlotSvg({ trials: [] }))
    const narrow = read(
      await rateFinderPlotSvg({ trials: trials.filter(({ rate }) => rate > 0.2 && rate < 0.9) }),
    )
    expect(narrow.texts).toEqual(expect.arrayContaining(["0.3", "0.4", "0.6"]))
  })
})

test("update ratios over time: a line for each parameter that has one, and one at 1e-3", async () => {
  const series = [0, 100, 200].map((step, k) => ({
    step,
    ratios: { "first.weight": -3 + k / 10, "second.weight": -4, bias: undefined, still: -Infinity },
  }))
  const svg = await updateRatioPlotSvg(series)
  expectWhole(svg)
  const { all, texts } = read(svg)
  expect(texts).toEqual(expect.arrayContaining(["first.weight", "second.weight", "−3.0"]))
  const [first, second] = all("g[aria-label=line] path")
  expect(corners(first)).toHaveLength(3)
  expect(first.getAttribute("stroke")).not.toBe(second.getAttribute("stroke"))
  expectWhole(await updateRatioPlotSvg([]))
})

describe("the picture of receptive fields", () => {
  const symbols = [..."abcd"]
  const embedding = { channels: 3, sees: [[0], [1], [2], [3]], reads: [[0], [1], [2], [3]] }
  const tree = [
    embedding,
    {
      channels: 5,
      sees: [
        [0, 1],
        [2, 3],
      ],
      reads: [
        [0, 1],
        [2, 3],
      ],
    },
    { channels: 5, sees: [[0, 1, 2, 3]], reads: [[0, 1]] },
  ]
  /** Each position reads itself and the one 2 before. */
  const convolution = [
    embedding,
    { channels: 5, sees: [[0], [1], [0, 2], [1, 3]], reads: [[0], [1], [0, 2], [1, 3]] },
  ]

  test("has a node for each of the levels, and a line for each that is read", async () => {
    const svg = await receptiveFieldPlotSvg({ levels: tree, symbols })
    expectWhole(svg)
    const { all, texts } = read(svg)
    expect(all("circle")).toHaveLength(4 + 2 + 1)
    expect(all('[aria-label="link"] path')).toHaveLength(4 + 4 + 2)
    expect(texts).toEqual(expect.arrayContaining(["a", "b", "c", "d", "4 × 3", "2 × 5", "1 × 5"]))
  })

  test("sets off what the last node depends on", async () => {
    const { all } = read(await receptiveFieldPlotSvg({ levels: convolution, symbols }))
    const filled = all("circle").filter((node) => node.getAttribute("fill") !== "none")
    expect(filled).toHaveLength(2 + 1)
    expect(all('[aria-label="link"]').map((group) => group.children.length)).toEqual([4 + 6 - 4, 4])
  })

  test("is symbols in the middle of their columns, as text", () => {
    expect(receptiveFieldPlotText({ levels: tree, symbols })).toBe(
      "symbols   [a] [b] [c] [d]\nlevel 1    [ab]    [cd]\nlevel 2       [abcd]",
    )
    expect(receptiveFieldPlotText({ levels: convolution, symbols, title: "Reads" })).toBe(
      "Reads\n\nsymbols       [b]     [d]\nlevel 1              [bd]",
    )
    expect(receptiveFieldPlotText({ levels: convolution.slice(1), symbols })).toBe(
      "symbols       [b]     [d]\nlevel 1              [bd]",
    )
  })
})
