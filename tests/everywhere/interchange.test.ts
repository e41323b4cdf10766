/**
 * What leaves makewave does elsewhere what it did here, in Node and in a page: every model as an ONNX file and as one JavaScript
 * file gives the interpreter's logits, and so does every op as JavaScript.
 */
import { describe, expect, test } from "vitest"
import {
  EventWriter,
  readNpz,
  roundedState,
  toJavaScript,
  toOnnx,
  writeNpz,
} from "../../src/interchange/index.ts"
import { scriptOf } from "../../src/interchange/javascript-graph.ts"
import { Model, models } from "../../src/models/index.ts"
import { trace } from "../../src/nn/index.ts"
import { Generator } from "../../src/random/index.ts"
import { openSession } from "../../src/runtime/session.ts"
import { type Choice, probabilities } from "../../src/sampling/index.ts"
import { interpret } from "../../src/tensor/interpreter.ts"
import { Tensor } from "../../src/tensor/tensor.ts"
import { variants } from "../variants.ts"

const symbols = [".", "a", "b", "c", "é", "👩‍🚀", "."] // the data has a "." of its own
const V = symbols.length
const T = 8
const settings = { vocabularySize: V, contextLength: T, embedding: 6, hidden: 10, layers: 2, heads: 2 }

/** First numbers and something added to each, because zeros and ones would hide mistakes; no more than a network of this size bears. */
function drawn(Class: new (config: typeof settings) => Model): Model {
  const random = new Generator(7)
  const model = new Class(settings).initialize(random)
  for (const parameter of model.parameters()) {
    const more = random.randn(parameter.size)
    parameter.data = Float32Array.from(parameter.data, (x, i) => x + 0.1 * more[i])
  }
  for (const buffer of model.buffers()) if (buffer.dtype === "float32") buffer.data = random.rand(buffer.size)
  return model
}

/** The logits of rows of ids, by the interpreter. */
const logitsOf = (model: Model, ids: readonly number[]): Float64Array =>
  trace(model, "evaluation", () =>
    model.forward(Tensor.constant(ids, [ids.length / T, T], "int32")),
  ).result.values()

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, within: number): void {
  expect(got.length).toBe(want.length)
  const scale = Array.from(want).reduce((largest, x) => Math.max(largest, Math.abs(x)), 1)
  const worst = Array.from(want).reduce((worst, x, i) => Math.max(worst, Math.abs(got[i] - x)), 0)
  expect(worst / scale).toBeLessThan(within)
}

const table = Object.entries(variants)

describe("as an ONNX file, for any number of rows", () => {
  test.each(table)("%s", async (_, Class) => {
    const model = drawn(Class)
    const session = await openSession(toOnnx(model))
    const random = new Generator(3)
    for (const B of [1, 2, 5]) {
      const ids = random.randint(0, V, B * T)
      const { logits } = await session.run({ ids: session.tensor(Int32Array.from(ids), [B, T], "int32") })
      expect(logits.dims).toEqual(model.reads === "windows" ? [B, V] : [B, T, V])
      expectClose(logits.data as Float32Array, logitsOf(model, Array.from(ids)), 1e-5)
    }
    for (const wrong of [-1, -V, V + 1]) {
      const ids = session.tensor(new Int32Array(T).fill(wrong, 2, 3), [1, T], "int32")
      await expect(session.run({ ids }), `id ${wrong}`).rejects.toThrow(/is not one of 0 to/)
    }
    await session.release()
  })
})

/** Each symbol's id in all its logits, over the rows of all sequences at once. */
class Plain extends Model {
  readonly config = { vocabularySize: V, contextLength: T }
  readonly reads = "sequences"

  forward(ids: Tensor): Tensor {
    const [B, T] = ids.dims(2)
    const rows = Tensor.full([B * T, V], 0).add(ids.cast("float32").reshape([B * T, 1]))
    return Tensor.concat([rows, rows])
      .slice(0, B * T)
      .reshape([B, T, V])
  }
}

test("as an ONNX file: shapes of many times the batch", async () => {
  const session = await openSession(toOnnx(new Plain()))
  for (const B of [1, 3]) {
    const ids = Int32Array.from({ length: B * T }, (_, at) => at)
    const { logits } = await session.run({ ids: session.tensor(ids, [B, T], "int32") })
    expect(Array.from(logits.data as Float32Array)).toEqual(
      Array.from(ids).flatMap((id) => new Array(V).fill(id)),
    )
  }
  await session.release()
})

interface Exported {
  sample(
    options?: Choice & { prompt?: string; seed?: number; maximumLength?: number; label?: string },
  ): string
  logits(ids: readonly number[], label?: string): Float64Array
  probabilities(logits: ArrayLike<number>, choice?: Choice): Float32Array
  symbols: readonly string[]
  labels?: readonly string[]
}

/** All symbols are equally likely, but for the stop, which never comes. */
class Endless extends Model {
  readonly config = { vocabularySize: V, contextLength: T }
  readonly reads = "windows"

  forward(ids: Tensor): Tensor {
    const even = Tensor.constant(symbols.map((_, id) => (id === 0 ? -100 : 0)))
    return ids.select(1, 0).unsqueeze(1).cast("float32").mul(0).add(even)
  }
}

/** The bytes of a text as a server sends it. */
const gzipped = async (text: string): Promise<number> =>
  (await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer())
    .byteLength

const inPage = typeof document !== "undefined"

/** The URL of a module with this text. */
const urlOf = (text: string): string =>
  inPage
    ? URL.createObjectURL(new Blob([text], { type: "text/javascript" }))
    : `data:text/javascript,${encodeURIComponent(text)}`

const load = (text: string): Promise<Exported> => import(/* @vite-ignore */ urlOf(text))

describe("as one JavaScript file", () => {
  test.each(table)("%s", async (_, Class) => {
    const model = drawn(Class)
    const text = toJavaScript(model, { symbols })
    const { logits } = await load(text)

    const thing = [1, 3, 6, 2, 2, 5, 4, 1, 6, 3]
    for (let length = 0; length <= thing.length; length++) {
      const ids = thing.slice(0, length)
      // As a sampler shows it to the model: the last symbols behind blanks, or from the start with blanks behind.
      const seen = model.reads === "windows" || length >= T ? ids.slice(-T) : [0, ...ids]
      const blanks = new Array(T - seen.length).fill(0)
      if (model.reads === "windows") expectClose(logits(ids), logitsOf(model, [...blanks, ...seen]), 1e-7)
      else {
        const all = logitsOf(model, [...seen, ...blanks])
        expectClose(logits(ids), all.subarray((seen.length - 1) * V, seen.length * V), 1e-7)
      }
    }
    // A float of 32 bits takes 4 bytes; the rest is code, a third of it sampling and its checks.
    const numbers = [...model.parameters(), ...model.buffers()].reduce((total, { size }) => total + size, 0)
    expect(await gzipped(text)).toBeLessThan(4 * numbers + 7_000)
  })

  test.each([16, 8, 4, 3.5, 2])(
    "of %d bits it computes with the numbers as they are rounded",
    async (bits) => {
      for (const Class of [variants["gru with dropout"], models["wavenet-2016"], models.wavenet]) {
        const model = drawn(Class)
        const { logits } = await load(toJavaScript(model, { symbols, bits }))
        const before = logitsOf(model, new Array(T).fill(1))
        model.loadStateDict(roundedState(model, bits))
        const after = logitsOf(model, new Array(T).fill(1))
        const ids = new Array(T).fill(1)
        const last = (row: Float64Array) => row.slice(-V)
        expectClose(logits(ids), last(after), 1e-6)
        expect(last(before)).not.toEqual(last(after))
        expect(() => expectClose(last(before), last(after), bits >= 8 ? 0.05 : 3)).not.toThrow()
      }
    },
  )

  test.each(table)("%s: logits do not depend on what was read before", async (_, Class) => {
    const text = toJavaScript(drawn(Class), { symbols })
    const { logits } = await load(text)
    const things = [[1, 2, 3], [1, 2], [1, 2, 3, 4], [], [5], [1, 2, 3, 4, 5, 6, 1, 2, 3], [1, 2, 3, 4]]
    for (const [at, ids] of things.entries()) {
      // Another copy of the module has read nothing.
      const fresh = await load(`${text}\n// ${at}`)
      expect(logits(ids)).toEqual(fresh.logits(ids))
      logits(ids).fill(0)
      expect(logits(ids)).toEqual(fresh.logits(ids))
    }
  })

  test("samples: as likely as the logits say, the same from the same seed, with a prompt of the data's characters", async () => {
    const model = drawn(models.flat)
    const { sample, logits, symbols: known } = await load(toJavaScript(model, { symbols }))
    expect(known).toEqual(symbols)
    const temperature = 4
    const draw = (seed: number) => sample({ seed, temperature, maximumLength: 1 })
    const first = Array.from({ length: 3000 }, (_, seed) => draw(seed))
    expect(draw(5)).toBe(first[5])

    const weights = Array.from(logits([]), (logit) => Math.exp(logit / temperature))
    const total = weights.reduce((a, b) => a + b)
    for (const [id, symbol] of symbols.entries()) {
      const wanted = weights[id] / total
      const share = first.filter((one) => one === (id === 0 ? "" : symbol)).length / first.length
      expect(Math.abs(share - wanted), symbol).toBeLessThan(4 * Math.sqrt(wanted / first.length))
    }
    expect(sample({ prompt: "e\u0301.👩‍🚀", seed: 1 }).startsWith("é.👩‍🚀")).toBe(true)
    expect(() => sample({ prompt: "ax" })).toThrow('"x" is not one of the symbols a b c é 👩‍🚀 .')
  })

  test("chooses as the library does, in every way", async () => {
    const {
      sample,
      logits,
      probabilities: chosen,
    } = await load(toJavaScript(drawn(models.flat), { symbols }))
    const tied = Float32Array.of(1, 3, 3, 2, 2, 2, -4)
    const choices: Choice[] = [0, 1e-320, 1e-40, 0.5, 1, 3, 1e39].map((temperature) => ({ temperature }))
    for (const k of [1, 2, 3, 5, 7, 100]) choices.push({ topK: k }, { topK: k, topP: 0.5, temperature: 2 })
    for (const p of [1e-300, 0.2, 0.5, 0.99, 1]) choices.push({ topP: p })
    for (const choice of [...choices, {}])
      for (const row of [tied, new Float32Array(V), Float32Array.from(logits([1, 2]))])
        expect(Array.from(chosen(row, choice)), JSON.stringify(choice)).toEqual(
          Array.from(probabilities(row, choice)),
        )
    const likeliest = sample({ temperature: 1e-6, seed: 1, maximumLength: 9 })
    for (const choice of [{ temperature: 0 }, { temperature: 1e-40 }, { topP: 1e-300 }, { topK: 1 }])
      for (const seed of [1, 2]) expect(sample({ ...choice, seed, maximumLength: 9 })).toBe(likeliest)
    expect(likeliest).not.toBe("")
    const few = Array.from({ length: 200 }, (_, seed) =>
      sample({ seed, topK: 2, temperature: 9, maximumLength: 1 }),
    )
    expect(new Set(few).size).toBe(2)
  })

  test("different seeds give different samples, from one whole number to the next and beyond 32 bits", async () => {
    const { sample } = await load(toJavaScript(new Endless(), { symbols }))
    const far = [2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 33, -(2 ** 32), Number.MAX_SAFE_INTEGER]
    const seeds = [0, 1, 2, -1, -2, ...far]
    const made = seeds.map((seed) => sample({ seed, maximumLength: 40 }))
    expect(new Set(made).size).toBe(seeds.length)
    expect(made).toEqual(seeds.map((seed) => sample({ seed, maximumLength: 40 })))
    expect(new Set(Array.from({ length: 50 }, () => sample({ maximumLength: 40 }))).size).toBe(50)
  })

  test("refuses what does not fit, in a sentence that names the option", async () => {
    const { sample, logits, probabilities } = await load(toJavaScript(drawn(models.flat), { symbols }))
    const notNumbers = [Number.NaN, Infinity, -Infinity, "1", null, {}, [1], true]
    const wrong: Record<string, readonly unknown[]> = {
      temperature: [...notNumbers, -1, -1e-9],
      topK: [...notNumbers, 0, -3, 1.5],
      topP: [...notNumbers, 0, -0.1, 1.1],
      seed: [...notNumbers, 1.5, 2 ** 53, "abc"],
      maximumLength: [...notNumbers, 0, -1, 2.5],
      prompt: [5, null, ["a"], {}, "ax", "a".repeat(1000)],
      top_k: [5],
      label: ["a"],
    }
    for (const [name, values] of Object.entries(wrong))
      for (const value of values)
        expect(() => sample({ [name]: value }), `${name} ${value}`).toThrow(
          new RegExp(`^(option ")?${name}.*(: give |not one of the symbols)`),
        )
    for (const options of [null, "a", 5, []])
      expect(() => sample(options as never)).toThrow(/^sample: .*give an object/)
    expect(() => sample({ seed: 2 ** 53 })).toThrow(
      "seed 9007199254740992: give a whole number below 2 ** 53",
    )
    for (const name of Object.keys(wrong).slice(0, 6))
      expect(() => sample({ [name]: undefined })).not.toThrow()
    for (const ids of [[-1], [V], [0.5], ["a"], "a", undefined, [Number.NaN]])
      expect(() => logits(ids as number[])).toThrow(/^ids .*give a list of ids from 0 to 6/)
    for (const none of [
      undefined,
      null,
      5,
      "ab",
      {},
      [],
      [1, 2],
      new Float32Array(),
      new Array(V).fill(Number.NaN),
    ])
      expect(() => probabilities(none as never)).toThrow(/^logits .+: give 7 numbers, one for each symbol$/)
    const spaced = await load(toJavaScript(drawn(models.flat), { symbols: [".", " ", ...symbols.slice(2)] }))
    expect(() => spaced.sample({ prompt: "x" })).toThrow('"x" is not one of the symbols " " b c')
  })

  /** Labels and symbols that would end a script or open a comment in a page. */
  const values = ["</script><script>alert(1)//", "<!--<script>", 'a\u2028b"\\', "pla\u00efn"]
  const odd = [".", "<", "</script>", "]]>", "\u2029", "-->", "`"]
  const labelled = () => {
    const small = { layers: 2, stacks: 1, residualChannels: 4, dilationChannels: 4, skipChannels: 4 }
    return new models["wavenet-2016"]({
      vocabularySize: V,
      contextLength: T,
      ...small,
      labels: 4,
    }).initialize(new Generator(5))
  }
  const exportedOdd = (global?: string) =>
    toJavaScript(labelled(), { symbols: odd, labels: { values, counts: [1, 2, 3, 0] }, global })

  test("of a model with labels checks them, and no label ends the script that it is inlined in", async () => {
    const text = exportedOdd()
    expect(text).not.toMatch(/<\/script|<!--|<script|[\u2028\u2029]/i)
    const { sample, logits, symbols: known, labels } = await load(text)
    expect({ known, labels }).toEqual({ known: odd, labels: values })
    expect(sample({ label: values[0], seed: 1, prompt: "<" }).startsWith("<")).toBe(true)
    expect(logits([1], "pla\u00efn")).not.toEqual(logits([1], values[0]))
    for (const label of [values[0], values[1], values[0]])
      expect(logits([1], label)).toEqual(
        (await load(`${text}\n// ${label === values[0]}`)).logits([1], label),
      )
    expect(logits([1], "plai\u0308n"), "in another of Unicode's forms").toEqual(logits([1], "pla\u00efn"))
    for (const label of ["none", 0, {}, Number.NaN])
      expect(() => sample({ label: label as string })).toThrow(/^label .*: give one of "/)
    expect(() => logits([1])).toThrow(/^label undefined: give one of/)
  })

  if (inPage)
    test("is whole where a page inlines it", async () => {
      const frame = document.createElement("iframe")
      frame.srcdoc = `<body><script>${exportedOdd("names")}</script><p>after</p></body>`
      const loaded = new Promise((resolve) => {
        frame.onload = resolve
      })
      document.body.append(frame)
      await loaded
      const { names } = frame.contentWindow as unknown as { names: Exported }
      expect({ labels: [...names.labels!], symbols: [...names.symbols] }).toEqual({
        labels: values,
        symbols: odd,
      })
      expect(frame.contentDocument!.querySelectorAll("script").length).toBe(1)
      expect(frame.contentDocument!.querySelector("p")!.textContent).toBe("after")
      frame.remove()
    })

  test("is not made of symbols and labels that do not fit the model", () => {
    const model = drawn(models.flat)
    const labelled = new models["wavenet-2016"]({ ...settings, layers: 1, stacks: 1, labels: 2 })
    const make =
      (given: object, from: Model = model) =>
      () =>
        toJavaScript(from, { symbols, ...given } as never)
    expect(make({ symbols: "abcdefg" })).toThrow(/symbols: give a list of texts/)
    expect(make({ symbols: [...symbols.slice(0, 6), 7] })).toThrow(/symbols: give a list of texts/)
    expect(make({ symbols: [...symbols.slice(0, 6), "a"] })).toThrow(/symbols has "a" twice/)
    for (const global of ["", "a b", 5, null, "class", "name"])
      expect(make({ global })).toThrow(/not a valid name for a global/)
    expect(make({ labels: { values: ["a"], counts: [1] } })).toThrow(/if and only if/)
    expect(make({}, labelled)).toThrow(/if and only if/)
    expect(make({ labels: { values: ["a"], counts: [1] } }, labelled)).toThrow(
      "toJavaScript: 1 labels.values for a model of 2: give one for each id",
    )
    expect(make({ labels: {} }, labelled)).toThrow(/labels.values: give a list of texts/)
    expect(make({ labels: { values: ["a", "a"], counts: [1, 1] } }, labelled)).toThrow(/has "a" twice/)
    for (const counts of [[1], [0, 0], [1, -1], [1, Number.NaN], undefined])
      expect(make({ labels: { values: ["a", "b"], counts } }, labelled)).toThrow(/labels.counts/)
  })

  test("as a script it has one global", async () => {
    const model = drawn(models.wavenet)
    const { sample } = await load(toJavaScript(model, { symbols }))
    const before = new Set(Object.getOwnPropertyNames(globalThis))
    new Function(toJavaScript(model, { symbols, global: "inventNames" }))()
    expect(Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name))).toEqual([
      "inventNames",
    ])
    const { inventNames } = globalThis as unknown as { inventNames: Exported }
    expect(inventNames.sample({ seed: 3 })).toBe(sample({ seed: 3 }))
    expect(() => toJavaScript(model, { symbols, global: "a-b" })).toThrow(
      '"a-b" is not a valid name for a global',
    )
    expect(() => toJavaScript(model, { symbols: ["."] })).toThrow("1 symbols for a model of 7")
  })

  if (inPage)
    test("samples in a worker", async () => {
      const text = toJavaScript(drawn(models.gru), { symbols })
      const worker = new Worker(urlOf(`${text}\npostMessage(sample({ seed: 3 }))`), { type: "module" })
      const made = await new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data)
        worker.onerror = reject
      })
      worker.terminate()
      expect(made).toBe((await load(text)).sample({ seed: 3 }))
    })
})

describe("a graph as JavaScript", () => {
  test("constants: alone, short and long, and in parts", () => {
    const long = Tensor.constant(Array.from({ length: 20 }, (_, k) => k - Infinity * Number(k === 3)))
    const short = Tensor.constant([5, 6, 7]).slice(0, 1)
    const x = Tensor.input("x", [2])
    const y = Tensor.concat([x.add(Tensor.scalar(2).mul(-3)), long.add(0.5), short.sub(x)])
    const { constants, ...script } = scriptOf([y], {
      inputs: new Map([[x, "x"]]),
      weights: new Map(),
      read: () => "long",
    })
    const body = [...script.functions, ...script.once, ...script.each]
    const run = new Function("x", "long", [...body, `return ${script.outputs}`].join("\n"))
    const [numbers] = constants.values()
    expect(Array.from(run([1, 2], numbers))).toEqual(Array.from(interpret([y], new Map([[x, [1, 2]]]))[0]))
    expect(script.once.length).toBeGreaterThan(0)
  })

  test("an op without one is named", () => {
    const leaves = { inputs: new Map(), weights: new Map(), read: String }
    const drawn = Tensor.rand(Tensor.scalar(1, "int32"), [2])
    expect(() => scriptOf([drawn], leaves)).toThrow(
      /the op rand has no JavaScript form: export the model as ONNX/,
    )
  })
})

test("NumPy's and TensorBoard's files are written in a page as well", () => {
  const x = { dtype: "F32" as const, shape: [2], data: Float32Array.of(1, 2) }
  expect(readNpz(writeNpz({ x }), "x.npz")).toEqual({ x })
  const parts: Uint8Array[] = []
  const writer = new EventWriter((bytes) => parts.push(bytes), { clock: () => 0 })
  writer.scalar("loss", 1, 0)
  expect(parts.map(({ length }) => length)).toEqual([42, 42])
})
