/**
 * `npm run lists [list ...]` compares what `make` predicts with n-grams and networks, on real lists, three splits each. Results are kept
 * in runs/lists, so that the same command goes on after Ctrl-C; the table in README.md is written when nothing is missing.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { table } from "../../src/charts/table.ts"
import { fail } from "../../src/cli/ending.ts"
import { notice, print, printJson } from "../../src/cli/output.ts"
import { UserError } from "../../src/errors.ts"
import { PythonRandom } from "../../src/random/python.ts"
import { contenders, readable, type Score } from "./contenders.ts"
import { lists } from "./lists.ts"

const help = `npm run lists -- [list ...] [options]

  --only A,B       these contenders: ${Object.keys(contenders).join(", ")}
  --seeds 1,2,3    the splits, 80 % of the lines to train on and 20 % to test
  --again          measure what was measured before, too
  --json           print one JSON object per list

Lists: ${Object.keys(lists).join(", ")}`

const folder = "runs/lists"

async function scored(list: string, contender: string, seed: number, again: boolean): Promise<Score> {
  const path = `${folder}/${list.replace(/\W+/g, "-")}-${contender.replace(/\W+/g, "-")}-${seed}.json`
  if (!again && existsSync(path)) return JSON.parse(readFileSync(path, "utf8"))
  const lines = lists[list]()
  new PythonRandom(seed).shuffle(lines)
  const end = Math.floor(0.8 * lines.length)
  const train = lines.slice(0, end)
  const test = readable(train, lines.slice(end))
  const score = await contenders[contender]({ train, test }, seed)
  writeFileSync(path, JSON.stringify(score))
  notice(`${list}, split ${seed}, ${contender}: ${score.loss.toFixed(4)} in ${score.seconds.toFixed(1)} s`)
  return score
}

const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      only: { type: "string" },
      seeds: { type: "string", default: "1,2,3" },
      again: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  })
  if (values.help) return print(help)
  const chosen = positionals.length > 0 ? positionals : Object.keys(lists)
  const compared = values.only?.split(",") ?? Object.keys(contenders)
  const unknown = [
    ...chosen.filter((name) => !Object.hasOwn(lists, name)),
    ...compared.filter((name) => !Object.hasOwn(contenders, name)),
  ]
  if (unknown.length > 0) throw new UserError(`${unknown[0]}: no such list or contender:\n\n${help}`)
  const seeds = values.seeds.split(",").map(Number)
  mkdirSync(folder, { recursive: true })
  const rows: string[][] = []
  for (const list of chosen) {
    const scores: Record<string, Score[]> = {}
    for (const contender of compared) {
      scores[contender] = []
      for (const seed of seeds) scores[contender].push(await scored(list, contender, seed, values.again))
    }
    const losses = Object.fromEntries(
      Object.entries(scores).map(([name, each]) => [name, mean(each.map(({ loss }) => loss))]),
    )
    const best = (names: readonly string[]) => {
      const [first] = names.filter((name) => name in losses).sort((a, b) => losses[a] - losses[b])
      return first === undefined ? "" : `${losses[first].toFixed(2)} (${first})`
    }
    const isCount = (name: string) => name.endsWith("-gram")
    const others = compared.filter((name) => !isCount(name) && !["make", "from the base"].includes(name))
    const made = scores.make ?? []
    if (values.json) printJson({ list, lines: lists[list]().length, losses, scores })
    rows.push([
      list,
      lists[list]().length.toLocaleString("en"),
      losses.make?.toFixed(2) ?? "",
      best(compared.filter(isCount)),
      best(others),
      losses["from the base"]?.toFixed(2) ?? "",
      made.length > 0 ? mean(made.map(({ seconds }) => seconds)).toFixed(0) : "",
      made.length > 0 ? `${Math.round(100 * mean(made.map((each) => each.new ?? 0)))} %` : "",
    ])
  }
  const head = ["list", "lines", "make", "best n-gram", "best network", "from the base", "seconds", "new"]
  if (!values.json) print(table([head, ...rows], { markdown: true }))
}

if (import.meta.main) await main(process.argv.slice(2)).catch(fail)
