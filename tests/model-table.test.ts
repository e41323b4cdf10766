/** The README's table of models: formatted as the script writes it, one row per recipe, with the sizes of the recipes' models. */
import { globSync, readFileSync } from "node:fs"
import { basename } from "node:path"
import { expect, test } from "vitest"
import { modelTable, type Row, withTable } from "../recipes/table.ts"
import { readConfigFile } from "../src/cli/config-file.ts"
import { UserError } from "../src/errors.ts"
import { models } from "../src/models/index.ts"
import { createModel, resolveRecipe } from "../src/runs/recipe.ts"

const page = readFileSync("README.md", "utf8")
const recipes = globSync("recipes/*.yaml").map((path) => basename(path, ".yaml"))

/** The rows, parsed from the table. */
const rows = page
  .slice(page.indexOf("<!-- The table below"), page.indexOf("<!-- End of"))
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .slice(2)
  .map((line): Row => {
    const [first, ...numbers] = line.slice(2, -2).split(" | ")
    const [, linked, recipe] = /^\[(.*)\]\(recipes\/(.*)\.yaml\)$/.exec(first) ?? []
    const [parameters, steps, seconds, stepsPerSecond, validation] = numbers.map((text) =>
      text.trim() === "" ? undefined : Number(text.replaceAll(",", "")),
    )
    return {
      model: linked ?? first,
      recipe,
      parameters,
      steps,
      seconds,
      stepsPerSecond,
      validation: validation!,
    }
  })

test("the README has the table as the script writes it, and replacing it leaves the rest of the page alone", () => {
  expect(withTable(page, rows)).toBe(page)
  expect(withTable(page, rows.slice(1)).length).toBeLessThan(page.length)
  expect(() => withTable("# makewave", rows)).toThrow(UserError)
})

test("rows are sorted from the highest loss to the lowest, and missing figures are left blank", () => {
  const one = {
    model: "one",
    recipe: "one",
    parameters: 1234,
    steps: 5000,
    seconds: 3.14,
    stepsPerSecond: 1592.4,
  }
  expect(
    modelTable([
      { ...one, validation: 1.5 },
      { model: "other", validation: 2 },
    ])
      .split("\n")
      .slice(2),
  ).toEqual([
    "| other |  |  |  |  | 2.0000 |",
    "| [one](recipes/one.yaml) | 1,234 | 5,000 | 3.1 | 1,592 | 1.5000 |",
  ])
})

test.each(["ngram", ...Object.keys(models)])(
  "%s has a recipe and a row, with its steps and parameters",
  async (name) => {
    const recipe = resolveRecipe(await readConfigFile(`recipes/${name}.yaml`), { longestLine: 15 })
    expect(recipe).toMatchObject({ data: "makemore-names", model: name })
    const row = rows.find((row) => row.recipe === name)
    if (recipe.model === "ngram") expect(row).toMatchObject({ parameters: 134_297, validation: 1.974 })
    else
      expect(row).toMatchObject({ steps: recipe.steps, parameters: createModel(recipe, 27).parameterCount })
  },
)

test("every recipe names a model, and the baselines are there", () => {
  expect(recipes.sort()).toEqual(["ngram", ...Object.keys(models)].sort())
  expect(rows.filter(({ recipe }) => !recipe).map(({ validation }) => validation)).toEqual([3.2958, 1.9937])
})
