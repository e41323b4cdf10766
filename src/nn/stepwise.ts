/**
 * One position at a time: a causal model traced on a single position of each sequence, and what it keeps from position to position,
 * which is found by tracing it.
 *
 * The model is traced twice. The first tracing collects its convolutions, the second serves them all from one table (queues.ts).
 */
import { Tensor } from "../tensor/tensor.ts"
import { type Past, type Taps, whole } from "./past.ts"
import { Queues } from "./queues.ts"

/** A tensor that is carried from position to position: an input, zeros before the first position, and its value after this one. */
export interface Kept {
  readonly now: Tensor
  readonly next: Tensor
}

export interface StepOptions {
  /** How many positions of its sequence came before, int32 (B). At 0 a sequence begins, whatever is still kept of another. */
  readonly age: Tensor
  /** The most positions of a sequence, for what reads all of them. */
  readonly contextLength: number
}

/** What `trace` gives for one position of each sequence, and what that position leaves for the next one. */
export function traceStep<R>(
  options: StepOptions,
  trace: (past: Past) => R,
): { readonly result: R; readonly kept: readonly Kept[] } {
  const groups = new Map<string, Taps[]>()
  trace(
    stepwise(options, [], (x, taps) => {
      const key = String(taps.weight.shape)
      groups.set(key, [...(groups.get(key) ?? []), taps])
      return whole.convolve(x, options.age.size, taps)
    }),
  )
  const queues = new Map(
    [...groups]
      .filter(([, [{ weight }]]) => weight.shape[0] > 1)
      .map(([key, convolutions], k) => [key, new Queues(`queues ${k}`, convolutions, options.age)]),
  )
  const kept: Kept[] = []
  const result = trace(
    stepwise(options, kept, (x, taps) => {
      const queue = queues.get(String(taps.weight.shape))
      return queue ? queue.convolve(x) : whole.convolve(x, options.age.size, taps)
    }),
  )
  return { result, kept: [...kept, ...[...queues.values()].flatMap((queue) => queue.kept())] }
}

/** The past of one position. `kept` is filled by what is asked of it. */
function stepwise(
  { age, contextLength }: StepOptions,
  kept: Kept[],
  convolve: (x: Tensor, taps: Taps) => Tensor,
): Past {
  const B = age.size
  const begins = age.equal(0).unsqueeze(1) // (B, 1)

  /** Carries a tensor, whose next value follows from what it is. */
  function keep<R>(
    shape: readonly number[],
    dtype: "float32" | "int32",
    after: (now: Tensor) => { next: Tensor; result: R },
  ): R {
    const now = Tensor.input(`kept ${kept.length}`, shape, dtype)
    const { next, result } = after(now)
    kept.push({ now, next })
    return result
  }

  /** x (B, 1, ...) and the n positions before it, side by side along `axis`. */
  function recent(
    x: Tensor,
    n: number,
    { fill = 0, axis = 1, newestFirst = false }: { fill?: Tensor | number; axis?: number; newestFirst?: boolean },
  ): Tensor {
    if (n === 0) return x
    const back = Array.from({ length: n }, (_, k) => (newestFirst ? k + 1 : n - k))
    const backs = Tensor.constant(back, axis === 0 ? [n, 1] : [n], "int32")
    const there = (axis === 0 ? age : age.unsqueeze(1)).greaterEqual(backs) // (n, B) or (B, n)
    const aligned = there.reshape([...there.shape, ...x.shape.slice(2).map(() => 1)])
    return keep(x.shape.with(axis, n), x.dtype as "float32" | "int32", (now) => {
      const earlier = aligned.where(now, fill)
      const result = Tensor.concat(newestFirst ? [x, earlier] : [earlier, x], axis)
      return { result, next: newestFirst ? result.slice(axis, 0, n) : result.slice(axis, 1) }
    })
  }

  const phases = new Map<number, { phase: Tensor; next: Tensor }>()
  /** How many positions into a step of `stride` positions each sequence is, and what comes after that: int32 (B). */
  function phaseOf(stride: number): { phase: Tensor; next: Tensor } {
    const found =
      phases.get(stride) ??
      keep([B], "int32", (now) => {
        const phase = age.equal(0).where(0, now)
        const next = phase.equal(stride - 1).where(0, phase.add(1))
        return { next, result: { phase, next } }
      })
    phases.set(stride, found)
    return found
  }

  return {
    shift: (x, n, { fill, axis = 1 } = {}) => recent(x, n, { fill, axis }).slice(axis, 0, 1),

    window: (x, n, fill) => recent(x, n - 1, { fill, newestFirst: true }).reshape([B, 1, -1]),

    convolve: (x, _B, taps) => convolve(x, taps),

    scan(x, start, advance) {
      const now = start.map(({ shape }, k) => Tensor.input(`kept ${kept.length + k}`, shape))
      const state = start.map((first, k) => begins.where(first, now[k]))
      const after = advance(x.squeeze(1), state)
      kept.push(...now.map((now, k) => ({ now, next: after[k] })))
      return after[0].unsqueeze(1)
    },

    /** One row for each sequence, head and position, one below the other, so that one write stores all that is new. */
    all(x) {
      const [, heads, , D] = x.dims(4)
      const slots = B * heads
      const here = integers(slots)
        .mul(contextLength)
        .add(age.unsqueeze(1).expand([B, heads]).reshape([slots]))
      return keep([slots * contextLength, D], "float32", (now) => {
        const next = now.indexCopy(here, x.reshape([slots, D]))
        return { next, result: next.reshape([B, heads, contextLength, D]) }
      })
    },

    hideLater(scores) {
      const later = integers(contextLength).greater(age.unsqueeze(1)).reshape([B, 1, 1, contextLength])
      return later.where(-Infinity, scores)
    },

    mean: (x) =>
      keep(x.shape, "float32", (now) => {
        const next = begins.unsqueeze(2).where(0, now).add(x)
        return { next, result: next.div(age.cast("float32").add(1).reshape([B, 1, 1])) }
      }),

    positions: (table) => table.gather(age).unsqueeze(1),

    upsample: (series, stride, _T, layer) =>
      layer.at(series.squeeze(1), phaseOf(stride).phase).unsqueeze(1),

    // Every position is computed as if a step ended there, and kept where one does: the steps before it lie `stride` positions apart.
    coarsely(x, stride, network, layer) {
      const seen = recent(x, stride - 1, {}).reshape([B, 1, -1])
      const y = network(seen, {
        convolve: (x, _B, taps) => convolve(x, { ...taps, dilation: taps.dilation * stride }),
      }).squeeze(1)
      const { phase, next } = phaseOf(stride)
      return keep(y.shape, "float32", (now) => {
        const said = phase.equal(stride - 1).unsqueeze(1).where(y, now)
        const known = age.greaterEqual(stride - 1).unsqueeze(1)
        return { next: said, result: known.where(layer.at(said, next), 0).unsqueeze(1) }
      })
    },
  }
}

const integers = (count: number): Tensor =>
  Tensor.constant(
    Array.from({ length: count }, (_, k) => k),
    [count],
    "int32",
  )
