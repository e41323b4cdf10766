/** How things show themselves: as text in a console, and in richer forms to a notebook, which asks for them by `Symbol.for("Jupyter.display")`. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import { DOMParser } from "linkedom"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import {
  charts,
  data,
  evaluate,
  follow,
  Generator,
  heatMap,
  NGram,
  nn,
  runs,
  show,
  sound,
  split,
  Tensor,
  train,
  training,
  Vocabulary,
  WaveNet,
  windows,
} from "../src/index.ts"

type Media = Readonly<Record<string, string>>

const rich = Symbol.for("Jupyter.display")

/** What a notebook gets. */
const mediaOf = async (thing: unknown): Promise<Media> => (thing as { [rich](): Media })[rich]()

const folder = mkdtempSync(join(tmpdir(), "makewave-display-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** Names of what HTML and formulas are made of. */
const lines = ["<b>", "a&b", "$a$", "ab", "ba", "aab", '"a', "b'"]
const vocabulary = Vocabulary.from(lines)
const rows = windows(lines, vocabulary, 4)
const model = new WaveNet({
  vocabularySize: vocabulary.size,
  contextLength: 4,
  embedding: 3,
  hidden: 6,
}).initialize(new Generator(1))
const tone = {
  sampleRate: 8000,
  samples: Float32Array.from({ length: 4000 }, (_, k) => Math.sin(k / 3)),
}
const counted = (order: number) =>
  new NGram({ order, vocabularySize: vocabulary.size }).fit(lines.map((line) => vocabulary.encode(line)))

async function newRun(name = "<run> $5 $6"): Promise<runs.Run | undefined> {
  const given = { data: "names", model: "bigram", steps: 40, logEvery: 10, seed: 5 } as const
  let run: runs.Run | undefined
  for await (const event of runs.runTraining({ given, out: join(folder, name), brief: true }))
    if (event.kind === "begun") run = event.run
  return run
}

/** Each kind of thing, with its rich form and what that and the text contain. */
const things: Record<
  string,
  { make: () => unknown; form: string; contains: string[]; text: string | RegExp }
> = {
  tensor: {
    make: () => Tensor.constant([1, 2, 3, 4.5, 5, -6], [2, 3]),
    form: "text/html",
    contains: ["<b>Tensor</b> (2, 3) float32", ">4.5000</td>", ">-6.0000</td>"],
    text: "Tensor (2, 3) float32\n[[ 1.0000,  2.0000,  3.0000],\n [ 4.5000,  5.0000, -6.0000]]",
  },
  "tensor without values": {
    make: () => Tensor.input("ids", [32, 8], "int32").add(1),
    form: "text/html",
    contains: ["(32, 8) int32, without values, which an input gets when it is run"],
    text: "Tensor (32, 8) int32",
  },
  parameter: {
    make: () => model.parameters()[0],
    form: "text/html",
    contains: [`<b>Parameter</b> (${vocabulary.size}, 3) float32`],
    text: /^Parameter \(\d+, 3\) float32\n\[\[/,
  },
  buffer: {
    make: () => model.buffers()[0],
    form: "text/html",
    contains: ["<b>Buffer</b> (6) float32", ">0.</td>"],
    text: "Buffer (6) float32\n[0., 0., 0., 0., 0., 0.]",
  },
  "heat map": {
    make: () => heatMap(Tensor.constant([1, -2, 0, 4], [2, 2]), { rows: ["<b>", "&"], title: "Weights" }),
    form: "image/svg+xml",
    contains: ["<title>Weights</title>", "2 × 2, from -2 to 4", "&lt;b&gt;"],
    text: "Weights: 2 × 2, from -2 (blank) to 4 (█)\n\n<b> ▒\n  & ░█",
  },
  module: {
    make: () => new nn.Sequential([new nn.Linear(3, 2), new nn.BatchNorm1d(2)]),
    form: "text/html",
    contains: [
      "\u00a0layers.0:\u00a0Linear",
      "<code>weight\u00a0(3,\u00a02)</code>",
      "<code>runningMean\u00a0(2)</code>",
      ">4</td>",
      '<tfoot><tr><th style="text-align: left">Total</th>',
      ">12</th>",
    ],
    text: /^Sequential\(\n {2}\(layers\.0\): Linear\(/,
  },
  summary: {
    make: () => nn.summarize(model, Tensor.input("ids", [1, 4], "int32")),
    form: "text/html",
    contains: [
      '<td style="text-align: left">(1, 4, 3)</td>',
      "\u00a0\u00a0network: Sequential",
      "which are not trained: 24 values",
    ],
    text: /^Layer +Output shape +Parameters\n─+\nWaveNet /,
  },
  diagnosis: {
    make: () => training.diagnose(model, rows, { rows: [0, 1, 2, 3] }),
    form: "text/html",
    contains: [
      "network.layers.4: Tanh",
      '<th style="text-align: left">histogram</th>',
      " %</td>",
      "log10 update : data",
    ],
    text: /^Layer +mean +deviation/,
  },
  "loss curve": {
    make: () =>
      charts.lossPlot({ training: [1, 2, 3].map((step) => ({ step, loss: 4 - step })), title: "Curve" }),
    form: "image/svg+xml",
    contains: ["<title>Curve</title>"],
    text: /^Curve\n/,
  },
  "embedding map": {
    make: () => charts.embeddingMap({ numbers: model.parameters()[0].data, symbols: vocabulary.symbols }),
    form: "image/svg+xml",
    contains: ["&lt;"],
    text: "[Embedding]",
  },
  spectrogram: {
    make: () => sound.spectrogram(tone),
    form: "image/svg+xml",
    contains: ['aria-label="spectrogram"'],
    text: "spectrogram: 63 frames of 129 frequencies up to 4000 Hz",
  },
  sound: {
    make: async () => sound.readWav(await sound.writeWav(tone)),
    form: "text/html",
    contains: ['<audio controls src="data:audio/wav;base64,UklGR', "<p>0.50 s of sound"],
    text: "0.50 s of sound: 4,000 samples at 8,000 Hz",
  },
  run: {
    make: () => newRun(),
    form: "text/html",
    contains: [
      "&lt;run&gt; <code>$</code>5 <code>$</code>6</b>",
      '<img alt="the loss curve" src="data:image/svg+xml,%3Csvg',
      '<td style="text-align: left">seed</td><td style="text-align: left">5</td>',
    ],
    text: /<run> \$5 \$6\n\nmodel +bigram\ndata +names\n(.*\n)*seed +5\nsteps +40\n(.*\n)*parameters +729\n.* after 30 steps\nvalidation loss +\d\.\d{4} after 40 steps$/,
  },
  "n-gram": {
    make: () => counted(3),
    form: "text/html",
    contains: ["3-gram of 9 symbols", "<code>the start</code>"],
    text: /^3-gram of 9 symbols, \d+ counts\n\nafter +likeliest +2nd/,
  },
  "n-gram with symbols": {
    make: () => counted(3).named(vocabulary, { contexts: ["", "<"] }),
    form: "text/html",
    contains: ['<code>&lt;</code></td><td style="text-align: right"><code>b</code> '],
    text: /^< +b \d+\.\d %/m,
  },
  "bigram with symbols": {
    make: () => counted(2).named(vocabulary),
    form: "image/svg+xml",
    contains: ["How often each symbol follows another"],
    text: /^2-gram of 9 symbols/,
  },
  vocabulary: {
    make: () => vocabulary,
    form: "text/html",
    contains: ["9 symbols", "<code>&lt;</code> <code>&gt;</code>"],
    text: "Vocabulary of 9 symbols: . \" $ & ' < > a b",
  },
  split: {
    make: () => split({ lines }),
    form: "text/html",
    contains: ['<td style="text-align: left">validation</td>', "&"],
    text: /^train: 6 lines: .*, …\nvalidation: 1 lines/,
  },
  windows: {
    make: () => rows,
    form: "text/html",
    contains: ['<code>...&lt;</code></td><td style="text-align: left"><code>b</code>'],
    text: /^28 rows: inputs \(28, 4\), targets \(28\)\n\.\.\.\. -> <\n\.\.\.< -> b\n/,
  },
  sequences: {
    make: () => data.sequences(["ab"], vocabulary, 5),
    form: "text/html",
    contains: ['<code>.ab..</code></td><td style="text-align: left"><code>ab.</code>'],
    text: "1 rows: inputs (1, 5), targets (1, 5)\n.ab.. -> ab.",
  },
  "evaluation report": {
    make: async () => training.evaluationReport(await training.lossPerLine(model, rows)),
    form: "text/html",
    contains: [">nats/symbol</th>", '<td style="text-align: left">all lines</td>', " ± "],
    text: /^ +lines +nats\/symbol/,
  },
}

describe.each(Object.entries(things))("%s", (_name, { make, form, contains, text }) => {
  let thing: unknown
  let media: Media
  beforeAll(async () => {
    thing = await make()
    media = await mediaOf(thing)
  })

  test("has a rich form, and text beside it", () => {
    expect(Object.keys(media).sort()).toEqual([form, "text/plain"].sort())
    for (const part of contains) expect(media[form]).toContain(part)
    if (typeof text === "string") expect(media["text/plain"]).toBe(text)
    else expect(media["text/plain"]).toMatch(text)
  })

  test("has nothing that a site would not show, and nothing of the data as markup", () => {
    const written = media[form]
    const document = new DOMParser().parseFromString(
      written,
      form === "text/html" ? "text/html" : "image/svg+xml",
    )
    const elements = Array.from(document.querySelectorAll("*"), (element) => element as unknown as Element)
    expect(elements.length).toBeGreaterThan(0)
    for (const element of elements) {
      expect(["SCRIPT", "IFRAME", "OBJECT"]).not.toContain(element.tagName.toUpperCase())
      for (const { name } of Array.from(element.attributes)) expect(name).not.toMatch(/^on/)
    }
    if (form === "text/html") {
      const markup = written.replaceAll(/<code>.*?<\/code>|<img [^>]*>/g, "")
      expect(markup).not.toMatch(/color|background|\$/)
    } else expect(written).toContain("prefers-color-scheme: dark")
  })

  test("leaves no traces in copies, comparisons and JSON", () => {
    for (const symbol of Object.getOwnPropertySymbols(thing))
      expect(Object.getOwnPropertyDescriptor(thing, symbol)).toMatchObject({ enumerable: false })
    expect(Object.getOwnPropertySymbols({ ...(thing as object) })).toEqual([])
  })

  test("prints its text in Node, or its name if the text takes a moment", () => {
    const printed = inspect(thing)
    const isShort = /^(\[[^\n]+\]|Run .+: bigram on names|NGram of order \d: 9 symbols, \d+ counts)$/.test(
      printed,
    )
    if (!isShort) expect(printed).toBe(media["text/plain"])
  })
})

test("plain results are equal to those without forms, can be cloned, and are the same JSON", () => {
  const bare = { inputs: { ...rows.inputs }, targets: { ...rows.targets } }
  expect(rows).toEqual(bare)
  expect(structuredClone(rows)).toEqual(bare)
  expect(JSON.stringify(rows)).toBe(JSON.stringify(bare))
})

test("what shows itself can be given its forms again", async () => {
  const read = await sound.readWav(await sound.writeWav(tone))
  expect(sound.playable(read)).toBe(read)
})

test("white space, an empty axis and a long line are shown", async () => {
  const spaced = Vocabulary.from(["a b", "a\nb"])
  expect(inspect(spaced)).toBe("Vocabulary of 5 symbols: . ⏎ ␣ a b")
  const { "text/plain": text } = await mediaOf(windows(["a b"], spaced, 2))
  expect(text.split("\n").slice(1)).toEqual([".. -> a", ".a -> ␣", "a␣ -> b", "␣b -> ."])
  expect((await mediaOf(Tensor.constant([], [2, 0])))["text/plain"]).toBe("Tensor (2, 0) float32\n[[],\n []]")
  const long = split({ lines: Array.from("abcdefghij", (letter) => letter.repeat(10_000)) })
  expect(inspect(long).length).toBeLessThan(1000)
})

test("a run that is being trained shows the losses that have not reached its folder", async () => {
  const run = await runs.Run.resume((await newRun("resumed"))!.folder, { steps: 80 })
  await run.goOn()
  await run.log({ step: 50, loss: 2.5 })
  expect((await mediaOf(run))["text/plain"]).toMatch(/^training loss +2\.5000 after 50 steps$/m)
  await run.close()
})

test("a symbol, a line and a name from outside are escaped", async () => {
  const parts = split({ lines: ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&amp;"] })
  const { "text/html": html } = await mediaOf(parts)
  expect(html).not.toMatch(/<script|<img/)
  expect(html).toContain("<code>&amp;amp;</code>")
  const { "image/svg+xml": svg } = await mediaOf(
    heatMap(Tensor.constant([1], [1, 1]), { rows: ["<script>"], columns: ["&"], title: "</title><script>" }),
  )
  expect(svg).not.toContain("<script")
})

describe("a tensor", () => {
  test("of long axes shows their first and last positions", async () => {
    const { "text/html": html } = await mediaOf(Tensor.constant(new Array(900).fill(0.25), [30, 30]))
    expect(html.match(/<tr>/g)).toHaveLength(12)
    expect(html).toContain('>4</th><th style="text-align: right">…</th><th style="text-align: right">25</th>')
  })

  test("of three axes names its rows by two", async () => {
    const { "text/html": html } = await mediaOf(Tensor.constant([1, 2, 3, 4], [2, 2, 1]))
    expect(
      html.match(/<td style="text-align: left">(.*?)<\/td>/g)?.map((cell) => cell.replace(/<.*?>/g, "")),
    ).toEqual(["0, 0", "0, 1", "1, 0", "1, 1"])
  })

  test("that is a number, and one that would take long, are said in a line", async () => {
    expect((await mediaOf(Tensor.constant([2.5], [])))["text/html"]).toBe(
      "<p><b>Tensor</b> () float32: 2.5000</p>",
    )
    const large = Tensor.constant([1], [1]).expand([2000, 2000])
    expect((await mediaOf(large))["text/html"]).toContain("too large to be computed for this")
  })
})

test("a heat map of a large matrix shows means of blocks; a wrong one is refused", async () => {
  const map = heatMap(
    Tensor.constant(
      Array.from({ length: 40_000 }, (_, k) => k % 200),
      [200, 200],
    ),
  )
  const { "text/plain": text, "image/svg+xml": svg } = await mediaOf(map)
  expect(text).toMatch(/^Heat map: 200 × 200, means of blocks of 2 × 2, from 0\.5 \(blank\) to 200 \(█\)\n/)
  expect(svg.length).toBeLessThan(200_000)
  expect(() => heatMap(Tensor.constant([1], [1, 1, 1]))).toThrow("heatMap: (1, 1, 1) is no matrix")
  expect(() => heatMap(Tensor.constant([1], [1]), { rows: ["a", "b"] }).text()).toThrow("2 names for 1 row")
})

test("a bigram's heat map counts how often a symbol follows another", async () => {
  const { "image/svg+xml": svg } = await mediaOf(counted(2).named(vocabulary))
  const numbers = Array.from(svg.matchAll(/text-anchor="middle"[^>]*>(\d+)<|>(\d+)<\/text>/g), ([, a, b]) =>
    Number(a ?? b),
  )
  // a begins ab, aab and a&b; it ends $a and "a.
  expect(numbers).toContain(3)
  expect(svg).toContain("9 × 9, from 0 to 3")
})

test("a long sound plays its first two minutes", async () => {
  const long = sound.playable({ sampleRate: 8000, samples: new Float32Array(2 ** 20 + 8000) })
  const { "text/html": html } = await mediaOf(long)
  expect(html).toContain("132.07 s of sound: 1,056,576 samples at 8,000 Hz; here are the first 131.07 s")
  expect(html.length).toBeLessThan(3_000_000)
})

describe("in Node", () => {
  const printed = (): string => log.mock.calls.map((args: unknown[]) => args.join(" ")).join("\n")
  let log: ReturnType<typeof vi.spyOn>
  beforeAll(() => {
    log = vi.spyOn(console, "log").mockImplementation(() => {})
  })
  afterAll(() => log.mockRestore())

  test("show prints text, and of anything else what console.log prints", async () => {
    log.mockClear()
    await show(Tensor.constant([1], [1]), "text", 3)
    expect(printed()).toBe("Tensor (1) float32\n[1.]\ntext\n3")
  })

  test("follow prints one line at the end, which has the mean of the last half, at most of 1,000", async () => {
    log.mockClear()
    const losses = await follow(train(model, rows, { steps: 10 }), {
      validation: () => evaluate(model, rows),
    })
    expect(losses).toHaveLength(10)
    const mean = losses.slice(5).reduce((sum, loss) => sum + loss, 0) / 5
    const validation = await evaluate(model, rows)
    expect(printed()).toBe(
      `10 steps, loss ${mean.toFixed(4)} (mean of the last 5), validation ${validation.toFixed(4)}`,
    )
    expect(inspect(losses)).toBe("10 losses")
  })

  test("follow takes as many steps at once as the training gives", async () => {
    const all = { step: 300_000, losses: new Array(300_000).fill(1) }
    const training = {
      step: 0,
      steps: 300_000,
      async *[Symbol.asyncIterator]() {
        yield all
      },
    }
    expect(await follow(training as never)).toHaveLength(300_000)
  })

  test("what follow does not know is refused", async () => {
    const training = train(model, rows, { steps: 1 })
    await expect(follow(training, { titel: "" } as never)).rejects.toThrow("follow: there is no option titel")
  })
})

describe("in a notebook", () => {
  const displayed: { media: Media; options: { update?: boolean; display_id?: string } }[] = []
  let makewave: typeof import("../src/index.ts")
  beforeAll(async () => {
    const display = async (media: Media, options: object) => void displayed.push({ media, options })
    vi.stubGlobal("Deno", { jupyter: { display }, addSignalListener() {} })
    vi.resetModules()
    makewave = await import("../src/index.ts")
  })
  afterAll(() => {
    vi.unstubAllGlobals()
    vi.resetModules()
  })

  test("show gives all forms", async () => {
    displayed.length = 0
    await makewave.show(makewave.Tensor.constant([1], [1]))
    expect(displayed[0].media["text/html"]).toContain("<table>")
    expect(displayed[0].options).toEqual({ raw: true })
  })

  test("the stack of a UserError is its sentence, and that of a ShapeError begins with it", () => {
    expect(new makewave.UserError("what to do").stack).toBe("what to do")
    const x = makewave.Tensor.constant([1, 2], [1, 2])
    const error = catchError(() => x.matmul(x))
    expect(error.stack).toMatch(/^ShapeError: matmul: \(1, 2\) × \(1, 2\): .*\n +at /)
  })

  test("a training has one place, a bar meanwhile, and nothing of time in the end", async () => {
    displayed.length = 0
    let now = 0
    const clock = vi.spyOn(performance, "now").mockImplementation(() => (now += 300))
    const steps = makewave.train(smallModel(), rows, { steps: 40, every: 10 })
    await makewave.follow(steps, { title: "Small", validation: async () => 1.5 })
    clock.mockRestore()
    expect(new Set(displayed.map(({ options }) => options.display_id)).size).toBe(1)
    expect(displayed.map(({ options }) => options.update)).toEqual([
      false,
      ...displayed.slice(1).map(() => true),
    ])
    expect(displayed[0].media["text/plain"]).toMatch(
      /^[123]0 of 40 steps, \d+ a second, \d+ s left, loss \d\.\d{4} /,
    )
    expect(displayed[0].media["image/svg+xml"]).toMatch(/█+░+ /)
    const { "text/plain": text, "image/svg+xml": svg } = displayed.at(-1)!.media
    expect(text).toMatch(/^40 steps, loss \d\.\d{4} \(mean of the last 20\), validation 1\.5000$/)
    expect(svg).toContain(text)
    expect(svg).toContain("<title>Small</title>")
    expect(svg).not.toMatch(/[█░]| a second/)
  })

  test("a training whose loss is not finite shows how far it came", async () => {
    displayed.length = 0
    const steps = makewave.train(smallModel(), rows, { steps: 400, rate: (step) => (step < 7 ? 0.1 : 1e30) })
    await expect(makewave.follow(steps)).rejects.toThrow(makewave.training.DivergenceError)
    expect(displayed.at(-1)!.media["text/plain"]).toMatch(/^\d+ steps, loss /)
  })

  const smallModel = () =>
    new makewave.WaveNet({
      vocabularySize: vocabulary.size,
      contextLength: 4,
      embedding: 3,
      hidden: 6,
    }).initialize(new makewave.Generator(1))
})

test("in Deno, but not in a notebook, things are printed", async () => {
  const notThere = () => {
    throw new Error("Deno.jupyter is only available in `deno jupyter` subcommand")
  }
  vi.stubGlobal("Deno", Object.defineProperty({}, "jupyter", { get: notThere }))
  vi.resetModules()
  const { show } = await import("../src/index.ts")
  const log = vi.spyOn(console, "log").mockImplementation(() => {})
  await show("printed")
  expect(log).toHaveBeenCalledWith("printed")
  log.mockRestore()
  vi.unstubAllGlobals()
})

test("console.log in Node prints the forms", () => {
  const code = `import { nn, Tensor, Vocabulary } from "./src/index.ts"
    console.log(Tensor.constant([1], [1]))
    console.log(new nn.Tanh())
    console.log(Vocabulary.from(["ab"]))`
  const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", code], {
    encoding: "utf8",
  })
  expect(printed).toBe("Tensor (1) float32\n[1.]\nTanh()\nVocabulary of 3 symbols: . a b\n")
})

function catchError(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    return error as Error
  }
  throw new Error("nothing was thrown")
}
