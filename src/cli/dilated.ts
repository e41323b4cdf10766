/** The report of `makewave lecture --dilated`: a trained tree beside the equivalent dilated causal convolution. */
import { table } from "../charts/table.ts"
import { IGNORED, longest, sequences, windows } from "../data/dataset.ts"
import { STOP, type Vocabulary } from "../data/vocabulary.ts"
import { UserError } from "../errors.ts"
import { TreeAsConvolution } from "../models/tree-as-convolution.ts"
import type { WaveNet } from "../models/wavenet.ts"
import { multiplications } from "../nn/multiplications.ts"
import { trace } from "../nn/trace.ts"
import { openText } from "../runs/corpora/text-corpus.ts"
import { openModel } from "../runs/open-model.ts"
import type { Settings } from "../runs/settings.ts"
import { textRows } from "../runs/text-rows.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { Tensor } from "../tensor/tensor.ts"
import { lossPerTarget } from "../training/evaluate.ts"
import { bold, formatCount, notice } from "./output.ts"
import { showLoading } from "./show-loading.ts"

/** A number for each form. */
interface Both {
  readonly tree: number
  readonly convolution: number
}

export interface FormsReport {
  readonly run: string
  readonly name: string
  /** For each position of the name: its context, the next symbol, and its probability under each form. */
  readonly contexts: readonly ({ readonly context: string; readonly next: string } & Both)[]
  /** Between the logits at all positions of the name, computed by the interpreter in float64. */
  readonly largestDifference: number
  readonly multiplications: { readonly name: Both; readonly validation: Both }
  /** The mean loss on the validation part, computed by ONNX Runtime. */
  readonly validation: Both & { readonly largestDifference: number; readonly predictions: number }
}

/** The lecture's example, as the captions of the video spell it. */
const example = "deandre"

/** Throws a UserError unless the recipe's model has a dilated form. */
export function requireTree({ model, batchNormBug }: Settings): void {
  if (model !== "wavenet")
    throw new UserError(`--dilated: the model ${model} is not a tree: choose row 4 or 5 of the lecture`)
  if (batchNormBug)
    throw new UserError(
      "--dilated: a tree with the BatchNorm bug is not a convolution, because it normalizes each position differently: " +
        "choose row 4 or 5 of the lecture",
    )
}

/** Converts a run's trained tree to its dilated form and compares the two. */
export async function compareForms(folder: string): Promise<FormsReport> {
  const { model, config, vocabulary } = await openModel(folder)
  requireTree(config.recipe)
  const tree = model as WaveNet
  const { parts } = await openText(config.recipe, showLoading())
  const { lines } = parts.validation
  const known = [...example].every((letter) => vocabulary.toJSON().includes(letter))
  const name = known ? example : lines[0]
  const { provider, threads } = config.recipe
  const validation = await compareLosses(tree, lines, vocabulary, { provider, threads, notice })

  const length = [...name].length + 1
  const costOf = (T: number) => {
    const convolution = new TreeAsConvolution(tree, { contextLength: T })
    return multiplications(convolution.forward(Tensor.input("ids", [1, T], "int32")))
  }
  const window = Tensor.input("ids", [1, tree.contextLength], "int32")
  const perContext = multiplications(trace(tree, "evaluation", () => tree.forward(window)).result)
  const perPosition = costOf(2) - costOf(1)
  const { predictions } = validation
  return {
    run: folder,
    name,
    ...compareLogits(tree, name, vocabulary),
    multiplications: {
      name: { tree: length * perContext, convolution: costOf(length) },
      // The padding before the start is computed once for all lines.
      validation: {
        tree: predictions * perContext,
        convolution: costOf(1) + (predictions - 1) * perPosition,
      },
    },
    validation,
  }
}

/** Computed by the interpreter in float64. */
function compareLogits(
  tree: WaveNet,
  name: string,
  vocabulary: Vocabulary,
): Pick<FormsReport, "contexts" | "largestDifference"> {
  const T = tree.contextLength
  const V = vocabulary.size
  const { inputs, targets } = windows([name], vocabulary, T)
  const [count] = inputs.shape
  const ofTree = trace(tree, "evaluation", () =>
    tree.forward(Tensor.constant(inputs.data, inputs.shape, "int32")),
  ).result
  const row = sequences([name], vocabulary, count).inputs.data
  const convolution = new TreeAsConvolution(tree, { contextLength: count })
  const ofConvolution = convolution.forward(Tensor.constant(row, [1, count], "int32"))
  const [treeProbabilities, convolutionProbabilities] = [ofTree, ofConvolution].map((logits) =>
    logits.softmax().values(),
  )
  const shown = (id: number) => (id === STOP ? "." : vocabulary.decode([id]))
  return {
    contexts: Array.from(targets.data, (next, t) => ({
      context: Array.from(inputs.data.subarray(t * T, (t + 1) * T), shown).join(""),
      next: shown(next),
      tree: treeProbabilities[t * V + next],
      convolution: convolutionProbabilities[t * V + next],
    })),
    largestDifference: largestDifference(ofTree.values(), ofConvolution.values()),
  }
}

/** Computed by ONNX Runtime. */
async function compareLosses(
  tree: WaveNet,
  lines: readonly string[],
  vocabulary: Vocabulary,
  runtime: RuntimeOptions,
): Promise<FormsReport["validation"]> {
  const ofTree = await lossPerTarget(tree, textRows(tree, { lines }, { vocabulary }), { runtime })
  const convolution = new TreeAsConvolution(tree, { contextLength: longest(lines) + 1 })
  const rows = textRows(convolution, { lines }, { vocabulary })
  const ofRows = await lossPerTarget(convolution, rows, { runtime })
  const ofConvolution = ofRows.filter((_, k) => rows.targets.data[k] !== IGNORED)
  const mean = (losses: Float32Array) => losses.reduce((sum, loss) => sum + loss, 0) / losses.length
  return {
    tree: mean(ofTree),
    convolution: mean(ofConvolution),
    largestDifference: largestDifference(ofTree, ofConvolution),
    predictions: ofTree.length,
  }
}

export function formatForms({ run, name, contexts, multiplications: cost, ...report }: FormsReport): string {
  const { validation } = report
  const times = ({ tree, convolution }: Both) => `${(tree / convolution).toFixed(2)} times fewer`
  const small = (difference: number) => (difference === 0 ? "0" : difference.toExponential(1))
  return [
    `${bold(run)}: the tree, one context at a time, and the dilated causal convolution, all positions at once\n`,
    table([
      [`p(next) in ${name}`, "next", "tree", "convolution"],
      ...contexts.map(({ context, next, tree, convolution }) => [
        context,
        next,
        tree.toFixed(6),
        convolution.toFixed(6),
      ]),
    ]),
    "",
    table([
      ["", "tree", "convolution", ""],
      [
        "validation loss",
        validation.tree.toFixed(6),
        validation.convolution.toFixed(6),
        `largest difference ${small(validation.largestDifference)} over ${formatCount(validation.predictions)}`,
      ],
      [
        `multiplications: ${name}`,
        formatCount(cost.name.tree),
        formatCount(cost.name.convolution),
        times(cost.name),
      ],
      [
        "multiplications: validation part",
        formatCount(cost.validation.tree),
        formatCount(cost.validation.convolution),
        times(cost.validation),
      ],
    ]),
    "",
    `The largest difference between the logits for ${name}, in float64, is ${small(report.largestDifference)}.`,
  ].join("\n")
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((largest, x, k) => Math.max(largest, Math.abs(x - b[k])), 0)
