/** The report of `makewave lecture --dilated`: a trained tree beside the equivalent dilated causal convolution. */
import { table } from "../charts/table.ts"
import { IGNORED, longest, sequences, windows } from "../data/dataset.ts"
import type { Tokenizer } from "../data/tokenizers/tokenizer.ts"
import { UserError } from "../errors.ts"
import type { Model } from "../models/model.ts"
import { TreeAsConvolution } from "../models/tree-as-convolution.ts"
import type { WaveNet } from "../models/wavenet.ts"
import { multiplications } from "../nn/multiplications.ts"
import { trace } from "../nn/trace.ts"
import { openText } from "../runs/corpora/text-corpus.ts"
import { openModel } from "../runs/open-model.ts"
import { runtimeOf } from "../runs/recipe.ts"
import type { Settings } from "../runs/settings.ts"
import { textRows } from "../runs/text-rows.ts"
import type { RuntimeOptions } from "../runtime/session.ts"
import { Tensor } from "../tensor/tensor.ts"
import { lossPerTarget } from "../training/evaluate.ts"
import { bold, formatCount, notice, outputWidth } from "./output.ts"
import { showLoading } from "./show-loading.ts"

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

export type FormsReport = Awaited<ReturnType<typeof compareForms>>

/** Converts a run's trained tree to its dilated form and compares the two, by the run's own settings of the machine or others. */
export async function compareForms(folder: string, machine: Settings = {}) {
  const { model, config, vocabulary } = await openModel(folder)
  requireTree(config.recipe)
  const tree = model as WaveNet
  const { parts } = await openText(config.recipe, showLoading())
  const { lines } = parts.validation
  const known = [...example].every((letter) => vocabulary.symbols.includes(letter))
  const name = known ? example : lines[0]
  const runtime = runtimeOf({ ...config.recipe, ...machine }, notice)
  const validation = await compareLosses(tree, lines, vocabulary, runtime)

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

/** The probabilities of each symbol of a name after its context, and the logits at all of its positions, by the interpreter in float64. */
function compareLogits(tree: WaveNet, name: string, vocabulary: Tokenizer) {
  const { inputs, targets } = windows([name], vocabulary, tree.contextLength)
  const [count, T] = inputs.shape
  const ids = Tensor.constant(inputs.data, [count, T], "int32")
  const row = Tensor.constant(sequences([name], vocabulary, count).inputs.data, [1, count], "int32")
  const convolution = new TreeAsConvolution(tree, { contextLength: count })
  const logits = [trace(tree, "evaluation", () => tree.forward(ids)).result, convolution.forward(row)]
  const [ofTree, ofConvolution] = logits.map((form) => form.softmax().values())
  const shown = (id: number) => vocabulary.symbols[id]
  return {
    contexts: Array.from(targets.data, (next, t) => ({
      context: Array.from(inputs.data.subarray(t * T, (t + 1) * T), shown).join(""),
      next: shown(next),
      tree: ofTree[t * vocabulary.size + next],
      convolution: ofConvolution[t * vocabulary.size + next],
    })),
    largestDifference: largestDifference(logits[0].values(), logits[1].values()),
  }
}

/** The mean losses, by ONNX Runtime. */
async function compareLosses(
  tree: WaveNet,
  lines: readonly string[],
  vocabulary: Tokenizer,
  runtime: RuntimeOptions,
) {
  const lossesOf = async (form: Model) => {
    const rows = textRows(form, { lines }, { vocabulary })
    const losses = await lossPerTarget(form, rows, { runtime })
    return losses.filter((_, k) => rows.targets.data[k] !== IGNORED)
  }
  const ofTree = await lossesOf(tree)
  const ofConvolution = await lossesOf(new TreeAsConvolution(tree, { contextLength: longest(lines) + 1 }))
  const mean = (losses: Float32Array) => losses.reduce((sum, loss) => sum + loss, 0) / losses.length
  return {
    tree: mean(ofTree),
    convolution: mean(ofConvolution),
    largestDifference: largestDifference(ofTree, ofConvolution),
    predictions: ofTree.length,
  }
}

export function formatForms({ run, name, contexts, multiplications, ...report }: FormsReport): string {
  const { validation } = report
  const width = outputWidth()
  const small = (difference: number) => (difference === 0 ? "0" : difference.toExponential(1))
  const costs = Object.entries({
    [name]: multiplications.name,
    "validation part": multiplications.validation,
  })
  return [
    `${bold(run)}: the tree, one context at a time, and the dilated causal convolution, all positions at once\n`,
    table(
      [
        [`p(next) in ${name}`, "next", "tree", "convolution"],
        ...contexts.map(({ context, next, tree, convolution }) => [
          context,
          next,
          tree.toFixed(6),
          convolution.toFixed(6),
        ]),
      ],
      { width },
    ),
    "",
    table(
      [
        ["", "tree", "convolution", ""],
        [
          "validation loss",
          validation.tree.toFixed(6),
          validation.convolution.toFixed(6),
          `largest difference ${small(validation.largestDifference)} over ${formatCount(validation.predictions)}`,
        ],
        ...costs.map(([of, { tree, convolution }]) => [
          `multiplications: ${of}`,
          formatCount(tree),
          formatCount(convolution),
          `${(tree / convolution).toFixed(2)} times fewer`,
        ]),
      ],
      { width },
    ),
    "",
    `The largest difference between the logits for ${name}, in float64, is ${small(report.largestDifference)}.`,
  ].join("\n")
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((largest, x, k) => Math.max(largest, Math.abs(x - b[k])), 0)
