/**
 * A study: the points that a sweep asked its search for, what their trials came to, and which trial is next. The journal in the sweep's
 * folder has a line for each question and each answer, so that the same sweep goes on after a kill at any moment.
 * Source of ask and tell, and of the journal: Optuna, https://optuna.readthedocs.io
 */
import { STANDARD_INPUT } from "../data/disk.ts"
import { sha256Of } from "../data/download.ts"
import { UserError } from "../errors.ts"
import { Generator } from "../random/torch.ts"
import { prepare } from "../runs/corpora/index.ts"
import { KEPT_MODEL } from "../runs/kept.ts"
import { BASE } from "../runs/origin.ts"
import { storeToRead } from "../runs/packaged.ts"
import { files } from "../runs/run-files.ts"
import { groups, namesOf, type Settings } from "../runs/settings.ts"
import type { Store } from "../runs/store.ts"
import { version } from "../version.ts"
import { promotable, rungs } from "./halving.ts"
import { JOURNAL, type Line, parseLine } from "./journal.ts"
import type { Plan } from "./plan.ts"
import { searches } from "./search/index.ts"
import type { Search, Told } from "./search/search.ts"
import { gridOf, type Point, settingsAt } from "./space.ts"
import { mean } from "./statistics.ts"
import type { Outcome, Trial } from "./trial.ts"

interface Asked {
  readonly point: Point
  /** One for each seed. */
  readonly trials: readonly Trial[]
  /** The index of the rung to which they are trained. */
  rung: number
}

/** What is known of a point. */
export interface PointResult {
  /** Counted from 1. */
  readonly number: number
  readonly point: Point
  /** The names of the trials, one for each seed. */
  readonly trials: readonly string[]
  /** Of the metric, for each seed, at the last rung that all seeds have reached; empty before that, or if one failed. */
  readonly values: readonly number[]
  /** Why it failed. */
  readonly problem?: string
  /** The steps after which the values were measured, and whether these are the end of its trainings. */
  readonly steps: number
  readonly complete: boolean
  readonly parameters: number
  /** Of all its trials together. */
  readonly seconds: number
}

export class Study {
  readonly plan: Plan
  /** How many trials there will be, if the plan says it. */
  readonly total?: number
  private readonly store: Store
  private readonly hash: string
  private readonly search: Search
  private readonly unlock: () => Promise<void>
  private readonly asked: Asked[] = []
  private readonly running = new Set<string>()
  /** By `rungKey` a trial at a rung. */
  private readonly outcomes = new Map<string, Outcome>()
  private readonly dataHashes = new Map<string, Promise<string>>()
  /** The steps at which trials pause; the last rung, undefined, is the end of their training. */
  private readonly rungs: readonly (number | undefined)[]

  private constructor(plan: Plan, store: Store, hash: string, unlock: () => Promise<void>) {
    const { earlyTerminate, space, method } = plan
    this.plan = plan
    this.store = store
    this.hash = hash
    this.unlock = unlock
    this.search = searches[method](space)
    this.total = totalOf(plan)
    this.rungs = earlyTerminate
      ? [...rungs(earlyTerminate.minSteps, space.recipe.steps!, earlyTerminate.eta).slice(0, -1), undefined]
      : [undefined]
  }

  /** Begins a study in this folder, or goes on with it. A UserError while another process does, or if the folder is a run's. */
  static async open(plan: Plan, store: Store): Promise<Study> {
    if ((await store.list()).includes(files.config))
      throw new UserError(
        `${store.name}: this is the folder of a run: give another for the sweep, with --out`,
      )
    const unlock = await store.lock()
    try {
      const { space, method, seeds, metric, earlyTerminate } = plan
      const hash = await hashOf({ space, method, seeds, metric, earlyTerminate, version })
      const study = new Study(plan, store, hash, unlock)
      await study.read()
      return study
    } catch (error) {
      await unlock()
      throw error
    }
  }

  /** The next trial to train, which is then running; undefined if there is none until another one is told, or none at all. */
  async next(): Promise<Trial | undefined> {
    for (const { trials, rung } of this.asked)
      for (const trial of trials) {
        const until = this.rungs[rung]
        if (this.running.has(trial.name) || this.outcomes.has(rungKey(trial.name, until))) continue
        this.running.add(trial.name)
        return { ...trial, until }
      }
    if (this.promote() || (await this.ask())) return this.next()
    return undefined
  }

  /** Records how a trial ended. One that was stopped is next again. */
  async tell(trial: Trial, outcome: Outcome): Promise<void> {
    this.running.delete(trial.name)
    if (outcome.kind === "stopped") return
    const { name, until } = trial
    this.outcomes.set(rungKey(name, until), outcome)
    await this.write({ trial: name, ...(until !== undefined && { until }), outcome })
  }

  /** Every point that was asked for, in that order. */
  results(): PointResult[] {
    return this.asked.map((asked, k) => ({
      number: k + 1,
      point: asked.point,
      trials: asked.trials.map(({ name }) => name),
      ...this.result(asked),
    }))
  }

  /** The points with values: first those that were trained to their end, and of these the best. */
  ranked(): PointResult[] {
    const sign = this.plan.metric.goal === "minimize" ? 1 : -1
    return this.results()
      .filter(({ values }) => values.length > 0)
      .sort((a, b) => Number(b.complete) - Number(a.complete) || sign * (mean(a.values) - mean(b.values)))
  }

  /** How many of the trials that were asked for have ended, at any rung. */
  get ended(): number {
    const told = new Set([...this.outcomes.keys()].map((key) => key.split(" ")[0]))
    return this.asked.flatMap(({ trials }) => trials).filter(({ name }) => told.has(name)).length
  }

  close(): Promise<void> {
    return this.unlock()
  }

  private async read(): Promise<void> {
    const text = new TextDecoder().decode(await this.store.read(JOURNAL))
    const end = text.lastIndexOf("\n") + 1
    // A crash may have left a part of the last line.
    await this.store.truncate(JOURNAL, new TextEncoder().encode(text.slice(0, end)).length)
    for (const [k, written] of text.slice(0, end).split("\n").entries()) {
      if (written === "") continue
      const line = parseLine(written, `${this.store.name}/${JOURNAL}: line ${k + 1}`)
      if ("outcome" in line) {
        // What failed may succeed this time: with more memory, or a larger budget.
        if (line.outcome.kind === "trained") this.outcomes.set(rungKey(line.trial, line.until), line.outcome)
      } else if (line.plan === this.hash) this.asked.push(await this.trialsOf(line.point))
    }
    for (const asked of this.asked)
      while (asked.rung < this.rungs.length - 1 && this.hasReached(asked, asked.rung + 1)) asked.rung++
  }

  /** Whether one of its trials went on to a rung. */
  private hasReached({ trials }: Asked, rung: number): boolean {
    return trials.some(({ name }) => this.outcomes.has(rungKey(name, this.rungs[rung])))
  }

  private write(line: Line): Promise<void> {
    return this.store.append(JOURNAL, new TextEncoder().encode(`${JSON.stringify(line)}\n`))
  }

  /** Lets the most promising point go on to its next rung, if there is one. */
  private promote(): boolean {
    const { eta } = this.plan.earlyTerminate ?? {}
    if (eta === undefined || this.isSpent()) return false
    const results = this.rungs.map((_, rung) =>
      this.asked.flatMap((asked, k) =>
        asked.rung < rung ? [] : [{ trial: String(k), value: this.valueAt(asked, rung) }],
      ),
    )
    const found = promotable(results, eta)
    if (found === undefined) return false
    this.asked[Number(found.trial)].rung = found.rung
    return true
  }

  private async ask(): Promise<boolean> {
    const { seeds, budget } = this.plan
    const trials = this.asked.length * seeds.length
    if (this.isSpent() || trials + seeds.length > (budget.runs ?? Infinity)) return false
    const told = this.asked.map((asked): Told => {
      const { values, problem, steps } = this.result(asked)
      const value = problem === undefined ? this.loss(values) : Infinity
      return { point: asked.point, value, steps }
    })
    const point = this.search.ask(told, new Generator(told.length))
    if (point === undefined) return false
    const asked = await this.trialsOf(point)
    this.asked.push(asked)
    await this.write({ plan: this.hash, point, trials: asked.trials.map(({ name }) => name) })
    return true
  }

  /** Whether the trials took all the seconds or steps that they may take; those that are running will have taken all of theirs. */
  private isSpent(): boolean {
    const { seconds = Infinity, steps = Infinity } = this.plan.budget
    const trained = this.asked.flatMap((asked) => this.trainedOf(asked))
    const unfinished = this.asked.flatMap(({ trials, rung }) =>
      trials
        .filter(({ name }) => this.running.has(name))
        .map((trial) => {
          const { steps: before = 0 } = this.outcomesOf(trial, rung).findLast(isTrained) ?? {}
          return Math.max(0, (this.rungs[rung] ?? trial.settings.steps ?? 0) - before)
        }),
    )
    return (
      sum(trained.map((each) => each.seconds)) >= seconds ||
      sum([...trained.map((each) => each.steps), ...unfinished]) >= steps
    )
  }

  /** How a trial ended at each rung that it has reached. */
  private outcomesOf({ name }: Trial, rung: number): Outcome[] {
    return this.rungs.slice(0, rung + 1).flatMap((until) => this.outcomes.get(rungKey(name, until)) ?? [])
  }

  /** Of each trial that has been trained to some rung, the outcome at the last one. */
  private trainedOf({ trials, rung }: Asked) {
    return trials.flatMap((trial) => this.outcomesOf(trial, rung).findLast(isTrained) ?? [])
  }

  private async trialsOf(point: Point): Promise<Asked> {
    const { space, seeds, budget } = this.plan
    const settings = settingsAt(space, point)
    const [data, runs] = [await this.dataHash(settings), await hashesOfRuns(settings)]
    const trials = seeds.map(async (seed): Promise<Trial> => {
      const all = { ...settings, seed }
      const name = (await hashOf({ settings: all, data, runs, version })).slice(0, 12)
      return { name, settings: all, mostParameters: budget.parameters }
    })
    return { point, trials: await Promise.all(trials), rung: 0 }
  }

  /** The hash of the data that settings name. */
  private dataHash(settings: Settings): Promise<string> {
    if (settings.data === STANDARD_INPUT)
      throw new UserError(`${this.plan.name}: data: standard input can be read once: save it as a file`)
    const own = ["model", "members", ...namesOf(groups.data)].flatMap((name) =>
      settings[name as keyof Settings] === undefined ? [] : [[name, settings[name as keyof Settings]]],
    )
    const key = JSON.stringify(own)
    let hash = this.dataHashes.get(key)
    hash ??= prepare(Object.fromEntries(own)).then(({ corpus }) => corpus.sha256)
    this.dataHashes.set(key, hash)
    return hash
  }

  private result(
    asked: Asked,
  ): Pick<PointResult, "values" | "problem" | "steps" | "complete" | "parameters" | "seconds"> {
    const all = asked.trials.flatMap((trial) => this.outcomesOf(trial, asked.rung))
    const trained = this.trainedOf(asked)
    const { name } = this.plan.metric
    const problem =
      all.find((outcome) => outcome.kind === "failed")?.problem ??
      (trained.some(({ values }) => values[name] === undefined)
        ? `it reports no ${name}: change the plan's metric`
        : undefined)
    const rung = this.rungs.findLastIndex((_, rung) => this.valueAt(asked, rung) !== undefined)
    return {
      values: problem === undefined && rung >= 0 ? this.valuesAt(asked, rung) : [],
      ...(problem !== undefined && { problem }),
      steps: trained.at(-1)?.steps ?? 0,
      complete: rung === this.rungs.length - 1,
      parameters: trained.at(-1)?.parameters ?? 0,
      seconds: sum(trained.map(({ seconds }) => seconds)),
    }
  }

  /** The metric of each seed at a rung; fewer than there are seeds while some are missing. */
  private valuesAt({ trials }: Asked, rung: number): number[] {
    const { name } = this.plan.metric
    return trials.flatMap((trial) => {
      const outcome = this.outcomes.get(rungKey(trial.name, this.rungs[rung]))
      if (outcome === undefined) return []
      return outcome.kind === "trained" ? [outcome.values[name] ?? Number.NaN] : [Number.NaN]
    })
  }

  /** What is minimized, at a rung: Infinity if a trial failed, undefined while one is missing. */
  private valueAt(asked: Asked, rung: number): number | undefined {
    const values = this.valuesAt(asked, rung)
    return values.length < asked.trials.length ? undefined : this.loss(values)
  }

  private loss(values: readonly number[]): number | undefined {
    if (values.length === 0) return undefined
    const value = mean(values)
    if (Number.isNaN(value)) return Infinity
    return this.plan.metric.goal === "minimize" ? value : -value
  }
}

/** A grid may be larger than anybody would wait for. */
const MOST_COUNTED = 100_000

function totalOf({ method, space, seeds, budget: { runs = Infinity } }: Plan): number | undefined {
  const most = Math.floor(runs / seeds.length)
  if (method !== "grid") return runs === Infinity ? undefined : most * seeds.length
  let points = 0
  for (const _ of gridOf(space)) {
    if (points === MOST_COUNTED) return undefined
    if (points === most) break
    points++
  }
  return points * seeds.length
}

const isTrained = (outcome: Outcome): outcome is Outcome & { kind: "trained" } => outcome.kind === "trained"

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

const rungKey = (trial: string, until: number | undefined): string => `${trial} ${until ?? "end"}`

const hashOf = (value: object): Promise<string> => sha256Of(new TextEncoder().encode(JSON.stringify(value)))

/** The hashes of the runs that a run with these settings starts or learns from, or consists of; undefined if there are none. */
async function hashesOfRuns({ from, teacher, members }: Settings): Promise<string[] | undefined> {
  const runs = [from, teacher, ...(members?.split(",") ?? [])].filter(
    (run) => run !== undefined && run !== BASE,
  )
  const hashes = runs.map(async (run) => {
    const store = await storeToRead(run as string)
    for (const file of [files.best, files.checkpoint, KEPT_MODEL]) {
      const bytes = await store.read(file)
      if (bytes) return sha256Of(bytes)
    }
    return sha256Of(new Uint8Array())
  })
  return runs.length === 0 ? undefined : Promise.all(hashes)
}
