/** Opens the data of a run, wherever it is now. Its hash tells whether it is the data that the run began with. */
import { STANDARD_INPUT } from "../data/disk.ts"
import { UserError } from "../errors.ts"
import { type DataPlace, isKeptList, movedTo, placesOf } from "./data-place.ts"
import type { Recipe } from "./recipe.ts"
import type { RunConfig } from "./run-config.ts"

/** What a corpus tells of its data. */
interface Hashed {
  readonly sha256: string
}

interface SomeRun {
  readonly folder: string
  readonly config: RunConfig
}

/**
 * Opens the data in the place that is given, or else in the first place that has the run's data. If only other data is found, returns
 * that: see `requireSameData`. A UserError if there is none.
 */
export async function openData<C extends Hashed>(
  { folder, config }: SomeRun,
  open: (recipe: Recipe) => Promise<C>,
  given: DataPlace = {},
): Promise<C> {
  const { recipe, data } = config
  if (given.data !== undefined) return open(movedTo(recipe, given))
  const places = placesOf(folder, recipe.data, data.path)
  let other: C | undefined
  let refusal: UserError | undefined
  for (const place of places) {
    try {
      const read = isKeptList(folder, place) ? { column: undefined, noHeader: undefined } : {}
      const found = await open({ ...recipe, ...read, data: place })
      if (found.sha256 === data.sha256) return found
      other ??= found
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      refusal ??= error
    }
  }
  if (other) return other
  if (recipe.data === STANDARD_INPUT)
    throw new UserError(
      `${folder} was trained on standard input, which is not kept: say with --data where its data is`,
    )
  throw (
    refusal ??
    new UserError(
      `${recipe.data}: no such file or folder, here or beside ${folder}: put it back, or say with --data where it is`,
    )
  )
}

/** A UserError for data other than that which the run began with. `whole` is what it is, such as a list. */
export function requireSameData(
  { folder, config }: SomeRun,
  { sha256 }: Hashed,
  { data, whole }: { data?: string; whole: string },
): void {
  if (sha256 === config.data.sha256) return
  throw new UserError(
    data === undefined
      ? `${config.recipe.data} has changed since the training of ${folder}: put it back as it was, say with --data where a copy is, or train anew`
      : `${data}: this is not the ${whole} that ${folder} was trained on: give that`,
  )
}
