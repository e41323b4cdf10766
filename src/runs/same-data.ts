/** Whether a trained run can stand beside another training: both on the same lines, with the same labels, and of them the same training part. */
import { UserError } from "../errors.ts"
import { flag } from "../setting.ts"
import type { Corpus } from "./corpora/corpus.ts"
import type { Recipe } from "./recipe.ts"
import type { TrainedModel } from "./trained-model.ts"

/** The settings by which equal data comes into equal parts. */
export const ofTheParts = ["split", "splitSeed", "duplicates"] as const

/** The settings that say what the symbols of equal data are. */
export const ofTheTokens = ["tokens", "minCount", "vocabulary"] as const

/** A UserError, which begins with `of`, unless a run was trained on the same as a recipe says, of which `corpus` is the data. */
export function requireSameTraining(
  of: string,
  { config, condition }: TrainedModel<unknown>,
  { recipe, corpus }: { recipe: Recipe; corpus: Corpus },
): void {
  const [ofIts, ofThis] = [config.recipe, recipe].map(({ running }) => (running ? "running text" : "a list"))
  if (ofIts !== ofThis)
    throw new UserError(
      `${of}: it was trained on ${ofIts}, and this run is of ${ofThis}: give runs of one kind of data`,
    )
  const [its, here] = [condition, corpus.condition].map((labels) => labels?.name ?? "nothing")
  if (its !== here)
    throw new UserError(
      `${of}: it is conditioned on ${its}, and this run on ${here}: give both the same ${flag("condition")}`,
    )
  if (config.data.sha256 !== corpus.sha256)
    throw new UserError(
      `${of}: it was trained on other data, ${config.recipe.data}: give a run of the data of this one, ${recipe.data}`,
    )
  if (JSON.stringify(config.vocabulary) !== JSON.stringify(corpus.vocabulary))
    throw new UserError(
      `${of}: it has other symbols than this run: give both the same ${ofTheTokens.map(flag).join(", ")}`,
    )
  const other = ofTheParts.find((key) => config.recipe[key] !== recipe[key])
  if (other)
    throw new UserError(
      `${of}: its ${flag(other)} is ${config.recipe[other]}, and here it is ${recipe[other]}, so it may have learned lines of the validation part: give both the same`,
    )
}
