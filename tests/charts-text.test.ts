/** The parts of charts against values worked out by hand, and terminal charts character by character. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { principalComponents, table, terminalChart, windowMeans } from "../src/charts/index.ts"

describe("tables", () => {
  const rows = [
    ["", "count", "size"],
    ["one", "1", "20"],
    ["eleven", "1,000", ""],
  ]
  test("as text", () => {
    expect(table(rows)).toBe("         count   size\none          1     20\neleven   1,000")
  })
  test("that are too wide are set closer, then get stacked headers, then are divided", () => {
    const wide = [
      ["name", "the first count", "size"],
      ["a", "12", "20"],
      ["sum", "123", "40"],
    ]
    const drawn = (width: number) => table(wide, { width, ruled: true })
    expect(drawn(29)).toBe(table(wide, { ruled: true }))
    expect(drawn(28)).toBe(
      "name   the first count   size\n".replaceAll("   ", "  ") +
        "───────────────────────────\na                  12    20\n───────────────────────────\nsum               123    40",
    )
    expect(drawn(20)).toBe(
      "        the\n      first\nname  count  size\n─────────────────\na        12    20\n─────────────────\nsum     123    40",
    )
    expect(drawn(12)).toBe(
      "        the\n      first\nname  count\n───────────\na        12\n───────────\nsum     123\n\n" +
        "name  size\n──────────\na       20\n──────────\nsum     40",
    )
  })

  test("no cell is lost at any width, and no line is longer where two columns fit", () => {
    const cell = fc.stringMatching(/^[a-z]{1,6}( [a-z]{1,6})?$/)
    const tables = fc.integer({ min: 2, max: 6 }).chain((columns) => {
      const row = fc.array(cell, { minLength: columns, maxLength: columns })
      return fc.array(row, { minLength: 2, maxLength: 5 })
    })
    fc.assert(
      fc.property(tables, fc.integer({ min: 30, max: 80 }), (rows, width) => {
        const text = table(rows, { width })
        for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(width)
        for (const word of rows.flat().flatMap((each) => each.split(" "))) expect(text).toContain(word)
      }),
    )
  })

  test("of any number of rows", () => {
    const rows = Array.from({ length: 200_000 }, (_, k) => [`row ${k}`, "1"])
    expect(table(rows)).toMatch(/^row 0 {8}1\n.*\nrow 199999 {3}1$/s)
  })

  test("as Markdown", () => {
    expect(table(rows, { markdown: true })).toBe(
      "|  | count | size |\n| --- | ---: | ---: |\n| one | 1 | 20 |\n| eleven | 1,000 |  |",
    )
  })
})

describe("means over windows", () => {
  const points = (losses: number[]) => losses.map((loss, k) => ({ step: 10 * k, loss }))

  test("the last window may be short", () => {
    expect(windowMeans(points([1, 2, 3, 4, 6]), 2)).toEqual([
      { step: 5, loss: 1.5 },
      { step: 25, loss: 3.5 },
      { step: 40, loss: 6 },
    ])
    expect(windowMeans(points([1, 2]), 1000)).toEqual([{ step: 5, loss: 1.5 }])
    expect(windowMeans([], 5)).toEqual([])
    expect(() => windowMeans([], 0)).toThrow(/a whole number of at least 1/)
  })

  test("weighted by length, they average to the overall mean", () => {
    const losses = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(losses, fc.integer({ min: 1, max: 60 }), (losses, size) => {
        const means = windowMeans(points(losses), size)
        expect(means).toHaveLength(Math.ceil(losses.length / size))
        const sum = means.reduce(
          (total, { loss }, k) => total + loss * Math.min(size, losses.length - k * size),
          0,
        )
        expect(sum).toBeCloseTo(
          losses.reduce((a, b) => a + b, 0),
          6,
        )
      }),
    )
  })
})

describe("principal components", () => {
  test("points on a line: all variance is along it", () => {
    const rows = [-2, -1, 0, 3].map((t) => [5 + 3 * t, 1 - 4 * t, 7])
    const { points, explained } = principalComponents(rows, 2)
    expect(explained[0]).toBeCloseTo(1, 12)
    expect(explained[1]).toBeCloseTo(0, 12)
    // The second number varies most, and has a positive weight: the direction is (-3, 4, 0) / 5.
    expect(points.map(([first]) => first)).toEqual([10, 5, 0, -15].map((x) => expect.closeTo(x, 9)))
    expect(points.every(([, second]) => Math.abs(second) < 1e-6)).toBe(true)
  })

  test("a cross: its longer arm, then its shorter one", () => {
    const { points, explained } = principalComponents(
      [
        [0, 3, 0],
        [0, -3, 0],
        [1, 0, 0],
        [-1, 0, 0],
      ],
      2,
    )
    expect(explained).toEqual([expect.closeTo(0.9, 9), expect.closeTo(0.1, 9)])
    expect(points.map((point) => point.map((x) => Math.round(x * 1e6) / 1e6 + 0))).toEqual([
      [3, 0],
      [-3, 0],
      [0, 1],
      [0, -1],
    ])
  })

  test("as many components as dimensions preserve distances", () => {
    const number = fc.double({ min: -5, max: 5, noNaN: true })
    const points = fc.array(fc.tuple(number, number, number), { minLength: 2, maxLength: 8 })
    const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((x, d) => x - b[d]))
    fc.assert(
      fc.property(points, (rows) => {
        const { points, explained } = principalComponents(rows, 3)
        for (const [a, point] of points.entries())
          for (const [b, other] of points.entries())
            expect(distance(point, other)).toBeCloseTo(distance(rows[a], rows[b]), 4)
        expect(explained.reduce((sum, part) => sum + part, 0)).toBeLessThan(1 + 1e-9)
      }),
    )
  })

  test("equal rows have no variance to explain", () => {
    expect(
      principalComponents(
        [
          [1, 2],
          [1, 2],
        ],
        2,
      ),
    ).toEqual({
      points: [
        [0, 0],
        [0, 0],
      ],
      explained: [0, 0],
    })
  })
})

describe("a terminal chart", () => {
  const line = (name: string, ys: number[]) => ({ name, points: ys.map((y, x) => ({ x, y })) })

  test("one line, character by character", async () => {
    const text = await terminalChart([line("loss", [4, 4, 2, 2, 0, 0])], {
      title: "Loss",
      x: { label: "step" },
      y: { format: (y) => y.toFixed(1) },
      width: 11,
      height: 5,
    })
    expect(text.split("\n")).toEqual([
      "Loss",
      "",
      "4.0 ┤─╮",
      "3.0 ┤ │",
      "2.0 ┤ ╰─╮",
      "1.0 ┤   │",
      "0.0 ┤   ╰──",
      "    └──────",
      "     0step5",
      "     ── loss",
    ])
  })

  test("two lines have their own strokes, the second starts later, and color is opt-in", async () => {
    const series = [
      line("training", [3, 2, 1, 0]),
      {
        name: "validation",
        points: [
          { x: 2, y: 2 },
          { x: 3, y: 2 },
        ],
      },
    ]
    const options = { x: { label: "" }, y: { format: (y: number) => y.toFixed(0) }, width: 7, height: 4 }
    const text = await terminalChart(series, options)
    expect(text.split("\n").slice(0, 5)).toEqual(["3 ┤╮", "2 ┤╰╮••", "1 ┤ ╰╮", "0 ┤  ╰─", "  └────"])
    expect(text).toMatch(/\n {3}── training\n {3}•• validation$/) // one below the other, where they do not fit beside each other
    const painted = await terminalChart(series, { ...options, color: true })
    expect(painted).toContain("\x1b[34m╰╮\x1b[0m\x1b[91m••\x1b[0m")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    expect(painted.replace(/\x1b\[\d+m/g, "")).toBe(text)
  })

  test("a logarithmic axis is labelled with the original numbers", async () => {
    const text = await terminalChart([line("", [1, 10, 100])], {
      x: { label: "" },
      y: { log10: true, format: (y) => y.toFixed(0) },
      width: 8,
      height: 3,
    })
    expect(
      text
        .split("\n")
        .slice(0, 3)
        .map((row) => row.slice(0, 5)),
    ).toEqual(["100 ┤", " 10 ┤", "  1 ┤"])
  })

  test("no points, one point, a flat line and NaN", async () => {
    const options = { x: { label: "step" }, y: {}, width: 20, height: 4 }
    expect(await terminalChart([], options)).toBe("(nothing to draw)")
    expect(await terminalChart([line("a", [Number.NaN])], options)).toBe("(nothing to draw)")
    expect(await terminalChart([line("a", [5])], options)).toContain("┤─")
    expect(await terminalChart([line("a", [5, 5, 5])], options)).toMatch(/5\.00 ┤─{14}\n/)
    expect(await terminalChart([line("a", [5, Number.NaN, 1])], options)).not.toMatch(/NaN|undefined/)
  })

  test("any numbers fit the requested width and height", async () => {
    const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
      minLength: 1,
      maxLength: 200,
    })
    await fc.assert(
      fc.asyncProperty(fc.array(numbers, { minLength: 1, maxLength: 3 }), async (all) => {
        const text = await terminalChart(
          all.map((ys, k) => line(`line ${k}`, ys)),
          { x: { label: "x" }, y: { format: (y) => y.toExponential(1) }, width: 60, height: 10 },
        )
        const rows = text.split("\n")
        expect(rows.length).toBeGreaterThanOrEqual(10 + 3 - 1)
        expect(rows.length).toBeLessThanOrEqual(10 + 3 + 1)
        for (const row of rows.slice(0, -1)) expect(Array.from(row).length).toBeLessThanOrEqual(60)
        expect(text).not.toMatch(/undefined|NaN/)
      }),
    )
  })
})
