/** Keeps the model of a run in 16 bits (kept.ts), with the loss that it has in them. */
import { UserError } from "../errors.ts"
import type { EvaluationRequest } from "./corpora/corpus.ts"
import { kindOf } from "./corpora/index.ts"
import { storeOf } from "./disk-store.ts"
import { decodeKept, encodeKept, KEPT_MODEL } from "./kept.ts"
import { learnerOf } from "./learners/index.ts"
import { openModel } from "./open-model.ts"
import { runtimeOf } from "./recipe.ts"
import { type KeptRecord, type RunConfig, readConfig, showConfig } from "./run-config.ts"
import { files } from "./run-files.ts"
import { validates } from "./settings.ts"
import type { Store } from "./store.ts"

export type KeepOptions = Partial<Pick<EvaluationRequest, "data" | "loading" | "notice" | "onStage">>

/**
 * Writes the network of a run into a folder, from where it opens as a run does, and returns what its config says of it. `data` is the run's
 * data, if it was moved. A run with counts, or a number beyond 65,504, is a UserError.
 */
export async function keepModel(
  run: Store | string,
  out: Store | string,
  { notice = () => {}, ...others }: KeepOptions = {},
): Promise<KeptRecord> {
  const trained = await openModel(run)
  const { config, folder, model, steps } = trained
  const { recipe, from, teacher } = config
  if (learnerOf(recipe).hasCounts)
    throw new UserError(
      `${folder}: its model holds counts, and a network alone is kept: name a run without --mix-order`,
    )
  const bytes = encodeKept(model.stateDict(), folder)
  model.loadStateDict(decodeKept(bytes, folder)) // so that the loss is that of what is kept
  const validation = validates(recipe) ? await validationLoss() : undefined
  const kept = { steps, ...(validation !== undefined && { validation }) }
  const { lines, sha256 } = config.data
  const portable: RunConfig = {
    kept,
    ...config,
    recipe: {
      ...recipe,
      ...(recipe.from !== undefined && { from: lastOf(recipe.from) }),
      ...(recipe.teacher !== undefined && { teacher: lastOf(recipe.teacher) }),
    },
    data: { lines, sha256 },
    ...(from && { from: { ...from, name: lastOf(from.name) } }),
    ...(teacher && { teacher: { ...teacher, name: lastOf(teacher.name) } }),
  }
  const store = storeOf(out)
  const unlock = await store.lock()
  try {
    if ((await store.read(files.config)) && !(await readConfig(store)).kept)
      throw new UserError(`${store.name}: there is a run in this folder: name another`)
    await store.write(KEPT_MODEL, bytes)
    await store.write(files.config, showConfig(portable))
  } finally {
    await unlock()
  }
  return kept

  async function validationLoss(): Promise<number> {
    const runtime = runtimeOf(recipe, notice)
    const request = { ...others, notice, runtime, parts: ["validation"] } as const
    const { reports } = await kindOf(recipe).evaluate(trained, request)
    return Number(reports.validation.natsPerSymbol.value.toFixed(6))
  }
}

/** The name of a run without the place of its folder, which is another on each machine. */
const lastOf = (run: string): string => run.replace(/[/\\]+$/, "").replace(/^.*[/\\]/, "")
