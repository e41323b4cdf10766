/** The settings in which recipes differ, and their values as text; a page can load this without knowing any model. */
import { textOf } from "../charts/value-axis.ts"
import type { Recipe } from "../runs/recipe.ts"
import type { SettingName } from "../runs/settings.ts"
import { shown, type Value } from "../setting.ts"

/** The settings in which recipes differ, in the order of the recipes, each with the value of every one; null where it has none. */
export function differingSettings(recipes: readonly Recipe[]): Record<string, (Value | null)[]> {
  const keys = Object.keys(Object.assign({}, ...recipes)) as SettingName[]
  const values = keys.map((key) => [key, recipes.map(({ [key]: value }) => value ?? null)] as const)
  return Object.fromEntries(values.filter(([, each]) => new Set(each.map(String)).size > 1))
}

/** The value of a setting; a number that was drawn or computed to four digits. */
export const valueText = (value: Value): string =>
  typeof value === "number" && !Number.isInteger(value) ? textOf(value) : shown(value)
