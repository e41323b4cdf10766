/** `makewave report`: summarizes the runs of a folder as a page and as Markdown, or exports them for other tools. */
import { basename, extname, join, resolve } from "node:path"
import { type Command, Option } from "commander"
import { table } from "../charts/table.ts"
import { requireFolderOf, writeFileAtomic } from "../data/atomic-file.ts"
import { UserError } from "../errors.ts"
import { columnsOf, sentencesOf, testSentences } from "../experiments/leaderboard.ts"
import { listRuns } from "../experiments/listing.ts"
import { type Report, reportOn } from "../experiments/report.ts"
import { reportMarkdown } from "../experiments/report-markdown.ts"
import { reportPage } from "../experiments/report-page.ts"
import type { RunRow } from "../experiments/run-row.ts"
import { runsCsv } from "../experiments/runs-csv.ts"
import { parseWhere, sortRows } from "../experiments/where.ts"
import { either } from "../setting.ts"
import { repeatable } from "./flags.ts"
import {
  bold,
  dim,
  formatCount,
  isPrinted,
  notice,
  outputWidth,
  print,
  printContent,
  printJson,
} from "./output.ts"
import { showLoading, showStage } from "./show-loading.ts"
import { clearStatus } from "./status-line.ts"

const examples = `
Runs that differ only in their seed are one line of the leaderboard, with mean, standard deviation and interval. The page has the
leaderboard, the loss curves, parallel coordinates, the importance of each setting, and the loss against each, in one file that opens from
a disk. The extension of --out chooses the format: .html, .md or .csv; - is standard output. An address is that of an MLflow server.
--where and --sort are those of makewave runs; --sort trial is the order of a sweep's plan.

--tests evaluates every run on the validation part, about a second each, and tests each recipe against the first of the leaderboard, with
--against previous against the one before it, or against that of a run; the tests are those of makewave compare.

Examples:
  makewave report                                     of the runs in ./runs: runs/report.html and runs/report.md
  makewave report runs/wide --where "state = finished"
  makewave report runs/wide --out wide.html
  makewave report runs/wide --format csv --out - | column -ts,
  makewave report runs/wide --format tensorboard --out events
  makewave report runs/wide --out http://127.0.0.1:5000
  makewave report runs/wide --tests                   against the best
  makewave report runs/wide --tests --sort trial --against previous
  makewave report runs/wide --json                    one JSON object`

const formats = ["html", "markdown", "csv", "tensorboard", "mlflow"] as const
type Format = (typeof formats)[number]

const extensions: Readonly<Record<string, Format>> = {
  ".html": "html",
  ".htm": "html",
  ".md": "markdown",
  ".markdown": "markdown",
  ".csv": "csv",
}

export function define(command: Command): void {
  command
    .argument("[folder]", "a folder that has run folders, such as a sweep's (default: runs)")
    .option("--where <condition>", "only runs for which this holds; may be repeated", repeatable)
    .option(
      "--sort <name>",
      "order by this instead of the validation loss; with a dash before it the highest first",
    )
    .option(
      "-o, --out <file>",
      "the file, folder or server to write to (default: report.html and report.md in the folder)",
    )
    .addOption(new Option("--format <name>", "what to write, where --out does not tell").choices(formats))
    .option("--tests", "test which differences are more than chance")
    .option(
      "--against <run>",
      "what is tested against: first, previous, or a run; with --tests (default: first)",
    )
    .option("--data <name-or-file>", "where the runs' own data is, if it was moved; with --tests")
    .option("--json", "print one JSON object, besides writing the files")
    .addHelpText("after", examples)
    .action(report)
}

interface Options {
  readonly where?: readonly string[]
  readonly sort?: string
  readonly out?: string
  readonly format?: Format
  readonly tests?: true
  readonly against?: string
  readonly data?: string
  readonly json?: true
}

async function report(folder = "runs", { where = [], sort, json, ...options }: Options): Promise<void> {
  const { format, outs } = targetOf(folder, options)
  const { against = "first", data, tests } = options
  for (const name of ["against", "data"] as const)
    if (options[name] !== undefined && !tests)
      throw new UserError(`--${name} ${options[name]}: without --tests nothing is evaluated: give it too`)
  if (json && outs.some(isPrinted))
    throw new UserError(`--out ${outs[0]}: --json prints to standard output, too: leave one of the two out`)
  if (tests && format !== undefined && format !== "html" && format !== "markdown")
    throw new UserError(`--tests: ${format} has no leaderboard: leave out --tests, or give --format html`)
  const matches = parseWhere(where)
  if (sort !== undefined) sortRows([], sort) // a name that nothing has
  const { rows: all, broken } = await listRuns(folder)
  if (all.length === 0)
    throw new UserError(
      broken.length > 0
        ? `${folder}: all of its runs are broken, such as ${broken[0].problem}`
        : `${folder}: there are no runs in it: train first, or name another folder`,
    )
  const chosen = all.filter(matches)
  if (chosen.length === 0)
    throw new UserError(
      `${folder}: --where holds for none of its ${formatCount(all.length)} runs: change the condition`,
    )
  const rows = sort === undefined ? chosen : sortRows(chosen, sort)
  const [out] = outs
  if (format === "tensorboard") return exportEvents(out, { folder, rows, json })
  if (format === "mlflow") return exportRuns(out, { folder, rows, json })
  for (const path of outs) if (!isPrinted(path)) await requireFolderOf(path)
  const title = basename(resolve(folder))
  const made =
    format === "csv"
      ? undefined
      : await reportOn(folder, rows, {
          broken,
          ranked: sort === undefined,
          onStage: showStage,
          ...(tests && { tests: { against, data, loading: showLoading(), notice } }),
        }).finally(clearStatus)
  const files: string[] = []
  for (const path of outs) {
    const content =
      made === undefined
        ? runsCsv(rows)
        : formatOf(path, format) === "html"
          ? await reportPage(made, title)
          : reportMarkdown(made, title)
    if (isPrinted(path)) await printContent(content)
    else {
      await writeFileAtomic(path, content)
      files.push(path)
    }
  }
  if (files.length === 0) return
  if (json) return printJson({ ...(made ?? { folder, runs: rows.length }), files })
  if (made) show(made)
  print(
    `${made ? "\n" : ""}${formatCount(rows.length)} ${rows.length === 1 ? "run" : "runs"} in ${files.join(" and ")}`,
  )
}

/** The format, undefined for page and Markdown together, and where to write. */
function targetOf(folder: string, { out, format }: Options): { format?: Format; outs: string[] } {
  const isServer = out !== undefined && /^https?:\/\//i.test(out)
  if (isServer && (format ?? "mlflow") !== "mlflow")
    throw new UserError(`--out ${out}: ${format} is no format of a server: give a file, or --format mlflow`)
  if (isServer && !URL.canParse(out))
    throw new UserError(`--out ${out}: this is no address: give one such as http://127.0.0.1:5000`)
  if (format === "mlflow" && !isServer)
    throw new UserError("--format mlflow: give the address of a server, such as --out http://127.0.0.1:5000")
  if (format === "tensorboard" && (out === undefined || isPrinted(out)))
    throw new UserError("--format tensorboard: give a folder for the event files, such as --out events")
  if (out === undefined) {
    const names = { html: ["report.html"], markdown: ["report.md"], csv: ["runs.csv"] }
    const chosen = format === undefined ? ["report.html", "report.md"] : names[format as keyof typeof names]
    return { format, outs: chosen.map((name) => join(folder, name)) }
  }
  return { format: isServer ? "mlflow" : formatOf(out, format), outs: [out] }
}

function formatOf(out: string, format: Format | undefined): Format {
  const found = format ?? extensions[extname(out).toLowerCase()]
  if (found === undefined)
    throw new UserError(
      `--out ${out}: its name does not tell the format: give --format ${either(formats)}, or a name that ends in ${either(Object.keys(extensions))}`,
    )
  return found
}

/** How many entries are shown in the terminal. */
const SHOWN = 10

function show(report: Report): void {
  const columns = columnsOf(report)
  const shown = report.entries.slice(0, SHOWN).map((entry) => columns.map(({ text }) => text(entry)))
  print(table([columns.map(({ head }) => head), ...shown], { width: outputWidth() }))
  if (report.entries.length > SHOWN) print(dim(`and ${formatCount(report.entries.length - SHOWN)} more`))
  notice(`\n${[...sentencesOf(report), ...testSentences(report)].join(" ")}`)
}

interface Exported {
  readonly folder: string
  readonly rows: readonly RunRow[]
  readonly json?: true
}

const showExport =
  ({ length }: readonly RunRow[]) =>
  (done: number) =>
    showStage("exporting the runs", done / length)

async function exportEvents(out: string, { folder, rows, json }: Exported): Promise<void> {
  const { writeEvents } = await import("../experiments/runs-tensorboard.ts")
  await writeEvents(out, folder, rows, showExport(rows)).finally(clearStatus)
  if (json) return printJson({ folder, runs: rows.length, out })
  print(
    `${formatCount(rows.length)} ${rows.length === 1 ? "run" : "runs"} in ${out}; to see them: tensorboard --logdir ${out}`,
  )
}

async function exportRuns(server: string, { folder, rows, json }: Exported): Promise<void> {
  const { exportToMlflow } = await import("../experiments/mlflow.ts")
  const experiment = basename(resolve(folder))
  const onProgress = showExport(rows)
  const counts = await exportToMlflow(server, rows, { experiment, folder, onProgress }).finally(clearStatus)
  if (json) return printJson({ folder, experiment, ...counts })
  const { created, continued, unchanged } = counts
  print(
    `experiment ${bold(experiment)}: ${formatCount(created)} runs new, ${formatCount(continued)} continued, ${formatCount(unchanged)} unchanged`,
  )
}
