/**
 * The list or text that a run of the disk was trained on, so that the page can go on with it. It may lie outside of the folder that is served, where
 * the run's config says. Only a file with the very lines that the run began with is given away: a config that somebody else wrote cannot
 * name a file to learn what is in it.
 */
import { basename } from "node:path"
import { dataSets } from "../data/catalog.ts"
import { UserError } from "../errors.ts"
import { openCorpus } from "./corpora/index.ts"
import { openData } from "./open-data.ts"
import { readConfig } from "./run-config.ts"

export interface ListOfRun {
  /** That of the file: of a run that keeps its lines, and whose list is gone, list.txt. */
  readonly name: string
  readonly path: string
}

/** Undefined for a data set of the package, for sounds, and for a list that is not there any more. */
export async function listOfRun(folder: string): Promise<ListOfRun | undefined> {
  try {
    const config = await readConfig(folder)
    const { data, sampleRate } = config.recipe
    if (sampleRate !== undefined || Object.hasOwn(dataSets, data)) return undefined
    const found = await openData({ folder, config }, async (recipe) => {
      const { sha256 } = await openCorpus(recipe)
      return { sha256, path: recipe.data }
    })
    return found.sha256 === config.data.sha256 ? { name: basename(found.path), path: found.path } : undefined
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return undefined
  }
}
