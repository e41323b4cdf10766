/**
 * One position at a time: the logits of a causal model for a single position of each sequence, and what it keeps from position to
 * position, which is found by tracing its forward once.
 */
import type { Shape } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"
import type { Conditioned, DilatedPast, Past, Shift, Upsampling } from "./past.ts"
import { queues } from "./queues.ts"
import type { RecurrentCell } from "./recurrent-cell.ts"

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
  const past = new Stepwise(age, contextLength)
  const logits = forward(past).squeeze(1) // (B, V)
  return { logits, kept: past.parts.flatMap((each) => each()) }
}

class Stepwise implements Past {
  private readonly age: Tensor
  private readonly contextLength: number
  private readonly B: number
  readonly parts: (() => readonly Kept[])[] = []
  private readonly phases = new Map<number, { phase: Tensor; next: Tensor }>()
  private readonly places = new Map<number, Tensor>()

  constructor(age: Tensor, contextLength: number) {
    this.age = age
    this.contextLength = contextLength
    this.B = age.size
  }

  shift(x: Tensor, n: number, { fill, axis = 1 }: Shift = {}): Tensor {
    return this.recent(x, n, { fill, axis }).slice(axis, 0, 1)
  }

  window(x: Tensor, n: number, fill: Tensor): Tensor {
    return this.recent(x, n - 1, { fill, newestFirst: true }).reshape([this.B, 1, -1])
  }

  /** @param pace How many positions of the sequence lie between two positions of the convolutions. */
  convolutions(layers: readonly Conditioned[], condition?: Tensor, pace = 1): ((x: Tensor) => Tensor)[] {
    const { age, B } = this
    const weights = layers.map(({ convolution }) => convolution.weight)
    const [K, C, outputs] = weights[0].shape
    const L = layers.length
    const xs: Tensor[] = [] // each (B, C)
    const biases = layers.map(({ convolution }) => convolution.bias ?? Tensor.full([outputs], 0))
    let before = Tensor.stack(biases).unsqueeze(1)
    if (K > 1) {
      const dilations = layers.map(({ convolution }) => convolution.dilation * pace)
      const queue = queues(`queues ${this.parts.length}`, { dilations, kernelSize: K, channels: C, age })
      const earlier = weights.map((weight) => weight.slice(0, 0, K - 1).reshape([(K - 1) * C, outputs]))
      before = before.add(queue.earlier.matmul(Tensor.stack(earlier)))
      this.parts.push(() => queue.write(Tensor.concat(xs).reshape([L, B, C])))
    }
    if (condition) {
      const conditions = layers.map(({ condition }) => condition!.weight)
      before = before.add(condition.squeeze(0).matmul(Tensor.stack(conditions)))
    }
    before = before.expand([L, B, outputs]).reshape([L * B, outputs])
    return weights.map((weight, k) => (x) => {
      xs[k] = x.squeeze(0)
      const own = xs[k].matmul(weight.select(0, K - 1))
      return own.add(before.slice(0, k * B, (k + 1) * B)).unsqueeze(0)
    })
  }

  scan(cell: RecurrentCell, x: Tensor, start: readonly Tensor[]): Tensor {
    const begins = this.age.equal(0).unsqueeze(1)
    const now = start.map(({ shape }, k) => Tensor.input(`state ${this.parts.length} ${k}`, shape))
    const state = start.map((first, k) => begins.where(first, now[k]))
    const after = cell.step(x.squeeze(1), state)
    this.parts.push(() => now.map((now, k) => ({ now, next: after[k] })))
    return after[0].unsqueeze(1)
  }

  /** A row for each sequence, head and position, so that one write stores this position of all of them. */
  all(x: Tensor): Tensor {
    const { B, contextLength } = this
    const [, heads, , D] = x.dims(4)
    return this.keep([B * heads * contextLength, D], (now) => {
      const next = now.indexCopy(this.here(heads), x.reshape([B * heads, D]))
      return { next, result: next.reshape([B, heads, contextLength, D]) }
    })
  }

  hideLater(scores: Tensor): Tensor {
    const T = this.contextLength
    const later = Tensor.arange(T).greater(this.age.unsqueeze(1)) // (B, T)
    return later.reshape([this.B, 1, 1, T]).where(-Infinity, scores)
  }

  mean(x: Tensor): Tensor {
    const age = this.age.reshape([this.B, 1, 1])
    return this.keep(x.shape, (now) => {
      const next = age.equal(0).where(0, now).add(x)
      return { next, result: next.div(age.cast("float32").add(1)) }
    })
  }

  positions(table: Tensor): Tensor {
    return table.gather(this.age).unsqueeze(1)
  }

  upsample(series: Tensor, stride: number, _T: number, layer: Upsampling): Tensor {
    return layer.at(series.squeeze(1), this.phaseOf(stride).phase).unsqueeze(1)
  }

  /** Each position is computed as if a step ended there, and kept where one does: earlier steps are `stride` positions apart. */
  coarsely(
    x: Tensor,
    stride: number,
    network: (x: Tensor, past: DilatedPast) => Tensor,
    layer: Upsampling,
  ): Tensor {
    const step = this.recent(x, stride - 1).reshape([this.B, 1, -1])
    const y = network(step, {
      convolutions: (layers, condition) => this.convolutions(layers, condition, stride),
    }).squeeze(1)
    const { phase, next: into } = this.phaseOf(stride)
    const ends = phase.equal(stride - 1).unsqueeze(1)
    const known = this.age.greaterEqual(stride - 1).unsqueeze(1)
    return this.keep(y.shape, (now) => {
      const next = ends.where(y, now)
      return { next, result: known.where(layer.at(next, into), 0).unsqueeze(1) }
    })
  }

  /** x, one position along `axis`, and the n before it. */
  private recent(
    x: Tensor,
    n: number,
    { fill = 0, axis = 1, newestFirst = false }: Shift & { newestFirst?: boolean } = {},
  ): Tensor {
    if (n === 0) return x
    const back = newestFirst ? Tensor.arange(1, n + 1) : Tensor.arange(n, 0, -1)
    const there =
      axis === 0 ? this.age.greaterEqual(back.unsqueeze(1)) : this.age.unsqueeze(1).greaterEqual(back) // (n, B) or (B, n)
    const aligned = there.reshape(x.shape.map((_, k) => there.shape[k] ?? 1))
    return this.keep(x.shape.with(axis, n), (now) => {
      const earlier = aligned.where(now, fill)
      const result = Tensor.concat(newestFirst ? [x, earlier] : [earlier, x], axis)
      return { result, next: newestFirst ? result.slice(axis, 0, n) : result.slice(axis, 1) }
    })
  }

  /** How many positions into a step of `stride` positions each sequence is, and will be: int32 (B). */
  private phaseOf(stride: number): { readonly phase: Tensor; readonly next: Tensor } {
    const read = (now: Tensor) => {
      const phase = this.age.equal(0).where(0, now)
      const next = phase.equal(stride - 1).where(0, phase.add(1))
      return { next, result: { phase, next } }
    }
    return once(this.phases, stride, () => this.keep([this.B], read, "int32"))
  }

  /** The rows where `all` stores this position, int32 (B heads). */
  private here(heads: number): Tensor {
    const { age, B, contextLength } = this
    return once(this.places, heads, () => {
      const ages = age.unsqueeze(1).expand([B, heads]).reshape([-1])
      return Tensor.arange(B * heads)
        .mul(contextLength)
        .add(ages)
    })
  }

  /** Carries a tensor of this shape from position to position. */
  private keep<R>(
    shape: Shape,
    read: (now: Tensor) => { readonly next: Tensor; readonly result: R },
    dtype: "float32" | "int32" = "float32",
  ): R {
    const now = Tensor.input(`kept ${this.parts.length}`, shape, dtype)
    const { next, result } = read(now)
    this.parts.push(() => [{ now, next }])
    return result
  }
}

/** The entry of a map, made on first use. */
function once<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key) ?? make()
  map.set(key, known)
  return known
}
