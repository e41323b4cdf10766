/** Tests that ask Python. Where it lacks the package they are skipped, and counted as such. */
import { test } from "vitest"
import { type Package, pythonWith } from "./python.ts"

export const testByPython = (wanted: Package) => test.skipIf(!pythonWith(wanted))
