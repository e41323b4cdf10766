/**
 * HTML for notebooks: plain tables and paragraphs. What is outside the program, such as symbols and names, is escaped. Sites that show
 * notebooks remove styles, which only align here.
 */

/** HTML as it is, not a text. */
export interface Html {
  readonly html: string
}

export type Content = string | Html

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character])

/** For what is read letter by letter: a symbol, a line, a value. */
export const code = (text: string): Html => ({ html: `<code>${escaped(text)}</code>` })

/** Between two dollar signs a notebook would read a formula, but not in code. */
const written = (content: Content): string =>
  typeof content === "string" ? escaped(content).replaceAll("$", "<code>$</code>") : content.html

/** In the first column of a table, for what is inside another: four spaces at which no line ends. */
export const indent = "\u00a0".repeat(4)

export const joined = (contents: readonly Content[], separator = ""): Html => ({
  html: contents.map(written).join(separator),
})

export const bold = (content: Content): Html => ({ html: `<b>${written(content)}</b>` })

export const paragraph = (...contents: readonly Content[]): string => `<p>${joined(contents).html}</p>`

export interface HtmlTableOptions {
  /** How many columns are aligned left; the others are aligned right. */
  readonly left?: number
  /** Whether the last row is a total. */
  readonly ruled?: boolean
}

/** The first row is the header; the first cell of each other is the name of the row. */
export function htmlTable(
  rows: readonly (readonly Content[])[],
  { left = 1, ruled = false }: HtmlTableOptions = {},
): string {
  const cell = (tag: string) => (content: Content, k: number) =>
    `<${tag} style="text-align: ${k < left ? "left" : "right"}">${written(content)}</${tag}>`
  const line = (tag: string) => (row: readonly Content[]) => `<tr>${row.map(cell(tag)).join("")}</tr>`
  const [header, ...body] = rows
  const last = ruled ? body.pop() : undefined
  return [
    "<table>",
    `<thead>${line("th")(header)}</thead>`,
    `<tbody>\n${body.map(line("td")).join("\n")}\n</tbody>`,
    ...(last ? [`<tfoot>${line("th")(last)}</tfoot>`] : []),
    "</table>",
  ].join("\n")
}
