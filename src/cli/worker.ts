/** `makewave worker`: takes trials of sweeps from a queue and trains them on this machine, until it is stopped. */
import type { Command } from "commander"
import { QUEUE } from "../experiments/queued-trial.ts"
import { addressOf } from "../experiments/redis.ts"
import { takeTrials, type WorkerEvent } from "../experiments/take-trials.ts"
import { wholeNumber } from "./flags.ts"
import { catchInterrupts } from "./interrupt.ts"
import { formatCount, notice, print, printJson } from "./output.ts"
import { clearStatus, showStatus } from "./status-line.ts"
import { trialBar } from "./trial-bar.ts"

const examples = `
Examples:
  makewave sweep wide.yaml --queue redis://host:6379    puts its trials into the queue
  makewave worker --queue redis://host:6379             takes them, on any machine: one trial a core
  makewave worker --queue redis://host:6379 --idle 60   ends after a minute without a trial

Ctrl-C saves checkpoints and gives the trials back. If a worker dies, another takes its trials up from their last checkpoints.
More in docs/experiments-on-many-machines.md`

interface Options {
  readonly queue: string
  readonly name: string
  readonly count?: number
  readonly idle?: number
  readonly json?: true
}

export function define(command: Command): void {
  command
    .requiredOption("--queue <url>", "the Redis or Valkey that has the queue, such as redis://host:6379")
    .option("--name <queue>", "the queue's name, if the sweep gave it one", QUEUE)
    .option("--count <count>", "trials to train at once (default: one a core)", wholeNumber(1, 1024))
    .option("--idle <seconds>", "end after so long without a trial (default: never)", wholeNumber(1, 1e6))
    .option("--json", "print one JSON object per line: each trial that is taken, and how it ends")
    .addHelpText("after", examples)
    .action(work)
}

async function work({ queue, name, count, idle, json }: Options): Promise<void> {
  const interruption = catchInterrupts({ doing: "saving checkpoints" })
  const { signal } = interruption
  const shown = showTrials()
  if (!json) print(`taking trials from ${addressOf(queue)}\n`)
  const onEvent = (event: WorkerEvent) => {
    shown.at(event)
    if (event.kind === "progress") return
    if (json) printJson(jsonOf(event))
    else if (event.kind === "lost") notice(`trial ${event.trial.name}: ${event.reason}`)
    else if (event.kind === "ended") print(textOf(event))
  }
  try {
    await takeTrials(queue, { name, count, idle, signal, notice, onEvent })
  } finally {
    shown.stop()
    interruption.release()
  }
}

function jsonOf(event: WorkerEvent & { kind: "taken" | "ended" | "lost" }): object {
  const { name, settings } = event.trial
  if (event.kind === "taken") return { trial: name, kind: event.kind, settings }
  return {
    trial: name,
    ...(event.kind === "ended" ? event.outcome : { kind: event.kind, reason: event.reason }),
  }
}

function textOf({ trial: { name }, outcome }: WorkerEvent & { kind: "ended" }): string {
  if (outcome.kind === "failed") return `${name}   failed\n  ${outcome.problem}`
  if (outcome.kind === "stopped") return `${name}   stopped, and given back`
  const { values, steps, seconds } = outcome
  const measured = Object.entries(values).flatMap(([metric, value]) =>
    typeof value === "number" ? [`${metric} ${value.toFixed(4)}`] : [],
  )
  return [name, measured.join(", "), `${formatCount(steps)} steps, ${seconds.toFixed(1)} s`].join("   ")
}

/** The trials that are being trained, at the bottom of the terminal, a bar for each. */
function showTrials() {
  const running = new Map<string, WorkerEvent>()
  const lines = (width: number): string =>
    [...running.values()]
      .map((event) => trialBar(event.trial, event.kind === "progress" ? event.progress : undefined, width))
      .join("\n")
  return {
    at(event: WorkerEvent): void {
      if (event.kind === "ended" || event.kind === "lost") running.delete(event.trial.name)
      else running.set(event.trial.name, event)
      showStatus(lines)
    },
    stop: clearStatus,
  }
}
