/**
 * Writes each chapter of `lecture/` that the page asks for, as in "06-hierarchical-network.ts?chapter", as what it shows of it: the title,
 * the place in the lecture, and the cells as HTML, so that the page has no parser of Markdown.
 */
import { readFileSync } from "node:fs"
import { Marked } from "marked"
import type { Plugin } from "vite"
import { cellsOf } from "../../lecture/tools/cells.ts"
import type { ChapterText } from "../src/chapter-text.ts"

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

/** Code is scrolled by keyboard where its lines are long. */
const code = (text: string): string => `<pre tabindex="0"><code>${escaped(text)}</code></pre>\n`

/** A cell of code is folded, as a twin in PyTorch is. */
const folded = (text: string): string => `<details><summary>Code</summary>\n${code(text)}</details>\n`

/** Between dollars, "_" and "*" are no emphasis. */
const math = {
  name: "math",
  level: "inline" as const,
  start: (text: string) => text.indexOf("$"),
  tokenizer(text: string) {
    const found = /^(\$\$?)(?! )[^$]+\1/.exec(text)
    return found ? { type: "math", raw: found[0] } : undefined
  },
  renderer: ({ raw }: { raw: string }) => escaped(raw),
}

const markdown = new Marked({
  extensions: [math],
  // The page's own headings are of level 1 and 2, with the title of the chapter.
  walkTokens(token) {
    if (token.type === "heading") token.depth += 1
  },
  renderer: {
    code: ({ text }) => code(text),
    // The corner of a table heads nothing.
    tablecell: ({ header, text }) => (header && text === "" ? "<td></td>\n" : false),
    // The page has none of the files that a chapter links to.
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens)
      return /^https?:/.test(href)
        ? `<a href="${escaped(href)}" target="_blank" rel="noopener">${text}</a>`
        : text
    },
  },
})

/** What the page shows of the source of a chapter; undefined if it does not open with a title, "# Chapter 6: the tree as layers". */
export function chapterText(source: string): ChapterText | undefined {
  const [opening, ...cells] = cellsOf(source)
  // Below the title: "*21:36 in the lecture, cells 7 to 9 of its notebook.* The text."
  const found = /^# Chapter \d+: (.*)\n+(?:\*([^*]+?)\.?\*\s*)?([\s\S]*)$/.exec(`${opening?.source}\n`)
  if (!found) return undefined
  const [, title, place = "", text] = found
  const html = [{ kind: "markdown", source: text }, ...cells].map(({ kind, source }) =>
    kind === "code" ? folded(source) : markdown.parse(source, { async: false }),
  )
  return { title, place, html: html.join("") }
}

const QUERY = "?chapter"

export function chapters(): Plugin {
  return {
    name: "chapters",
    enforce: "pre",
    load(id) {
      if (!id.endsWith(QUERY)) return undefined
      const path = id.slice(0, -QUERY.length)
      const chapter = chapterText(readFileSync(path, "utf8"))
      if (!chapter)
        this.error(`${path}: it opens without "// # Chapter N: title" in a cell of Markdown: write it first`)
      return `export default ${JSON.stringify(chapter)}`
    },
  }
}
