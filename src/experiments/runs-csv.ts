/**
 * Runs as CSV, one line each, with what the listing tells and every setting that some run has.
 * Source: RFC 4180, https://www.rfc-editor.org/rfc/rfc4180
 */
import { settings } from "../runs/settings.ts"
import type { RunRow } from "./run-row.ts"

export function runsCsv(rows: readonly RunRow[]): string {
  const own = [
    "run",
    "model",
    "data",
    "state",
    "when",
    "parameters",
    "taken",
    "steps",
    "train",
    "validation",
    "seconds",
  ]
  const others = Object.keys(settings).filter(
    (name) => !own.includes(name) && rows.some(({ recipe }) => name in recipe),
  )
  const lines = rows.map(({ recipe, ...row }) => {
    const values: Readonly<Record<string, unknown>> = { ...recipe, ...row }
    return [...own, ...others].map((name) => field(values[name]))
  })
  return [[...own, ...others], ...lines].map((line) => `${line.join(",")}\r\n`).join("")
}

/** In quotes where it has a separator, a quote, a line break, or spaces at an end. */
function field(value: unknown): string {
  const text = value === undefined || value === null ? "" : String(value)
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
