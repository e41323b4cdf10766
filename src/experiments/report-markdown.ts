/** A report as Markdown: the leaderboard and the importance of settings. The page has the charts besides. */
import { table } from "../charts/table.ts"
import {
  columnsOf,
  columnsSentence,
  importanceSentence,
  noImportanceSentence,
  sentencesOf,
  testSentences,
} from "./leaderboard.ts"
import type { Report } from "./report.ts"

export function reportMarkdown(report: Report, title: string): string {
  const { entries, importance, broken } = report
  const columns = columnsOf(report)
  const rows = [
    columns.map(({ head }) => head),
    ...entries.map((entry) => columns.map(({ text }) => text(entry))),
  ]
  const percents = importance.map(({ name, importance }) => [name, `${(100 * importance).toFixed(0)} %`])
  const missing = noImportanceSentence(report)
  return [
    `# ${title}`,
    sentencesOf(report).join(" "),
    table(rows, { markdown: true, left: 0 }),
    [columnsSentence(report), ...testSentences(report)].join(" "),
    ...(importance.length > 0
      ? [
          "## Importance of the settings",
          importanceSentence(report),
          table([["setting", "importance"], ...percents], { markdown: true }),
        ]
      : []),
    ...(missing === undefined ? [] : ["## Importance of the settings", missing]),
    ...(broken.length > 0 ? ["## Broken runs", broken.map(({ problem }) => `- ${problem}`).join("\n")] : []),
    "",
  ]
    .join("\n\n")
    .trimEnd()
    .concat("\n")
}
