/** What `makewave lecture --dilated` shows: a trained tree and its dilated causal form, beside each other. */
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
import { bold, grouped, notice } from "./output.ts"
import { showLoading } from "./show-loading.ts"

/** A figure of the tree, and of the convolution. */
interface Both {
  readonly tree: number
  readonly convolution: number
}

export interface FormsReport {
  readonly run: string
  readonly name: string
  /** Of each position of the name: its context, what follows, and how probable the two forms find that. */
  readonly contexts: readonly ({ readonly context: string; readonly next: string } & Both)[]
  /** Of the logits of all contexts of the name, interpreted in double precision. */
  readonly largestDifference: number
  readonly multiplications: { readonly name: Both; readonly validation: Both }
  /** The mean loss of the validation part, as ONNX Runtime computes it. */
  readonly validation: Both & { readonly largestDifference: number; readonly predictions: number }
}

/** The lecture's example, as the captions of the video write it. */
const example = "deandre"

/** Whether a recipe's model has a dilated form; a UserError says why not. */
export function requireTree({ model, batchNormBug }: Settings): void {
  if (model !== "wavenet")
    throw new UserError(`--dilated: the model ${model} is no tree: rows 4 and 5 of the lecture are trees`)
  if (batchNormBug)
    throw new UserError(
      "--dilated: a tree with the BatchNorm bug is no convolution, for it scales each of its positions otherwise: " +
        "rows 4 and 5 of the lecture are without",
    )
}

/** The tree that a run has trained, turned into its dilated form, and both compared. */
export async function compareForms(folder: string): Promise<FormsReport> {
  const { model, config, vocabulary } = await openModel(folder)
  requireTree(config.recipe)
  const tree = model as WaveNet
  const { parts } = await openText(config.recipe, showLoading())
  const { lines } = parts.validation
  const known = [...example].every((letter) => vocabulary.toJSON().includes(letter))
  const name = known ? example : lines[0]
  const { provider, threads } = config.recipe
  const validation = await onLines(tree, lines, vocabulary, { provider, threads, notice })

  const length = [...name].length + 1
  const costOf = (T: number) => {
    const convolution = new TreeAsConvolution(tree, { contextLength: T })
    return multiplications(convolution.forward(Tensor.input("ids", [1, T], "int32")))
  }
  const window = Tensor.input("ids", [1, tree.contextLength], "int32")
  const ofContext = multiplications(trace(tree, "evaluation", () => tree.forward(window)).result)
  const ofPosition = costOf(2) - costOf(1)
  const { predictions } = validation
  return {
    run: folder,
    name,
    ...onName(tree, name, vocabulary),
    multiplications: {
      name: { tree: length * ofContext, convolution: costOf(length) },
      // What stands before the start is computed once for all lines.
      validation: {
        tree: predictions * ofContext,
        convolution: costOf(1) + (predictions - 1) * ofPosition,
      },
    },
    validation,
  }
}

/** By the interpreter, in double precision. */
function onName(
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
  const [treeChances, convolutionChances] = [ofTree, ofConvolution].map((logits) => logits.softmax().values())
  const shown = (id: number) => (id === STOP ? "." : vocabulary.decode([id]))
  return {
    contexts: Array.from(targets.data, (next, t) => ({
      context: Array.from(inputs.data.subarray(t * T, (t + 1) * T), shown).join(""),
      next: shown(next),
      tree: treeChances[t * V + next],
      convolution: convolutionChances[t * V + next],
    })),
    largestDifference: largestDifference(ofTree.values(), ofConvolution.values()),
  }
}

/** By ONNX Runtime. */
async function onLines(
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
  const chance = (p: number) => p.toFixed(6)
  const times = ({ tree, convolution }: Both) => `${(tree / convolution).toFixed(2)} times less`
  const small = (difference: number) => (difference === 0 ? "0" : difference.toExponential(1))
  return [
    `${bold(run)}: the tree, a context at a time, and its dilated causal form, all positions at once\n`,
    table([
      [`p(next) in ${name}`, "next", "tree", "convolution"],
      ...contexts.map(({ context, next, tree, convolution }) => [
        context,
        next,
        chance(tree),
        chance(convolution),
      ]),
    ]),
    "",
    table([
      ["", "tree", "convolution", ""],
      [
        "validation loss",
        validation.tree.toFixed(6),
        validation.convolution.toFixed(6),
        `largest difference ${small(validation.largestDifference)} of ${grouped(validation.predictions)}`,
      ],
      [`multiplications: ${name}`, grouped(cost.name.tree), grouped(cost.name.convolution), times(cost.name)],
      [
        "multiplications: validation part",
        grouped(cost.validation.tree),
        grouped(cost.validation.convolution),
        times(cost.validation),
      ],
    ]),
    "",
    `The largest difference of the logits in ${name}, in double precision, is ${small(report.largestDifference)}.`,
  ].join("\n")
}

/** Between numbers that belong together. */
const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, x, k) => Math.max(most, Math.abs(x - b[k])), 0)
