/**
 * The README's table of models: each trained on names.txt by its recipe, the file of its name beside this one, and all of them in
 * the order of their validation losses.
 *
 *   npm run table                  trains what is not trained yet, in runs/table, and writes the table into README.md
 *   npm run table -- gru lstm      these alone
 *   npm run table -- --json        one object a model on standard output, and README.md stays as it is
 *
 * After Ctrl-C the same again goes on.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { table } from "../src/charts/table.ts"
import { readConfigFile } from "../src/cli/config-file.ts"
import { fail } from "../src/cli/ending.ts"
import { grouped, notice, printJson } from "../src/cli/output.ts"
import { UserError } from "../src/errors.ts"
import { models } from "../src/models/index.ts"
import { runTraining } from "../src/runs/run-training.ts"
import { NGRAM } from "../src/runs/settings.ts"

export interface Row {
  readonly model: string
  /** What the rows of a file are: a model's name, whose recipe is there. */
  readonly recipe?: string
  readonly parameters?: number
  readonly steps?: number
  readonly seconds?: number
  readonly stepsPerSecond?: number
  /** In nats a symbol. */
  readonly validation: number
}

const recipes = [NGRAM, ...Object.keys(models)]
const BEGIN = "<!-- Between here and the end of the table `npm run table` writes. -->"
const END = "<!-- The end of the table. -->"
const folder = "runs/table"

/** What is no model of makewave's, to compare with. */
const others: readonly Row[] = [
  { model: "every symbol alike", parameters: 0, validation: Math.log(27) },
  { model: "the notebook's last, in PyTorch", parameters: 76_579, steps: 200_000, validation: 1.9937 },
]

/** The table in Markdown, from the highest loss to the lowest. */
export function modelTable(rows: readonly Row[]): string {
  const shown = (x: number | undefined) => (x === undefined ? "" : grouped(Math.round(x)))
  const lines = rows
    .toSorted((a, b) => b.validation - a.validation)
    .map(({ model, recipe, parameters, steps, seconds, stepsPerSecond, validation }) => [
      recipe === undefined ? model : `[${model}](recipes/${recipe}.yaml)`,
      shown(parameters),
      shown(steps),
      seconds === undefined ? "" : seconds < 10 ? seconds.toFixed(1) : shown(seconds),
      shown(stepsPerSecond),
      validation.toFixed(4),
    ])
  const head = ["model and its recipe", "parameters", "steps", "seconds", "steps a second", "validation loss"]
  return table([head, ...lines], { markdown: true })
}

/** The page with another table in its place. */
export function withTable(page: string, rows: readonly Row[]): string {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (before < 0 || after < before)
    throw new UserError(`README.md: the lines that hold the table are not there: put back\n${BEGIN}\n${END}`)
  return `${page.slice(0, before + BEGIN.length)}\n\n${modelTable(rows)}\n\n${page.slice(after)}`
}

/** Trains by a recipe, unless that is done already. */
async function rowOf(name: string): Promise<Row> {
  const path = `recipes/${name}.yaml`
  const given = await readConfigFile(path)
  const out = join(folder, name)
  const kept = `${out}.json`
  if (existsSync(kept)) {
    const { recipe, row } = JSON.parse(readFileSync(kept, "utf8"))
    if (JSON.stringify(recipe) === JSON.stringify(given)) return row
    throw new UserError(`${kept}: ${path} was another when it trained: delete ${out} and ${kept}`)
  }
  const begun = existsSync(join(out, "config.json"))
  notice(`${name}: ${begun ? "going on" : "training"} in ${out}`)
  const found: Partial<Record<keyof Row, number>> = {}
  for await (const event of runTraining(begun ? { given, resume: out } : { given, out })) {
    if (event.kind === "begun") found.parameters = event.model.parameterCount
    else if (event.kind === "trained" && event.stepsPerSecond > 0) {
      const { steps, stepsPerSecond } = event // of a run that was gone on with the pace is that of its last part
      Object.assign(found, { steps, stepsPerSecond, seconds: steps / stepsPerSecond })
    } else if (event.kind === "trained") found.seconds = event.seconds
    else if (event.kind === "evaluated") found.validation = event.validation
  }
  const row = { model: name, recipe: name, ...found }
  writeFileSync(kept, `${JSON.stringify({ recipe: given, row })}\n`)
  return row as Row
}

async function main(args: readonly string[]): Promise<void> {
  const names = args.filter((each) => each !== "--json")
  const unknown = names.find((name) => !recipes.includes(name))
  if (unknown) throw new UserError(`${unknown}: there is no such recipe: give some of ${recipes.join(", ")}`)
  mkdirSync(folder, { recursive: true })
  const rows: Row[] = []
  for (const name of names.length > 0 ? names : recipes) {
    const row = await rowOf(name)
    rows.push(row)
    if (args.includes("--json")) printJson(row)
  }
  if (args.includes("--json") || names.length > 0) return
  writeFileSync("README.md", withTable(readFileSync("README.md", "utf8"), [...rows, ...others]))
  notice("README.md: its table is written")
}

if (import.meta.main) await main(process.argv.slice(2)).catch(fail)
