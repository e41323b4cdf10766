/**
 * A report as one HTML page that opens from a disk and needs nothing else: the leaderboard, the loss curves, parallel coordinates, the
 * importance of the settings, and the loss against each. Charts, rows and legend of one entry light up together; all of it works by keyboard.
 */
import { type GroupCurve, groupedCurvesSvg } from "../charts/grouped-curves.ts"
import { parallelCoordinatesSvg } from "../charts/parallel-coordinates.ts"
import { scatterPlotSvg } from "../charts/scatter-plot.ts"
import { colors } from "../charts/svg-chart.ts"
import type { SettingName } from "../runs/settings.ts"
import {
  columnsOf,
  columnsSentence,
  entryName,
  importanceSentence,
  noImportanceSentence,
  sentencesOf,
  testSentences,
} from "./leaderboard.ts"
import { axesOf, type Curve, type Entry, type Report } from "./report.ts"
import { reportScript } from "./report-script.ts"

/** Of the best entries in the curves: the last of the palette is grey, as all others are. */
const palette = [...colors.slice(0, -1), "#b08900"]

/** Axes of parallel coordinates, at most; the less important ones are left out. */
const MOST_AXES = 9

export async function reportPage(report: Report, title: string): Promise<string> {
  const { entries, importance, data } = report
  const measured = entries
    .filter(({ validation }) => validation !== undefined)
    .toSorted((a, b) => a.rank - b.rank)
  const axes = data === undefined ? [] : axesOf(report.settings, measured)
  const importances = new Map(importance.map(({ name, importance }) => [name, importance]))
  const chosen = axes
    .toSorted((a, b) => (importances.get(b.name) ?? 0) - (importances.get(a.name) ?? 0))
    .slice(0, MOST_AXES)
  const shown = axes.filter((axis) => chosen.includes(axis))
  const names = axes.length > 0 ? axes.map(({ name }) => name) : report.settings
  const losses = measured.map(({ validation }) => validation!.mean)
  const label = `validation loss, nats per ${report.unit}`
  const groups = measured.map(({ rank }) => rank)
  const missing = noImportanceSentence(report)
  const sections = [
    section(
      "Leaderboard",
      `${leaderboard(report, names)}<p class="note">${escaped([columnsSentence(report), ...testSentences(report)].join(" "))}</p>`,
    ),
    section("Loss curves", await curves(report, measured, names)),
    ...(shown.length > 0 && measured.length > 1
      ? [
          section(
            "Settings and loss",
            `<p class="note">A line is a recipe, blue for the best and orange for the worst. The arrow keys go through them.${
              shown.some(({ values }) => values.includes(undefined))
                ? " – is where a setting does not apply."
                : ""
            }${
              axes.length > shown.length
                ? ` The ${shown.length} most important of ${axes.length} settings are shown.`
                : ""
            }</p>${chart(await parallelCoordinatesSvg({ axes: shown, losses, groups, title: "Settings and loss", label: "loss" }), "wide")}`,
          ),
        ]
      : []),
    ...(importance.length > 0 ? [section("Importance of the settings", importanceList(report))] : []),
    ...(missing === undefined
      ? []
      : [section("Importance of the settings", `<p class="note">${escaped(missing)}</p>`)]),
    ...(shown.length > 0 && measured.length > 1
      ? [
          section(
            "Loss by setting",
            `<div class="charts small">${(
              await Promise.all(
                chosen.map((axis) =>
                  scatterPlotSvg({
                    axis,
                    losses,
                    intervals: measured.map(({ validation }) => validation?.interval),
                    groups,
                    title: `Loss by ${axis.name}`,
                    label,
                  }),
                ),
              )
            )
              .map((svg) => chart(svg))
              .join("")}</div>`,
          ),
        ]
      : []),
    ...(report.broken.length > 0
      ? [
          section(
            "Broken runs",
            `<ul>${report.broken.map(({ problem }) => `<li>${escaped(problem)}</li>`).join("")}</ul>`,
          ),
        ]
      : []),
  ]
  const told = Object.fromEntries(
    entries.map((entry) => [entry.rank, `#${entry.rank}${lossOf(entry)}: ${entryName(entry, names)}`]),
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
<main>
<h1>${escaped(title)}</h1>
<p>${escaped(sentencesOf(report).join(" "))}</p>
${sections.join("\n")}
<footer>makewave report, ${escaped(report.when.slice(0, 16).replace("T", " "))} UTC</footer>
</main>
<p role="status" class="told"></p>
<script>const told = ${JSON.stringify(told).replaceAll("<", "\\u003c")}
${reportScript}</script>
</html>
`
}

const lossOf = ({ validation }: Entry): string => (validation ? `, ${validation.mean.toFixed(4)}` : "")

const section = (heading: string, content: string): string =>
  `<section>\n<h2>${heading}</h2>\n${content}\n</section>`

/** A chart in which the arrow keys go from entry to entry. */
const chart = (svg: string, kind = ""): string =>
  `<figure class="${kind}" tabindex="0">${svg.trim()}</figure>`

function leaderboard(report: Report, names: readonly SettingName[]): string {
  const columns = columnsOf(report)
  const heads = columns.map(({ head, value }) => {
    const isText = report.entries.some((entry) => typeof value(entry) === "string")
    const sorted = head === "#" ? ' aria-sort="ascending"' : ""
    return `<th scope="col"${isText ? ' class="text"' : ""}${sorted}><button>${breakable(escaped(head))}</button></th>`
  })
  const rows = report.entries.map((entry) => {
    const cells = columns.map(({ head, text, value }) => {
      const by = value(entry)
      const isText = typeof by === "string"
      const shown = head === "run" ? shortened(text(entry)) : text(entry)
      const given = by === undefined || String(by) === shown ? "" : ` data-value="${escaped(String(by))}"`
      const whole = shown === text(entry) ? "" : ` title="${escaped(text(entry))}"`
      return `<td${isText ? ' class="text"' : ""}${given}${whole}>${escaped(shown)}</td>`
    })
    return `<tr data-group="${entry.rank}" title="${escaped(entryName(entry, names))}">${cells.join("")}</tr>`
  })
  return `<div class="scroll" tabindex="0" role="region" aria-label="Leaderboard"><table>
<thead><tr>${heads.join("")}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table></div>`
}

/** A head may be broken between the words of a setting. */
const breakable = (head: string): string => head.replace(/(?=[A-Z])/g, "<wbr>")

/** The name of a run, with as many letters as fit; the cell's title has them all. */
function shortened(run: string): string {
  const [, name, others = ""] = /^(.*?)( \+\d+)?$/s.exec(run)!
  const letters = [...name]
  return letters.length > 14 ? `${letters.slice(0, 6).join("")}…${letters.slice(-7).join("")}${others}` : run
}

async function curves(
  report: Report,
  measured: readonly Entry[],
  names: readonly SettingName[],
): Promise<string> {
  const best = new Map(measured.slice(0, palette.length).map(({ rank }, k) => [rank, palette[k]]))
  const last = Math.max(1, ...report.entries.map(({ taken }) => taken))
  const drawn = (of: (curve: Curve) => Curve["training"]): GroupCurve[] =>
    report.curves
      .toSorted((a, b) => b.rank - a.rank)
      .map((curve) => ({ group: curve.rank, color: best.get(curve.rank), points: level(of(curve), last) }))
      .filter(({ points }) => points.length > 0)
  const charts = [
    {
      title: "Validation loss",
      label: `validation loss, nats per ${report.unit}`,
      curves: drawn((curve) => curve.validation),
    },
    { title: "Training loss", label: "mean loss of the batches", curves: drawn((curve) => curve.training) },
  ].filter(({ curves }) => curves.length > 0)
  if (charts.length === 0) return '<p class="note">No run has losses on its way.</p>'
  const svgs = await Promise.all(charts.map(groupedCurvesSvg))
  const legend = measured
    .filter(({ rank }) => best.has(rank))
    .map(
      (entry) =>
        `<li data-group="${entry.rank}"><i style="background:${best.get(entry.rank)}"></i>${escaped(entryName(entry, names))}</li>`,
    )
  const others = measured.length > best.size ? '<li><i style="background:#868e9688"></i>the others</li>' : ""
  return `<div class="charts">${svgs.map((svg) => chart(svg)).join("")}</div>
<ul class="legend">${legend.join("")}${others}</ul>`
}

/** The one loss of a model that counts is a line from the first step to the last. */
const level = (points: Curve["validation"], last: number): Curve["validation"] =>
  points.length === 1 && points[0].step === 0 ? [points[0], { ...points[0], step: last }] : points

function importanceList(report: Report): string {
  const rows = report.importance.map(({ name, importance }) => {
    const percent = `${(100 * importance).toFixed(0)} %`
    return `<tr><th scope="row">${escaped(name)}</th><td><span class="bar" style="width:${(100 * importance).toFixed(1)}%"></span></td><td>${percent}</td></tr>`
  })
  return `<p class="note">${escaped(importanceSentence(report))}</p>
<table class="bars"><tbody>${rows.join("")}</tbody></table>`
}

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0; background: light-dark(#ffffff, #0d1117); color: light-dark(#1f2328, #e6edf3) }
main { max-width: 80rem; margin: 0 auto; padding: 1rem clamp(.8rem, 3vw, 2rem) 5rem }
h1 { font-size: 1.8rem; margin: .5rem 0; overflow-wrap: anywhere }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem }
p { max-width: 52rem; overflow-wrap: anywhere }
.note, footer { color: light-dark(#656d76, #9198a1); font-size: .9rem }
footer { margin-top: 3rem }
:focus-visible { outline: 2px solid #4c7fe0; outline-offset: 2px }
.scroll { overflow: auto; max-height: 36rem; border: 1px solid light-dark(#d1d9e0, #3d444d); border-radius: .5rem }
table { border-collapse: collapse; font-size: .8rem; font-variant-numeric: tabular-nums }
.scroll table { width: 100% }
th, td { padding: .25rem; text-align: right; white-space: nowrap }
.text { text-align: left }
thead th { white-space: normal; vertical-align: bottom; position: sticky; top: 0; background: light-dark(#ffffff, #0d1117); box-shadow: inset 0 -1px light-dark(#d1d9e0, #3d444d); padding: 0 }
thead button { all: unset; box-sizing: border-box; width: 100%; padding: .4rem .25rem; cursor: pointer; font-weight: 600 }
thead button:focus-visible { outline: 2px solid #4c7fe0; outline-offset: -2px }
thead button:hover { text-decoration: underline }
[aria-sort] button::after { color: light-dark(#656d76, #9198a1); padding-left: .25rem }
[aria-sort=ascending] button::after { content: "↑" }
[aria-sort=descending] button::after { content: "↓" }
tbody tr + tr td { border-top: 1px solid light-dark(#d1d9e0, #3d444d) }
tr[data-group]:hover, tr.on { background: light-dark(#eef4ff, #1a2740) }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); gap: 1rem }
.charts.small { grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)) }
figure { margin: 0; border-radius: .5rem }
.charts figure { width: 100%; max-width: 40rem }
.charts.small figure { max-width: 30rem }
figure svg { display: block; width: 100%; max-width: none; height: auto }
.wide { overflow-x: auto }
.wide svg { min-width: 44rem }
.other { stroke: #868e96; stroke-width: 1; stroke-opacity: .45 }
.dimmed [data-group] { opacity: .12 }
.dimmed .on { opacity: 1; stroke-width: 3; stroke-opacity: 1; fill-opacity: 1 }
.dimmed .on.other { stroke: light-dark(#1f2328, #e6edf3) }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; font-size: .85rem }
.legend li { display: flex; align-items: baseline; gap: .4rem }
.legend i { flex: none; width: 1.1rem; height: 3px; align-self: start; margin-top: .65em }
.bars { width: min(100%, 40rem) }
.bars th { text-align: left; font-weight: normal; width: 1% }
.bars td:last-child { width: 1% }
.bar { display: block; height: .8rem; border-radius: .2rem; background: #4c7fe0; min-width: 1px }
.told { position: fixed; inset: auto 0 0; margin: 0; max-width: none; padding: .4rem 1rem; text-align: center; background: light-dark(#ffffff, #0d1117); border-top: 1px solid light-dark(#d1d9e0, #3d444d); font-size: .85rem }
.told:empty { display: none }
@media (max-width: 40rem) { .wide svg { min-width: 54rem } figure:not(.wide) svg { font-size: 14px } }
`

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
