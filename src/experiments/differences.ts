/** In which settings runs differ, what they are called by them, and which are the same training with another seed. */
import { lastNameOf } from "../data/disk.ts"
import type { Recipe } from "../runs/recipe.ts"
import type { RunConfig } from "../runs/run-config.ts"
import { groups, namesOf, type SettingName, settings } from "../runs/settings.ts"
import type { Value } from "../setting.ts"
import { differingSettings, valueText } from "./differing-settings.ts"

/** Settings that change no number of a training. */
const thatChangeNothing: ReadonlySet<string> = new Set([
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

/** Settings as a name, "gru, hidden 64, no clipNorm": null is one that is left out, and undefined one that does not apply. */
export const nameBySettings = (chosen: Readonly<Record<string, Value | null | undefined>>): string =>
  Object.entries(chosen)
    .flatMap(([key, value]) => {
      if (value === undefined) return []
      if (value === null) return [`no ${key}`]
      if (key === "model") return [String(value)]
      return [`${key} ${key === "data" ? lastNameOf(String(value)) : valueText(value)}`]
    })
    .join(", ")

/** In letters. */
const LONGEST_NAME = 40

/** What tells runs apart, for a legend: all settings that differ and do not follow from others, their models, models and seeds, or else their folders. */
export function namesByDifference(runs: readonly { folder: string; recipe: Recipe }[]): string[] {
  const differing = Object.entries(differingSettings(runs.map(({ recipe }) => recipe)))
  const named = (...keys: readonly string[]) => {
    const chosen = differing.filter(([key]) => keys.includes(key))
    return runs.map((_, k) =>
      nameBySettings(Object.fromEntries(chosen.map(([key, values]) => [key, values[k]]))),
    )
  }
  const all = differing
    .map(([key]) => key as SettingName)
    .filter((key) => key === "seed" || !thatChangeNothing.has(key))
    .filter((key) => !runs.every(({ recipe }) => isDefault(key, recipe)))
  const folders = runs.map(({ folder }) => lastNameOf(folder))
  const isGood = (names: readonly string[]) =>
    new Set(names).size === runs.length && names.every((name) => name.length <= LONGEST_NAME)
  const found = [named(...all), named("model"), named("model", "seed"), folders].find(isGood)
  return found ?? runs.map(({ folder }) => folder)
}

const tokensOf = ({ recipe: { tokens = "characters" } }: RunConfig): string => tokens

/** Why losses a symbol of two runs do not compare, as what is said of both; undefined if their symbols are equally hard to predict. */
export function whyIncomparable(
  one: RunConfig,
  two: RunConfig,
  { isSameData = one.data.sha256 === two.data.sha256 } = {},
): string | undefined {
  if (tokensOf(one) !== tokensOf(two))
    return `read ${tokensOf(one)} and ${tokensOf(two)}: their losses do not compare; evaluate gives them in bits a character, which do`
  const areOne = JSON.stringify(one.vocabulary) === JSON.stringify(two.vocabulary)
  // Of words also on different data: the fewer a vocabulary has, the more of them are one symbol.
  return areOne || !(isSameData || one.recipe.tokens === "words")
    ? undefined
    : "have different vocabularies: their losses do not compare"
}
