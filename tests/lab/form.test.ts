/** The form of the lab's settings: what stands in its fields is what a training of these settings has. */
import { expect, test } from "vitest"
import { type Form, formOf } from "../../lab/src/trainer/form.ts"
import { prepare } from "../../src/runs/corpora/index.ts"
import type { SettingName } from "../../src/runs/settings.ts"

const fieldOf = ({ fields }: Form, name: SettingName) => fields.find((field) => field.name === name)?.value

const bytes = new TextEncoder().encode("emma\nolivia\nava\nisabella\nsophia\n")

test("a model has the defaults of its own recipe", async () => {
  for (const model of ["mlp", "rnn", "wavenet"] as const) {
    const form = formOf({ data: "list.txt", model })
    const { recipe } = await prepare({ data: "list.txt", model }, { bytes })
    expect([model, fieldOf(form, "steps"), fieldOf(form, "optimizer")]).toEqual([
      model,
      `${recipe.steps}`,
      recipe.optimizer,
    ])
  }
})

test("what the data decides is left open until it is known", async () => {
  const { recipe } = await prepare({ data: "list.txt" }, { bytes })
  expect(fieldOf(formOf({}), "model")).toBeUndefined()
  expect(fieldOf(formOf({ seed: 7 }), "seed")).toBe("7")
  const known = formOf({ seed: 7 }, undefined, recipe)
  expect(fieldOf(known, "model")).toBe(recipe.model)
  expect(fieldOf(known, "steps")).toBe(`${recipe.steps}`)
  expect(fieldOf(known, "seed")).toBe("7")
  expect(fieldOf(formOf({ model: "mlp" }, undefined, recipe), "model")).toBe("mlp")
})

test("a change that is refused says of which setting, and changes nothing", () => {
  const settings = { model: "mlp", hidden: 20 } as const
  const form = formOf(settings, { name: "hidden", text: "many" })
  expect(form.settings).toEqual(settings)
  expect(form.problem).toMatchObject({ name: "hidden", sentence: expect.stringContaining("many: give") })
  expect(formOf(settings, { name: "hidden", text: "30" }).problem).toBeUndefined()
})
