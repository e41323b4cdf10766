/** The README's table of models: as the script writes it, a row for each recipe, and the sizes that the recipes' models have. */
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

/** The table's rows, out of its text. */
const rows = page
  .slice(page.indexOf("<!-- Between"), page.indexOf("<!-- The end"))
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

test("it stands as it is written, and what is around it stays", () => {
  expect(withTable(page, rows)).toBe(page)
  expect(withTable(page, rows.slice(1)).length).toBeLessThan(page.length)
  expect(() => withTable("# makewave", rows)).toThrow(UserError)
})

test("its rows go from the highest loss to the lowest, with figures that are not there left out", () => {
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

test("every recipe is of a model, and the bars are there", () => {
  expect(recipes.sort()).toEqual(["ngram", ...Object.keys(models)].sort())
  expect(rows.filter(({ recipe }) => !recipe).map(({ validation }) => validation)).toEqual([3.2958, 1.9937])
})
