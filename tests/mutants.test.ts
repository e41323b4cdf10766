/** The list of `npm run mutants` keeps up with the code, though only that command runs it. */
import { existsSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { mutants } from "./mutants/mutants.ts"

test.each(mutants)("$fault: its text is in $file once, and its tests are there", ({ file, text, tests }) => {
  expect(readFileSync(file, "utf8").split(text)).toHaveLength(2)
  expect(tests.filter((each) => !existsSync(each))).toEqual([])
})
