/** A trained model with what its exported file says about it: for `interchange/formats.ts`, from a run on the disk or one that a page trains. */
import { Mixture, networkOf } from "../counting/mixture.ts"
import { NGram } from "../counting/ngram.ts"
import { lastNameOf, STANDARD_INPUT } from "../data/disk.ts"
import type { Split } from "../data/split.ts"
import { UserError } from "../errors.ts"
import type { Exported, Format } from "../interchange/formats.ts"
import type { Model } from "../models/model.ts"
import { unseenOf } from "../sampling/running-text.ts"
import { learnerOf } from "./learners/index.ts"
import type { Recipe } from "./recipe.ts"
import type { TrainedModel } from "./trained-model.ts"

export interface ExportedOptions {
  /** The lines of the data by part, which a script has if it counts or knows the list. */
  readonly parts?: Split
  /** Whether a script knows the list, to tell what is new. */
  readonly list?: boolean
  /** The heading of a page; by default it follows from the name of the list. */
  readonly title?: string
  readonly global?: string
}

/** A format of a network gets the network of a mixture alone. */
export function exportedOf(
  {
    model,
    config,
    vocabulary,
    condition,
  }: Pick<TrainedModel<unknown>, "model" | "config" | "vocabulary" | "condition">,
  takes: Format["takes"],
  { parts, list = true, title, global }: ExportedOptions = {},
): Exported {
  const { recipe } = config
  const { symbols, tokens } = vocabulary
  if (takes === "text" && tokens !== "characters")
    throw new UserError(
      `a script or page makes characters, and this model ${tokens}: export it for another tool, as --format ${learnerOf(recipe).hasLayers ? "onnx or safetensors does" : "safetensors or npz does"}, or train with --tokens characters`,
    )
  const learned = model as Model | NGram | Mixture
  const holdsCounts = takes !== "network"
  return {
    model: (holdsCounts || learned instanceof NGram ? learned : networkOf(learned)) as Model,
    symbols,
    labels: condition,
    global,
    ...(recipe.running && { unseen: unseenOf(model as Partial<Model>) }),
    title: title ?? titleOf(recipe),
    ...(parts && list && { lines: Object.values(parts).flatMap(({ lines }) => lines) }),
    ...(parts && learnerOf(recipe).hasCounts && { counted: parts.train.lines }),
    metadata: {
      model: recipe.model,
      config: JSON.stringify(
        learned instanceof NGram
          ? { order: recipe.order, smoothing: recipe.smoothing }
          : networkOf(learned).config,
      ),
      ...(learned instanceof Mixture &&
        holdsCounts && { mixOrder: String(recipe.mixOrder), mixSmoothing: learned.counts.smoothing }),
      vocabulary: JSON.stringify(symbols),
      ...(condition && { labels: JSON.stringify(condition.values) }),
    },
  }
}

/** By the name of the data's file: "New town names" for "town-names.txt", "More of moby dick" for a running text. */
function titleOf({ data, running }: Recipe): string {
  const name = data === STANDARD_INPUT ? "" : lastNameOf(data)
  const words = name
    .replace(/\.\w+$/, "")
    .replace(/[-_]+/g, " ")
    .trim()
  return running ? `More of ${words || "a text"}` : `New ${words || "things"}`
}
