/**
 * Prints "N passed, N failed" (and ", N skipped") from Vitest's JSON report, and exits with 1 unless every test ran and
 * passed. With MAKEWAVE_PYTHON=none, skipped tests are no failure: those that need Python are skipped, and CI has all else that
 * tests need. A file that could not be loaded counts as one failure, since none of its tests is in the report.
 */
import { readFileSync } from "node:fs"

interface Report {
  success: boolean
  testResults: { status: string; assertionResults: { status: string }[] }[]
}

const report: Report = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"))
const files = report.testResults
const tests = files.flatMap((file) => file.assertionResults.map((test) => test.status))
const unloaded = files.filter(
  (file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
)
const passed = tests.filter((status) => status === "passed").length
const failed = tests.filter((status) => status === "failed").length + unloaded.length
const skipped = tests.length - passed - (failed - unloaded.length)

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`)
if (!report.success || passed === 0 || failed > 0 || (skipped > 0 && process.env.MAKEWAVE_PYTHON !== "none"))
  process.exitCode = 1
