/** In which settings runs differ, and which are the same training with another seed. */
import type { Recipe } from "../runs/recipe.ts"
import type { RunConfig } from "../runs/run-config.ts"
import { groups, namesOf, type SettingName, settings } from "../runs/settings.ts"

/** Settings that change no number of a training. */
export const thatChangeNothing: ReadonlySet<string> = new Set([
  ...namesOf(groups.machine),
  ...["logEvery", "checkpointEvery", "tensorboard"],
])

/** Besides these and the seed: those that a hash of the config, or all other settings, stand for. */
export const besideSeed: ReadonlySet<string> = new Set([...thatChangeNothing, "seed", "data", "recipe"])

/** Equal for runs that differ in nothing but their seed. */
export function identityBesideSeed({ recipe, data, from, teacher }: RunConfig): string {
  const own = Object.entries(recipe).filter(([name, value]) => value !== undefined && !besideSeed.has(name))
  return JSON.stringify([
    own.sort(([a], [b]) => (a < b ? -1 : 1)),
    data.sha256,
    from?.sha256,
    teacher?.sha256,
  ])
}

/** Whether a setting has the default that follows from the others, as milestones follow from the steps, or does not apply. */
export const isDefault = (key: SettingName, recipe: Recipe): boolean =>
  recipe[key] === undefined || String(settings[key].default?.of(recipe)) === String(recipe[key])
