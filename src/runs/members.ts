/** The members of an ensemble: trained runs of the same data. The ensemble's own data is theirs, and its config says how to make their models. */
import { Ensemble, type Member } from "../counting/ensemble.ts"
import { sha256Of } from "../data/download.ts"
import type { LoadOptions } from "../data/load-options.ts"
import { UserError } from "../errors.ts"
import { tensorsOf, writeSafetensors } from "../interchange/safetensors.ts"
import type { Corpus } from "./corpora/corpus.ts"
import type { Members } from "./learners/learner.ts"
import { openData } from "./open-data.ts"
import { openAnyModel } from "./open-model.ts"
import { type Recipe, resolveRecipe } from "./recipe.ts"
import type { Run } from "./run.ts"
import { modelSettingsOf, readConfig } from "./run-config.ts"
import { ofTheParts, ofTheTokens, requireSameTraining } from "./same-data.ts"
import type { Settings } from "./settings.ts"
import type { TrainedModel } from "./trained-model.ts"

/** The settings of its data that an ensemble has from its first member. */
const shared = [
  ...["data", "running", "column", "noHeader", "maximumLineLength", "condition"],
  ...ofTheParts,
  ...ofTheTokens,
] as (keyof Settings)[]

/**
 * The members that settings name, their data, and the recipe of their ensemble. A UserError for runs that do not fit together.
 * @param openCorpus Opens the data of a recipe.
 */
export async function prepareEnsemble(
  given: Settings,
  openCorpus: (recipe: Recipe, options?: LoadOptions) => Promise<Corpus>,
  options?: LoadOptions,
): Promise<{ recipe: Recipe; corpus: Corpus; members: Members }> {
  if (given.members === undefined)
    throw new UserError(
      `--model ${given.model}: it averages trained runs: name them with --members, such as --members runs/a,runs/b`,
    )
  const opened = await Promise.all(given.members.split(",").map(openMember))
  const [first] = opened
  const open = async (found: Recipe) => {
    const settings = Object.fromEntries(shared.map((key) => [key, found[key]]))
    const recipe = resolveRecipe({ ...settings, ...given })
    const corpus = await openCorpus({ ...recipe, data: found.data }, options)
    return { recipe: { ...recipe, data: found.data }, corpus, sha256: corpus.sha256 }
  }
  const { recipe, corpus } = await openData(first.trained, open, given)
  for (const { of, trained } of opened) requireSameTraining(of, trained, { recipe, corpus })
  return { recipe, corpus, members: await membersOf(opened) }
}

/** The members of an ensemble that resumes: from its checkpoint, or as it began. A UserError if they are gone or have changed. */
export async function reopenMembers({ folder, config, checkpoint, store }: Run): Promise<Members> {
  const { members: records = [], recipe } = config
  if (checkpoint) {
    const { model } = await openAnyModel(store)
    return { models: (model as Ensemble).members.slice(0, records.length), records }
  }
  const found = await membersOf(await Promise.all((recipe.members ?? "").split(",").map(openMember)))
  const other = found.records.find(({ sha256 }, k) => sha256 !== records[k]?.sha256)
  if (other)
    throw new UserError(
      `${folder}: it has no checkpoint yet and begins again with ${other.name}, which has changed since: start a new run`,
    )
  return found
}

interface Opened {
  readonly of: string
  readonly name: string
  readonly trained: TrainedModel<Member>
}

async function openMember(name: string): Promise<Opened> {
  const of = `--members ${name}`
  const refuse = (why: string): never => {
    throw new UserError(`${of}: ${why}`)
  }
  const { modelFile } = await readConfig(name).catch(() => ({ modelFile: undefined }))
  if (modelFile)
    refuse("its model is of a file of your own, and an ensemble is of the package's models: name another run")
  const trained = await openAnyModel(name, refuse).catch((error) => {
    throw error instanceof UserError && !error.message.startsWith(of)
      ? new UserError(`${of}: ${error.message}`, { cause: error })
      : error
  })
  const { model, config, classes } = trained
  if (model instanceof Ensemble) return refuse("it is an ensemble itself: name its members in its place")
  if (config.recipe.sampleRate !== undefined)
    return refuse("it is trained on sound, and an ensemble is of text: name another run")
  if (classes)
    return refuse(`it also predicts ${classes.name}, and an ensemble symbols only: name another run`)
  return { of, name, trained: { ...trained, model } }
}

const membersOf = async (opened: readonly Opened[]): Promise<Members> => ({
  models: opened.map(({ trained }) => trained.model),
  records: await Promise.all(
    opened.map(async ({ name, trained: { model, steps, config } }) => ({
      name,
      sha256: await sha256Of(writeSafetensors(tensorsOf(model.stateDict()))),
      steps,
      settings: {
        ...modelSettingsOf(config.recipe),
        mixOrder: config.recipe.mixOrder,
        mixSmoothing: config.recipe.mixSmoothing,
      },
    })),
  ),
})
