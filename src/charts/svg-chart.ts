/**
 * Charts as SVG, in a page or in Node: Observable Plot draws them, and a title, a legend, and colors legible on white and on
 * black are added here. Source: https://observablehq.com/plot
 */
import type { Markish, PlotOptions } from "@observablehq/plot"

type Plot = typeof import("@observablehq/plot")

export interface SvgChart
  extends Omit<PlotOptions, "marks" | "title" | "subtitle" | "document" | "className"> {
  readonly title: string
  readonly subtitle?: string
  readonly legend?: readonly LegendEntry[]
  /** Whether title, subtitle and legend are drawn, which the page around a chart may have instead. Default: true. */
  readonly headed?: boolean
  readonly marks: (plot: Plot) => Markish[]
}

/** The x axis of a training. */
export const stepAxis = {
  label: "steps taken",
  tickFormat: (step: number) => step.toLocaleString("en"),
  nice: true,
}

export interface LegendEntry {
  readonly name: string
  readonly color: string
  /** Of its line, or of a dot in its place. */
  readonly mark?: {
    readonly opacity?: number
    readonly width?: number
    readonly dashes?: string
    readonly dot?: true
  }
}

/** The legend's mark for a cloud of single batches behind a curve. */
export const faint = { opacity: 0.35, width: 4 }

/** Legible on white and on black, and distinguishable with color blindness. */
export const colors = ["#4c7fe0", "#e8590c", "#3ca951", "#a463f2", "#d6336c", "#0c8599", "#9c6b4e", "#868e96"]

const FONT = 11
const LETTER = 0.58 * FONT // the average width
const LINE = 18
const EDGE = 12

/** The text of an SVG file. */
export async function svgChart({
  title,
  subtitle,
  legend = [],
  headed = true,
  marks,
  width = 720,
  y: { label, ...y } = {},
  marginTop = label ? 30 : 10,
  ...options
}: SvgChart): Promise<string> {
  const [Plot, document] = await Promise.all([import("@observablehq/plot"), openDocument()])
  const rows = legendRows(legend, width - 2 * EDGE)
  const above = headed ? EDGE + 8 + LINE * ((subtitle ? 2 : 1) + rows.length) : 0
  const svg = Plot.plot({
    marginLeft: 48,
    marginRight: 24,
    marginBottom: 42,
    ...options,
    y: { ...y, label: null },
    width,
    ...(options.height !== undefined && { height: options.height + above }),
    marginTop: above + marginTop,
    document,
    className: "makewave-chart",
    marks: marks(Plot),
  }) as SVGSVGElement
  const element = svgElements(document)

  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg")
  svg.setAttribute("role", "img")
  svg.setAttribute("font-size", String(FONT))
  const paper = element("rect", { class: "paper", width: "100%", height: "100%" })
  svg.prepend(element("title", {}, title), element("style", {}, appearance), paper)
  const left = { x: EDGE, "text-anchor": "start" }
  if (headed)
    svg.append(element("text", { ...left, y: EDGE + 12, "font-size": 15, "font-weight": 600 }, title))
  if (headed && subtitle) svg.append(element("text", { ...left, y: EDGE + 12 + LINE }, subtitle))
  if (label) svg.append(element("text", { ...left, y: above + marginTop - 12 }, `↑ ${label}`))
  const group = element("g", { "aria-label": "legend", "text-anchor": "start" })
  for (const [row, entries] of rows.entries()) {
    const y = EDGE + 10 + LINE * ((subtitle ? 2 : 1) + row)
    for (const { name, color, mark: { width = 2, opacity = 1, dashes, dot } = {}, x } of entries) {
      const line = { d: `M${x},${y}h16`, stroke: color, "stroke-width": width, opacity }
      group.append(
        dot
          ? element("circle", { cx: x + 8, cy: y, r: width, fill: color, opacity })
          : element("path", dashes === undefined ? line : { ...line, "stroke-dasharray": dashes }),
        element("text", { x: x + 22, y: y + 4 }, name),
      )
    }
  }
  if (headed && rows.length > 0) svg.append(group)
  return `${xml(svg.outerHTML)}\n`
}

/** HTML as XML, which has no &nbsp; and forbids control characters, lone surrogates and U+FFFF. Pictures of them replace them. */
const xml = (html: string): string =>
  html
    .replaceAll("&nbsp;", "&#160;")
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, (character) => {
      const code = character.charCodeAt(0)
      return String.fromCharCode(code < 0x20 ? 0x2400 + code : 0xfffd)
    })

const appearance = `.makewave-chart { color: #1f2328; max-width: 100%; height: auto }
.makewave-chart .paper { fill: #ffffff }
.makewave-chart .halo { stroke: #ffffff; stroke-width: 3px; paint-order: stroke }
@media (prefers-color-scheme: dark) {
  .makewave-chart { color: #e6edf3 }
  .makewave-chart .paper { fill: #0d1117 }
  .makewave-chart .halo { stroke: #0d1117 }
}`

/** A function that creates SVG elements with attributes and text. */
export const svgElements =
  (document: Document) =>
  (name: string, attributes: Record<string, string | number>, text = ""): SVGElement => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name) as SVGElement
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
    element.textContent = text
    return element
  }

/** The page's document, or one of linkedom's in Node: of its worker build, which needs no Node modules. */
async function openDocument(): Promise<Document> {
  if (globalThis.document) return globalThis.document
  const { parseHTML } = await import("linkedom/worker")
  return parseHTML("<!doctype html><html><body></body></html>").document
}

/** Lays entries out in rows no wider than `width`. */
function legendRows(entries: readonly LegendEntry[], width: number): (LegendEntry & { x: number })[][] {
  const rows: (LegendEntry & { x: number })[][] = []
  let end = Infinity
  for (const entry of entries) {
    const needed = 22 + entry.name.length * LETTER + 16
    if (end + needed > EDGE + width) {
      rows.push([])
      end = EDGE
    }
    rows.at(-1)!.push({ ...entry, x: end })
    end += needed
  }
  return rows
}
