/**
 * A name in the data is the same name in every Unicode form: in a header, a label or a folder, and as the value of a flag, a word, a
 * config file or code. A path stays as it is typed.
 */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { composed } from "../src/data/composed.ts"
import { labelNumber, labelNumbers, labelsOf, parseColumn, Vocabulary } from "../src/data/index.ts"
import { labelsOfClips, readClips, writeWav } from "../src/data/sound/index.ts"
import { UserError } from "../src/errors.ts"
import { resolveRecipe } from "../src/runs/recipe.ts"
import { makewaveHere, THINGS } from "./command-line.ts"
import { tone } from "./sounds.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "makewave-unicode-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** One name in NFC, in NFD, and half in each; its ligature has a compatibility form of its own, which is another name. */
const forms = ["pr\u00e9nom\u00eb \ufb01", "pre\u0301nome\u0308 \ufb01", "pre\u0301nom\u00eb \ufb01"]
const pairs = forms.flatMap((there) => forms.map((here) => [there, here] as const))

test("a text has one form, and invalid text has none", () => {
  expect(new Set(forms.map((form) => composed(` ${form}\n`)))).toEqual(new Set([forms[0]]))
  expect(composed("\ufb01")).not.toBe(composed("fi"))
  expect(composed("\ud55c"), "Hangul").toBe(composed("\u1112\u1161\u11ab"))
  expect(composed("\u212b"), "the angstrom sign is a letter").toBe("\u00c5")
  for (const none of ["\ud83d", "a\0", `a${"\u0301\u0327".repeat(50_000)}`])
    expect(() => composed(none)).toThrow(UserError)
})

test.each(pairs)("%j in a table, asked for as %j", (there, here) => {
  const csv = parseColumn(` ${there} ,${there}2\nanna,${there}\n`, here, { labelColumns: [`${here}2`] })
  const json = JSON.stringify({ [there]: "anna", [`${there}2`]: there })
  const { lines, labels } = parseColumn(json, here, { format: "jsonl", labelColumns: [`${here}2`] })
  for (const found of [csv, { ...csv, lines, labels }]) {
    expect(found.lines).toEqual(["anna"])
    const counted = labelsOf(found, `${here}2`)
    expect(counted).toEqual({ name: `${forms[0]}2`, values: [forms[0]], counts: [1] })
    expect(labelNumber(counted, here)).toBe(0)
    expect([...labelNumbers({ lines: ["a"], labels: { [`${there}2`]: [there] } }, counted)]).toEqual([0])
  }
  expect(labelsOf({ ...csv, labels: { [there]: [there] } }, here).values, "labels made in code").toEqual([
    forms[0],
  ])
  expect(Vocabulary.from([there]).encode(here)).toEqual(Vocabulary.from([here]).encode(there))
  const recipe = resolveRecipe({ model: "wavenet-2016", column: here, condition: `${here}2`, data: here })
  expect([recipe.column, recipe.condition, recipe.data]).toEqual([forms[0], `${forms[0]}2`, here])
})

test("a folder of a voice", async () => {
  const [wav, sounds] = [await writeWav(tone(300)), join(folder, "voices")]
  for (const voice of [forms[1], "other"]) {
    mkdirSync(join(sounds, voice), { recursive: true })
    writeFileSync(join(sounds, voice, "1.wav"), wav)
  }
  const labels = labelsOfClips(await readClips(sounds))
  expect(labels.values).toEqual(["other", forms[0]])
  for (const form of forms) expect(labelNumber(labels, form)).toBe(1)
})

test("the command line: flags, words, a config file, resuming, sampling and evaluating", async () => {
  const here = (...args: string[]) => makewaveHere(args, folder)
  const [nfc, nfd, mixed] = forms
  const [file, out] = [`${nfd}.csv`, `${mixed} run`]
  const rows = THINGS.trimEnd()
    .split("\n")
    .map((thing, k) => `${thing}\u0301,${k % 2 ? nfd : "x"}\n`)
  writeFileSync(join(folder, file), `${nfd},label ${nfd}\n${rows.join("")}`)
  writeFileSync(
    join(folder, "a.yaml"),
    `condition: label ${nfc}\nmodel: wavenet-2016\nlayers: 2\nstacks: 1\n`,
  )
  const word = `column=${mixed}`
  const trained = await here("train", file, word, "--config", "a.yaml", "--steps", "3", "--out", out)
  expect(trained.stderr).toBe("")
  expect(trained.code).toBe(0)
  const { recipe, condition } = JSON.parse(readFileSync(join(folder, out, "config.json"), "utf8"))
  expect([recipe.data, recipe.column, recipe.condition]).toEqual([file, nfc, `label ${nfc}`])
  expect(condition.values).toEqual([nfc, "x"])
  expect(existsSync(join(folder, out)), "a path as it was typed").toBe(true)

  for (const form of forms) {
    const resumed = await here(
      "train",
      "--resume",
      out,
      "--column",
      form,
      "--condition",
      `label ${form}`,
      "--steps",
      "4",
    )
    expect(resumed.code, resumed.stderr).toBe(0)
    const sampled = await here(
      "sample",
      out,
      "-n",
      "1",
      "--condition",
      form,
      "--prompt",
      "c\u0301".normalize(),
    )
    expect(sampled.code, sampled.stderr).toBe(0)
    const evaluated = await here("evaluate", out, "--data", file, "--column", form)
    expect(evaluated.code, evaluated.stderr).toBe(0)
  }
  const wrong = await here("train", file, "--column", "pr\u00e9nomm\u00eb \ufb01")
  expect(wrong.stderr).toContain(`did you mean ${nfc}?`)
}, 120_000)
