/** `makewave compare`: runs beside each other, with tests by line that say which differences are more than chance. */
import { type Command, Option } from "commander"
import { table } from "../charts/table.ts"
import { UserError } from "../errors.ts"
import { type ComparedRun, type Comparison, compareRuns, evaluateRuns } from "../experiments/comparison.ts"
import { probabilityText, signed } from "../experiments/leaderboard.ts"
import type { Interval, PairedTest } from "../experiments/statistics.ts"
import type { Part } from "../runs/corpora/corpus.ts"
import { shown, type Value } from "../setting.ts"
import type { Estimate } from "../training/evaluation-report.ts"
import { modelFile } from "./model-file.ts"
import { bold, dim, formatCount, notice, outputWidth, print, printJson } from "./output.ts"
import { findRuns } from "./run-folder.ts"
import { showLoading, showStage } from "./show-loading.ts"
import { openTestPart } from "./test-part.ts"

const examples = `
Each run is tested against the first, line by line: a bootstrap gives the interval of the difference, Wilcoxon's signed-rank test
its p. The tests are about these models on lines like these. Only several seeds show whether one recipe is better than another:
runs that differ in nothing but their seed are summarized, and Welch's t-test compares the recipes that have several. ± is the
standard error over lines. At most one in twenty comparisons of equal models looks like more than chance, so make few, and keep the
test part for the last.

Examples:
  makewave compare runs/a runs/b
  makewave compare runs/a runs/b runs/c --json
  makewave compare runs/a runs/b --part test    noted in test-openings.jsonl of each run`

export function define(command: Command): void {
  command
    .argument(
      "[runs...]",
      "the folders of at least two runs, or their names in ./runs; the others are tested against the first",
    )
    .addOption(
      new Option("--part <part>", "the part of the data to compare them on (default: validation)").choices([
        "train",
        "validation",
        "test",
      ]),
    )
    .option("--data <name-or-file>", "where the runs' own data is, if it was moved")
    .addOption(modelFile())
    .option("--json", "print one JSON object")
    .addHelpText("after", examples)
    .action(compare)
}

async function compare(
  given: readonly string[],
  { part = "validation", data, json }: { part?: Part; data?: string; json?: true },
): Promise<void> {
  const folders = findRuns(given)
  if (folders.length < 2)
    throw new UserError(
      folders.length === 0
        ? "compare: there is nothing to compare: give the folders of at least two runs, such as runs/a runs/b"
        : `${folders[0]}: one run alone cannot be compared: name another beside it`,
    )
  const context = { loading: showLoading(), notice, onStage: showStage }
  const evaluated = await evaluateRuns(folders, { part, data, ...context })
  for (const folder of new Set(folders)) await openTestPart(folder, [part])
  const comparison = compareRuns(evaluated, part)
  if (json) return printJson(comparison)
  print(formatComparison(comparison, outputWidth()))
}

function formatComparison(
  { part, symbol, row, runs, settings, tests, seeds, seedTests }: Comparison,
  width: number,
): string {
  const names = runs.map(({ name, run }) => `${bold(name)}  ${run}`)
  const differing = Object.entries(settings)
  const inTraining = runs.some(({ seen }) => seen)
  const losses = [
    [
      "",
      "parameters",
      "steps",
      `${part}, nats/${symbol}`,
      ...(inTraining ? ["not in training part", "in it too"] : []),
    ],
    ...runs.map(({ name, parameters, loss, unseen, seen, ...run }) => [
      ...[name, formatCount(parameters), stepsText(run), estimate(loss)],
      ...(inTraining ? [estimate(unseen), estimate(seen)] : []),
    ]),
  ]
  const tested = tests.flatMap((test) => ("problem" in test ? [] : [test]))
  const differences = [
    ["", `difference to ${runs[0].name}`, "95 % interval", "p"],
    ...tested.flatMap(({ unseen, seen, name, ...whole }) => [
      [name, ...testCells(whole)],
      ...(unseen && seen
        ? [
            ["  not in training part", ...testCells(unseen)],
            ["  in it too", ...testCells(seen)],
          ]
        : []),
    ]),
  ]
  const bySeed = [
    ["over seeds", "runs", "mean", "deviation", "95 % interval"],
    ...seeds.map(({ names, mean, standardDeviation, interval }) => [
      ...[names.join(" "), formatCount(names.length), mean.toFixed(4), standardDeviation.toFixed(4)],
      intervalText(interval),
    ]),
  ]
  const betweenSeeds = [
    ["over seeds", `difference to ${seedTests[0]?.against.join(" ")}`, "95 % interval", "p"],
    ...seedTests.map(({ names, ...test }) => [names.join(" "), ...testCells(test)]),
  ]
  const isOneRecipe = seeds[0]?.names.length === runs.length
  const overLines = dim(`± is the standard error over ${row}s`)
  const unfinished = runs.filter(({ finished }) => !finished)
  const sentences = [...tests, ...seedTests].map((test) => ("problem" in test ? test.problem : test.sentence))
  return [
    names.join("\n"),
    differing.length === 0
      ? "Their settings are the same."
      : table(
          [
            ["setting", ...runs.map(({ name }) => name)],
            ...differing.map(([key, values]) => [key, ...values.map(settingText)]),
          ],
          { width },
        ),
    `${table(losses, { width })}\n${overLines}`,
    ...(tested.length > 0 ? [`${table(differences, { width })}\n${overLines}`] : []),
    ...(seeds.length > 0 ? [table(bySeed, { width })] : []),
    ...(seedTests.length > 0
      ? [`${table(betweenSeeds, { width })}\n${dim("± is the standard error over seeds")}`]
      : []),
    [...sentences, ...(unfinished.length > 0 ? [unfinishedSentence(unfinished)] : [])].join("\n"),
    ...(tested.length > 0 && seedTests.length === 0 && !isOneRecipe
      ? [dim("These tests compare the models. Only several seeds show whether the recipes differ.")]
      : []),
  ].join("\n\n")
}

const stepsText = ({
  steps,
  plannedSteps,
  finished,
}: Pick<ComparedRun, "steps" | "plannedSteps" | "finished">) =>
  finished || plannedSteps === undefined
    ? formatCount(steps)
    : `${formatCount(steps)}/${formatCount(plannedSteps)}`

const unfinishedSentence = (runs: readonly ComparedRun[]): string =>
  runs.length === 1
    ? `${runs[0].name} is not finished, so its loss may still fall: train --resume goes on with it`
    : `${runs.map(({ name }) => name).join(", ")} are not finished, so their losses may still fall: train --resume goes on with each`

const settingText = (value: Value | null): string => (value === null ? "-" : shown(value))

const estimate = (of: Estimate | undefined): string =>
  of === undefined
    ? "-"
    : of.value.toFixed(4) + (of.standardError === undefined ? "" : ` ± ${of.standardError.toFixed(4)}`)

const intervalText = ([low, high]: Interval): string => `${low.toFixed(4)} to ${high.toFixed(4)}`

const testCells = ({ difference, standardError, interval, p }: PairedTest): string[] => [
  signed(difference) + (standardError === undefined ? "" : ` ± ${standardError.toFixed(4)}`),
  interval.map(signed).join(" to "),
  probabilityText(p),
]
