/** The lecture's chapters as the page tells them: the text and code of the files in `lecture/`, and what the page shows beside each. */
import type { Preset } from "./presets.ts"
import { presets } from "./presets.ts"

export interface Cell {
  readonly title: string
  readonly text: string
  readonly code: string
}

export interface Chapter {
  readonly title: string
  /** The place in the video, such as "21:36". */
  readonly time: string
  readonly text: string
  readonly cells: readonly Cell[]
  readonly preset: Preset
  readonly panel: string
  readonly context: string
}

/** The row of the lecture's log, the panel and the context of each chapter, by the number of its file. */
const shown: Readonly<Record<string, { row: number; panel: string; context: string }>> = {
  "01": { row: 1, panel: "tree", context: "emm" },
  "02": { row: 1, panel: "layers", context: "emm" },
  "03": { row: 1, panel: "layers", context: "emm" },
  "04": { row: 4, panel: "tree", context: "deandre" },
  "05": { row: 2, panel: "tree", context: "deandre" },
  "06": { row: 4, panel: "tree", context: "deandre" },
  "07": { row: 3, panel: "batch-norm", context: "deandre" },
  "08": { row: 5, panel: "tree", context: "deandre" },
}

const files = import.meta.glob<string>("../../lecture/*.ts", {
  query: "?raw",
  import: "default",
  eager: true,
})

export const chapters: readonly Chapter[] = Object.entries(files)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .flatMap(([path, source]) => {
    const state = shown[/(\d\d)-[^/]*$/.exec(path)?.[1] ?? ""]
    return state ? [chapterOf(source, state)] : []
  })

function chapterOf(source: string, { row, panel, context }: (typeof shown)[string]): Chapter {
  const [header, ...cells] = source.split(/^\/\/ %% /m)
  const opening = /\/\*\*([\s\S]*?)\*\//.exec(header)?.[1].replace(/^ *\* ?/gm, "") ?? ""
  const [first = ""] = opening.split(/\n\s*\n/)
  // "Chapter 6, 21:36: the tree as layers. It relies on ..."
  const [, time, title, text] = /^Chapter \d+[^:]*?(\d+:\d+): ([^.]*)\.?([\s\S]*)$/.exec(joined(first)) ?? [
    "",
    "",
    joined(first),
    "",
  ]
  return {
    title,
    time,
    text: text.trim(),
    cells: cells.map(cellOf),
    preset: presets.find((preset) => preset.row === row)!,
    panel,
    context,
  }
}

function cellOf(cell: string): Cell {
  const [title, ...lines] = cell.split("\n")
  const end = lines.findIndex((line) => !line.startsWith("//"))
  const text = joined(
    lines
      .slice(0, end)
      .map((line) => line.replace(/^\/\/ ?/, ""))
      .join("\n"),
  )
  return { title, text, code: lines.slice(end).join("\n").trim() }
}

function joined(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ")
}
