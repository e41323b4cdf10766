/**
 * One position at a time: a causal model traced on a single position of each sequence, and what it keeps from position to position,
 * which is found by tracing it.
 *
 * What the convolutions of a stack read of earlier positions depends on nothing of this one. So one table has all their queues
 * (queues.ts), and one product is computed for all of them at once.
 */
import { Tensor } from "../tensor/tensor.ts"
import type { Conditioned, Past } from "./past.ts"
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

/** The logits (B, V) that `forward` gives for one position of each sequence, and what that position leaves for the next one. */
export function tracePosition(
  options: StepOptions,
  forward: (past: Past) => Tensor,
): { readonly logits: Tensor; readonly kept: readonly Kept[] } {
  const kept: (() => readonly Kept[])[] = []
  const logits = forward(stepwise(options, kept)).squeeze(1)
  return { logits, kept: kept.flatMap((each) => each()) }
}

/** The past of one position. `kept` is filled by what is asked of it. */
function stepwise({ age, contextLength }: StepOptions, kept: (() => readonly Kept[])[]): Past {
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
    kept.push(() => [{ now, next }])
    return result
  }

  /** x (B, 1, ...) and the n positions before it, side by side along `axis`. */
  function recent(
    x: Tensor,
    n: number,
    {
      fill = 0,
      axis = 1,
      newestFirst = false,
    }: { fill?: Tensor | number; axis?: number; newestFirst?: boolean },
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

  /** Positions of the convolutions lie `pace` positions of the sequence apart. */
  function convolutions(layers: readonly Conditioned[], pace: number, condition?: Tensor) {
    const weights = layers.map(({ convolution }) => convolution.weight)
    const [K, C, outputs] = weights[0].shape
    const L = layers.length
    const xs: Tensor[] = []
    let before = Tensor.full([L, B, outputs], 0)
    if (layers[0].convolution.bias)
      before = Tensor.stack(layers.map(({ convolution }) => convolution.bias!)).unsqueeze(1)
    if (K > 1) {
      const dilations = layers.map(({ convolution }) => convolution.dilation * pace)
      const queues = new Queues(`queues ${kept.length}`, { dilations, kernelSize: K, channels: C, age })
      const earlier = weights.map((weight) => weight.slice(0, 0, K - 1).reshape([(K - 1) * C, outputs]))
      before = before.add(queues.read().matmul(Tensor.stack(earlier)))
      kept.push(() => queues.write(Tensor.concat(xs).reshape([L, B, C])))
    }
    if (condition)
      before = before.add(
        condition.squeeze(0).matmul(Tensor.stack(layers.map(({ condition: V }) => V!.weight))),
      )
    before = before.expand([L, B, outputs]).reshape([L * B, outputs])
    return layers.map((_, k) => (x: Tensor) => {
      xs[k] = x.squeeze(0)
      const own = xs[k].matmul(weights[k].slice(0, K - 1).squeeze(0))
      return own.add(before.slice(0, k * B, (k + 1) * B)).unsqueeze(0)
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

  const places = new Map<number, Tensor>()
  /** Where `all` stores this position: int32 (B heads). */
  function newest(heads: number): Tensor {
    const slots = B * heads
    const here =
      places.get(heads) ??
      integers(slots)
        .mul(contextLength)
        .add(age.unsqueeze(1).expand([B, heads]).reshape([slots]))
    places.set(heads, here)
    return here
  }

  return {
    shift: (x, n, { fill, axis = 1 } = {}) => recent(x, n, { fill, axis }).slice(axis, 0, 1),

    window: (x, n, fill) => recent(x, n - 1, { fill, newestFirst: true }).reshape([B, 1, -1]),

    convolutions: (layers, condition) => convolutions(layers, 1, condition),

    scan(cell, x, start) {
      const now = start.map(({ shape }, k) => Tensor.input(`kept ${kept.length} ${k}`, shape))
      const state = start.map((first, k) => begins.where(first, now[k]))
      const after = cell.step(x.squeeze(1), state)
      kept.push(() => now.map((now, k) => ({ now, next: after[k] })))
      return after[0].unsqueeze(1)
    },

    /** One row for each sequence, head and position, one below the other, so that one write stores all that is new. */
    all(x) {
      const [, heads, , D] = x.dims(4)
      const slots = B * heads
      const here = newest(heads)
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

    upsample: (series, stride, _T, layer) => layer.at(series.squeeze(1), phaseOf(stride).phase).unsqueeze(1),

    // Every position is computed as if a step ended there, and kept where one does: the steps before it lie `stride` positions apart.
    coarsely(x, stride, network, layer) {
      const seen = recent(x, stride - 1, {}).reshape([B, 1, -1])
      const y = network(seen, {
        convolutions: (layers, condition) => convolutions(layers, stride, condition),
      }).squeeze(1)
      const { phase, next } = phaseOf(stride)
      return keep(y.shape, "float32", (now) => {
        const said = phase
          .equal(stride - 1)
          .unsqueeze(1)
          .where(y, now)
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
