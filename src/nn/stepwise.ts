/**
 * One position at a time: the logits of a causal model for a single position of each sequence, and what it keeps from position to
 * position, which is found by tracing its forward once.
 */
import type { Shape } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"
import type { Conditioned, Past, Shift } from "./past.ts"
import { queues } from "./queues.ts"

/** A tensor carried from position to position: an input, zeros before the first position, and its value after this one. */
export interface Kept {
  readonly now: Tensor
  readonly next: Tensor
}

/**
 * @param age The number of earlier positions of each sequence, int32 (B). At 0 a sequence begins, whatever an earlier one left behind.
 * @param contextLength The most positions of a sequence, for layers that read all of them.
 * @param forward The forward pass of a model for one position of each sequence: int32 (B, 1) -> (B, 1, V).
 */
export function tracePosition(
  { age, contextLength }: { readonly age: Tensor; readonly contextLength: number },
  forward: (past: Past) => Tensor,
): { readonly logits: Tensor; readonly kept: readonly Kept[] } {
  const parts: (() => readonly Kept[])[] = []
  const logits = forward(stepwise(age, contextLength, parts)).squeeze(1) // (B, V)
  return { logits, kept: parts.flatMap((each) => each()) }
}

/** The past of single positions. It adds what it keeps to `parts`; values after the position exist once forward has returned. */
function stepwise(age: Tensor, contextLength: number, parts: (() => readonly Kept[])[]): Past {
  const B = age.size
  const phases = new Map<number, ReturnType<typeof phaseOf>>()

  /** Carries a tensor of this shape from position to position. */
  function keep<R>(
    shape: Shape,
    read: (now: Tensor) => { readonly next: Tensor; readonly result: R },
    dtype: "float32" | "int32" = "float32",
  ): R {
    const now = Tensor.input(`kept ${parts.length}`, shape, dtype)
    const { next, result } = read(now)
    parts.push(() => [{ now, next }])
    return result
  }

  /** x, one position along `axis`, and the n before it. */
  function recent(
    x: Tensor,
    n: number,
    { fill = 0, axis = 1, newestFirst = false }: Shift & { newestFirst?: boolean } = {},
  ): Tensor {
    if (n === 0) return x
    const back = newestFirst ? Tensor.arange(1, n + 1) : Tensor.arange(n, 0, -1)
    const there = axis === 0 ? age.greaterEqual(back.unsqueeze(1)) : age.unsqueeze(1).greaterEqual(back) // (n, B) or (B, n)
    const aligned = there.reshape(x.shape.map((_, k) => there.shape[k] ?? 1))
    return keep(x.shape.with(axis, n), (now) => {
      const earlier = aligned.where(now, fill)
      const result = Tensor.concat(newestFirst ? [x, earlier] : [earlier, x], axis)
      return { result, next: newestFirst ? result.slice(axis, 0, n) : result.slice(axis, 1) }
    })
  }

  /** How many positions into a step of `stride` positions each sequence is, and will be: int32 (B). */
  function phaseOf(stride: number): { readonly phase: Tensor; readonly next: Tensor } {
    const read = (now: Tensor) => {
      const phase = age.equal(0).where(0, now)
      const next = phase.equal(stride - 1).where(0, phase.add(1))
      return { next, result: { phase, next } }
    }
    const found = phases.get(stride) ?? keep([B], read, "int32")
    phases.set(stride, found)
    return found
  }

  /** @param pace How many positions of the sequence lie between two positions of the convolutions. */
  function convolutions(layers: readonly Conditioned[], condition?: Tensor, pace = 1) {
    const weights = layers.map(({ convolution }) => convolution.weight)
    const [K, C, outputs] = weights[0].shape
    const L = layers.length
    const xs: Tensor[] = [] // each (B, C)
    const biases = layers.map(({ convolution }) => convolution.bias ?? Tensor.full([outputs], 0))
    let before = Tensor.stack(biases).unsqueeze(1)
    if (K > 1) {
      const dilations = layers.map(({ convolution }) => convolution.dilation * pace)
      const queue = queues(`queues ${parts.length}`, { dilations, kernelSize: K, channels: C, age })
      const earlier = weights.map((weight) => weight.slice(0, 0, K - 1).reshape([(K - 1) * C, outputs]))
      before = before.add(queue.earlier.matmul(Tensor.stack(earlier)))
      parts.push(() => queue.write(Tensor.concat(xs).reshape([L, B, C])))
    }
    if (condition) {
      const conditions = layers.map(({ condition }) => condition!.weight)
      before = before.add(condition.squeeze(0).matmul(Tensor.stack(conditions)))
    }
    before = before.expand([L, B, outputs]).reshape([L * B, outputs])
    return weights.map((weight, k) => (x: Tensor) => {
      xs[k] = x.squeeze(0)
      const own = xs[k].matmul(weight.select(0, K - 1))
      return own.add(before.slice(0, k * B, (k + 1) * B)).unsqueeze(0)
    })
  }

  return {
    shift: (x, n, { fill, axis = 1 } = {}) => recent(x, n, { fill, axis }).slice(axis, 0, 1),

    window: (x, n, fill) => recent(x, n - 1, { fill, newestFirst: true }).reshape([B, 1, -1]),

    convolutions,

    scan(cell, x, start) {
      const begins = age.equal(0).unsqueeze(1)
      const now = start.map(({ shape }, k) => Tensor.input(`state ${parts.length} ${k}`, shape))
      const state = start.map((first, k) => begins.where(first, now[k]))
      const after = cell.step(x.squeeze(1), state)
      parts.push(() => now.map((now, k) => ({ now, next: after[k] })))
      return after[0].unsqueeze(1)
    },

    // A row for each sequence, head and position, so that one write stores this position of all of them.
    all(x) {
      const [, heads, , D] = x.dims(4)
      const ages = age.unsqueeze(1).expand([B, heads]).reshape([-1])
      const here = Tensor.arange(B * heads)
        .mul(contextLength)
        .add(ages)
      return keep([B * heads * contextLength, D], (now) => {
        const next = now.indexCopy(here, x.reshape([B * heads, D]))
        return { next, result: next.reshape([B, heads, contextLength, D]) }
      })
    },

    hideLater(scores) {
      const later = Tensor.arange(contextLength).greater(age.unsqueeze(1)) // (B, T)
      return later.reshape([B, 1, 1, contextLength]).where(-Infinity, scores)
    },

    mean: (x) =>
      keep(x.shape, (now) => {
        const earlier = age.reshape([B, 1, 1])
        const next = earlier.equal(0).where(0, now).add(x)
        return { next, result: next.div(earlier.cast("float32").add(1)) }
      }),

    positions: (table, _T, { axis = 1 } = {}) => table.gather(age).unsqueeze(axis),

    upsample: (series, stride, _T, layer) => layer.at(series.squeeze(1), phaseOf(stride).phase).unsqueeze(1),

    // Each position is computed as if a step ended there, and kept where one does: earlier steps are `stride` positions apart.
    coarsely(x, stride, network, layer) {
      const step = recent(x, stride - 1).reshape([B, 1, -1])
      const paced = (layers: readonly Conditioned[], condition?: Tensor) =>
        convolutions(layers, condition, stride)
      const y = network(step, { convolutions: paced }).squeeze(1)
      const { phase, next: into } = phaseOf(stride)
      const ends = phase.equal(stride - 1).unsqueeze(1)
      const known = age.greaterEqual(stride - 1).unsqueeze(1)
      return keep(y.shape, (now) => {
        const next = ends.where(y, now)
        return { next, result: known.where(layer.at(next, into), 0).unsqueeze(1) }
      })
    },
  }
}
