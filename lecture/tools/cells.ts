/**
 * The cells of a chapter, which is a TypeScript file in the percent format: a line "// %%" begins a cell of code, "// %% [markdown]" one
 * of text in comments. Source: https://jupytext.readthedocs.io/en/latest/formats-scripts.html#the-percent-format
 */

export interface Cell {
  readonly kind: "markdown" | "code"
  /** Markdown, or TypeScript. */
  readonly source: string
}

export function cellsOf(chapter: string): Cell[] {
  const [, ...cells] = chapter.split(/^\/\/ %%/m)
  return cells.map((cell): Cell => {
    const [head, ...lines] = cell.split("\n")
    const kind = head.trim() === "[markdown]" ? "markdown" : "code"
    const source = kind === "code" ? lines : lines.map((line) => line.replace(/^\/\/ ?/, ""))
    return { kind, source: source.join("\n").trim() }
  })
}
