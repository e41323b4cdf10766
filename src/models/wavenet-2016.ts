/**
 * The WaveNet of the paper: each dilated causal convolution doubles how far back a position sees.
 *
 *   ids (B, T) ─ initial causal convolution, and learned positions if asked for ─ x (B, T, R)
 *        └ DilatedStack, dilations 1, 2, 4, ... and again from 1 ─ (B, T, S) ─ ReLU
 *        └ Linear ─ (B, T, S) ─ ReLU ─ Linear ─ logits (B, T, V); and ClassHead, the class of the sequence
 *
 * Conditions are added inside every gate: a label of the whole sequence (a speaker, a language), a slower series (a melody, a text),
 * and a context stack, which reads the sequence itself in larger steps.
 *
 *   label (B) ─ Embedding ─ (B, 1, labelWidth)            series (B, T / stride, seriesWidth) ─ upsampling ─ (B, T, seriesWidth)
 *   x (B, T, R) ─ `contextStride` side by side ─ Linear ─ (B, T / stride, C) ─ DilatedStack ─ upsampling ─ (B, T, C)
 *
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, section 2 and figure 4.
 */
import { UserError } from "../errors.ts"
import { ConvTranspose1d } from "../nn/conv-transpose-1d.ts"
import { receptiveField } from "../nn/convolution.ts"
import { type Dropout, dropoutOf } from "../nn/dropout.ts"
import { Embedding } from "../nn/embedding.ts"
import { Linear } from "../nn/linear.ts"
import { type Past, whole } from "../nn/past.ts"
import { Upsample } from "../nn/upsample.ts"
import { fill, type Options, oneOf, only, size, toggle } from "../setting.ts"
import type { Kind } from "../tensor/op.ts"
import { ShapeError, sameShape, show } from "../tensor/shape.ts"
import { Tensor } from "../tensor/tensor.ts"
import { ClassHead } from "./class-head.ts"
import { ContextStack } from "./context-stack.ts"
import { activationNames, DilatedStack, doubling, normNames } from "./dilated-stack.ts"
import {
  type ConditionKinds,
  type Conditions,
  configOf,
  dropout,
  type ForwardOptions,
  Model,
  type ModelOptions,
  sequenceLength,
} from "./model.ts"

export interface WaveNet2016Config extends ModelOptions<typeof WaveNet2016.settings> {
  /** The number of labels; 0, with a `labelWidth`, for vectors instead. */
  labels?: number
  /** The number of classes of a sequence; 0 for a model that does not classify. */
  classes?: number
  /** The width of the series; 0 for no series. */
  seriesWidth?: number
  /** Symbols for each step of the series. */
  seriesStride?: number
  /** By a learned transposed convolution, or by repetition. */
  upsampling?: "learned" | "repeat"
}

const withoutContext = ({ contextLayers }: { contextLayers?: number }) =>
  contextLayers ? undefined : "it is a setting of a context stack: leave it out, or give --context-layers"

/** A dilation of half a million, which is half a minute of sound at 16 kHz. */
const MAX_LAYERS = 20

export class WaveNet2016 extends Model {
  static readonly description =
    "the paper's WaveNet: dilated causal convolutions, each of which sees twice as far back"
  static override readonly labels = ["condition", "classify"] as const
  static readonly settings = {
    contextLength: sequenceLength, // T; how far back it sees is its receptive field
    layers: size(4, "layers of a stack, with dilations 1, 2, 4, ..."),
    stacks: size(2, "stacks, one after another", { most: 64 }),
    kernelSize: size(2, "inputs of a convolution", { unit: "symbols" }), // K, the paper's filter width
    residualChannels: size(64, "width of a position on its way through all layers"), // R
    dilationChannels: size(64, "width of a layer's gate"), // D
    skipChannels: size(64, "width of the sum of all layers' outputs"), // S: above R for many symbols, as in sound
    norm: oneOf(normNames, "none", "normalization before each layer's convolution: none, layer, rms"),
    activation: oneOf(
      activationNames,
      "gated",
      "what follows each convolution: gated (tanh times sigmoid, the paper's), tanh, relu",
    ),
    plain: toggle(false, "layers one after another, without residual and skip connections"),
    positions: only(
      ({ sampleRate }: { sampleRate?: number }) =>
        sampleRate === undefined
          ? undefined
          : "a crop of sound may begin anywhere, so its positions mean nothing: leave it out",
      toggle(
        false,
        "add a learned vector for each position, so that a line is at most as long as the context",
      ),
    ),
    dropout, // of x at first, and of what each layer adds to it
    // Or the length of the vector; 0 for no label.
    labelWidth: only(
      ({ labels }: { labels?: number }) =>
        labels
          ? undefined
          : "it is a setting of models that are conditioned on a label: leave it out, or give --condition",
      size(16, "width of a label's embedding"),
    ),
    contextLayers: size(0, "layers of a context stack, which sees further back in larger steps; 0 for none", {
      least: 0,
    }),
    contextStride: only(
      withoutContext,
      size(8, "symbols of a step of the context stack", { unit: "symbols" }),
    ),
    // Less than R is enough for what is long ago.
    contextChannels: only(withoutContext, size(32, "width of a step in the context stack")),
  }

  readonly reads = "sequences"
  override readonly steps: "context" | "endless"
  readonly config
  override readonly receptiveField: number
  /** The initial convolution of one-hot symbols, as tables (V, R) for the symbol itself, the one before it, and so on. */
  readonly initial: readonly Embedding[]
  readonly positions?: Embedding // (T, R)
  readonly label?: Embedding // (labels, labelWidth)
  readonly series?: ConvTranspose1d | Upsample
  readonly context?: ContextStack
  readonly stack: DilatedStack
  readonly hidden: Linear // (S) -> (S)
  readonly head: Linear // (S) -> (V)
  readonly classHead?: ClassHead
  readonly dropout?: Dropout

  constructor({
    labels = 0,
    classes = 0,
    seriesWidth = 0,
    seriesStride = 1,
    upsampling = "learned",
    ...options
  }: WaveNet2016Config) {
    super()
    const settings = configOf(WaveNet2016, options, { labels })
    const { vocabularySize, contextLength, layers, stacks, kernelSize, contextLayers } = settings
    const { residualChannels, dilationChannels, skipChannels, labelWidth = 0 } = settings
    const { norm, activation, plain, positions, dropout } = settings
    const { contextStride: stride = 0, contextChannels: channels = 0 } = settings
    if (Math.max(layers, contextLayers) > MAX_LAYERS)
      throw new UserError(
        `wavenet-2016: ${Math.max(layers, contextLayers)} layers of a stack, each of which sees twice as far: give at most ` +
          `${MAX_LAYERS}, and more stacks`,
      )
    if (plain && residualChannels !== dilationChannels)
      throw new UserError(
        `wavenet-2016: a plain stack passes ${dilationChannels} dilation channels on as its ${residualChannels} residual channels: give both the same number`,
      )
    this.config = {
      ...settings,
      ...(labelWidth > 0 && { labels }),
      ...(classes > 0 && { classes }),
      ...(seriesWidth > 0 && { seriesWidth, seriesStride, upsampling }),
    }
    this.initial = Array.from({ length: kernelSize }, () => new Embedding(vocabularySize, residualChannels))
    if (positions) this.positions = new Embedding(contextLength, residualChannels)
    this.steps = positions ? "context" : "endless"
    if (labels > 0) this.label = new Embedding(labels, labelWidth)
    if (seriesWidth > 0)
      this.series =
        upsampling === "learned"
          ? new ConvTranspose1d(seriesWidth, seriesWidth, seriesStride, { stride: seriesStride })
          : new Upsample(seriesStride)
    if (contextLayers > 0)
      this.context = new ContextStack(residualChannels, {
        ...{ layers: contextLayers, channels, stride, kernelSize, norm },
      })
    this.stack = new DilatedStack({
      dilations: doubling(layers, stacks),
      ...{ kernelSize, residualChannels, dilationChannels, skipChannels, norm, activation, plain },
      conditionWidth: labelWidth + seriesWidth + (contextLayers > 0 ? channels : 0),
    })
    this.hidden = Linear.uniform(skipChannels, skipChannels)
    this.head = Linear.uniform(skipChannels, vocabularySize)
    if (classes > 0) this.classHead = new ClassHead(skipChannels, classes)
    this.dropout = dropoutOf(dropout)
    this.receptiveField = WaveNet2016.receptiveField(this.config)
  }

  /** How many symbols back a model of these settings sees, its own included. */
  static receptiveField(options: Options<typeof WaveNet2016.settings>): number {
    const settings = fill(WaveNet2016.settings, options)
    const { layers, stacks, kernelSize, contextLayers, contextStride: stride = 0 } = settings
    const dilations = doubling(layers, stacks)
    const own = receptiveField(dilations, kernelSize)
    if (contextLayers === 0) return kernelSize - 1 + own
    // The output of the context stack enters behind the first layer's convolution, and is seen through all others.
    const context = ContextStack.receptiveField({ layers: contextLayers, stride, kernelSize })
    return kernelSize - 1 + Math.max(own, context + receptiveField(dilations.slice(1), kernelSize) - 1)
  }

  // int32 (B, T) -> (B, T, V)
  forward(ids: Tensor, options?: ForwardOptions): Tensor {
    return this.logits(this.seen(ids, options)).transpose(0, 1)
  }

  override classify(ids: Tensor, counted: Tensor, conditions?: Conditions) {
    if (!this.classHead)
      throw new UserError("wavenet-2016: the model has no classes to predict: make it with `classes`")
    const y = this.seen(ids, conditions)
    return {
      logits: this.logits(y).transpose(0, 1),
      classes: this.classHead.forward(y.transpose(0, 1), counted),
    }
  }

  // (..., S) -> (..., V)
  private logits(y: Tensor): Tensor {
    return this.head.forward(this.hidden.forward(y).relu())
  }

  /** The stack's output for each position; time comes first, as in the stack. */
  // int32 (B, T) -> (T, B, S)
  private seen(ids: Tensor, { past = whole, ...conditions }: ForwardOptions = {}): Tensor {
    const [, T] = ids.dims(2)
    let x = this.initial
      .map((table, back) => past.shift(table.forward(ids.transpose()), back, { axis: 0 }))
      .reduce((sum, rows) => sum.add(rows))
    if (this.positions) x = x.add(past.positions(this.positions.weight, T, { axis: 0 }))
    x = this.dropout?.forward(x) ?? x
    const condition = this.conditionOf(x.transpose(0, 1), conditions, past)
    return this.stack
      .forward(x, { condition: condition?.transpose(0, 1), past, dropout: this.dropout })
      .relu()
  }

  override conditionKinds(B: number, T: number): ConditionKinds {
    const { labels = 0, labelWidth = 0, seriesWidth = 0, seriesStride = 1 } = this.config
    const label: ConditionKinds["label"] =
      labels > 0
        ? { shape: [B], dtype: "int32", count: labels }
        : { shape: [B, labelWidth], dtype: "float32" }
    const series: Kind = { shape: [B, Math.ceil(T / seriesStride), seriesWidth], dtype: "float32" }
    return { ...(labelWidth > 0 && { label }), ...(seriesWidth > 0 && { series }) }
  }

  /** All conditions side by side: (B, T, H), (B, 1, H) for a label alone, or undefined without conditions. */
  private conditionOf(x: Tensor, conditions: Conditions, past: Past): Tensor | undefined {
    const [B, T] = x.dims(3)
    const { label, series } = conditions
    const kinds = this.conditionKinds(B, T)
    check("label", label, kinds.label)
    check("series", series, kinds.series)
    const parts = [
      label && (this.label?.forward(label) ?? label).unsqueeze(1),
      series && this.series && past.upsample(series, this.config.seriesStride!, T, this.series),
      this.context?.forward(x, past, this.dropout),
    ].filter((part) => part !== undefined)
    if (parts.length < 2) return parts[0]
    return Tensor.concat(
      parts.map((part) => part.expand([B, T, part.shape[2]])),
      -1,
    )
  }
}

/** Requires the conditions of the model, and no others. */
function check(name: keyof Conditions, given?: Tensor, wanted?: Kind): void {
  if (!wanted && !given) return
  if (!wanted)
    throw new UserError(
      `wavenet-2016: the model is not conditioned on a ${name}: leave it out, or make the model with ${name}Width`,
    )
  const form = `${wanted.dtype} ${show(wanted.shape)}`
  if (!given)
    throw new UserError(
      `wavenet-2016: the model is conditioned on a ${name}: give forward { ${name} }, ${form}`,
    )
  if (!sameShape(given.shape, wanted.shape) || given.dtype !== wanted.dtype)
    throw new ShapeError(`wavenet-2016: the ${name} is ${given.dtype} ${show(given.shape)}: give ${form}`)
}
