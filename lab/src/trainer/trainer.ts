/**
 * A training in a worker: `runTraining`, pulled call by call. Between two calls the trainer listens: it pauses, takes single steps, changes
 * the learning rate, answers questions. None of that changes a number of the training.
 *
 *   open ─> opened ─┬> steps, stage, validation ─┬─> sampled ─> done
 *                   └── pause, step, rate, ask ──┘
 */
import { UserError } from "../../../src/errors.ts"
import { Interrupted } from "../../../src/runs/interrupted.ts"
import { memoryStore } from "../../../src/runs/memory-store.ts"
import { readMetrics } from "../../../src/runs/metrics.ts"
import { runtimeOf, settingsBesideDefaults } from "../../../src/runs/recipe.ts"
import { readConfig } from "../../../src/runs/run-config.ts"
import { runTraining } from "../../../src/runs/run-training.ts"
import { NGRAM, type Settings } from "../../../src/runs/settings.ts"
import type { Store } from "../../../src/runs/store.ts"
import { browserFolder, browserRun } from "../runs/browser-folder.ts"
import { TONES } from "../tones.ts"
import { formOf } from "./form.ts"
import { atHand, filesOf, givenList, keptList } from "./list-of-run.ts"
import { type Live, networkOf } from "./live.ts"
import type { FromTrainer, Open, ToTrainer, TrainerState } from "./messages.ts"
import { questions } from "./questions/index.ts"

/** What a call of the runtime should take: the page hears from the trainer that often. */
const SECONDS_A_CALL = 0.025
const MOST_STEPS = 100

/** Between two messages with losses, so that the page has time to draw. */
const MILLISECONDS_A_POST = 50

/** A reload loses at most so much of a training. */
const MILLISECONDS_UNKEPT = 5000

const post = (message: FromTrainer, transfer: Transferable[] = []) => self.postMessage(message, { transfer })

/** Lets messages in. A timer would wait for 4 ms, and a promise for nothing. */
function openTick(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel()
  const waiting: (() => void)[] = []
  port1.onmessage = () => waiting.shift()?.()
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      port2.postMessage(0)
    })
}

export function startTrainer(): void {
  const tick = openTick()
  const asked: Extract<ToTrainer, { type: "ask" }>[] = []
  let state: TrainerState = "opening"
  let live: Live | undefined
  let taken = 0
  /** The number of steps at which it pauses. */
  let wanted = Infinity
  /** What takes longer than a step, an evaluation, pauses on the way. */
  let isPausing = false
  let isEvaluating = false
  /** Aborted when the trainer is closed. */
  const closing = new AbortController()
  const { signal } = closing
  let wake = () => {}
  let rate: number | undefined
  /** The checkpoint: after how many steps, and when it was kept. */
  let kept: { step: number; time: number } | undefined
  let keepsSoon = false
  let isKeeping = false

  self.onmessage = ({ data }: MessageEvent<ToTrainer>) => {
    if (data.type === "open") void train(data)
    else if (data.type === "run") {
      wanted = data.until ?? Infinity
      isPausing = false
    } else if (data.type === "pause") {
      if (state !== "paused") wanted = taken + 1 // after which a checkpoint is kept
      isPausing = true
    } else if (data.type === "step") {
      wanted = (Number.isFinite(wanted) ? Math.max(wanted, taken) : taken) + data.count
      isPausing = false
    } else if (data.type === "rate") rate = data.value
    else if (data.type === "keep") keepsSoon = true
    else if (data.type === "close") closing.abort()
    else if (data.type === "form")
      post({ type: "form", form: formOf(data.settings, data.change, live?.run.config.recipe) })
    else if (data.type === "ask") asked.push(data)
    wake()
  }

  post({ type: "ready" })

  const setState = (next: TrainerState) => {
    if (next === state) return
    state = next
    flush()
    post({ type: "state", state, step: taken })
  }

  /** Losses that were not posted yet. */
  let losses: number[] = []
  let rates: number[] = []
  let seconds = 0
  let posted = 0
  function flush() {
    if (losses.length === 0) return
    const message = {
      type: "steps" as const,
      first: taken - losses.length,
      losses: Float32Array.from(losses),
      rates: Float64Array.from(rates),
      seconds,
    }
    post(message, [message.losses.buffer, message.rates.buffer])
    losses = []
    rates = []
    seconds = 0
    posted = performance.now()
  }

  async function answerAll(): Promise<void> {
    // More may be asked while one is being answered.
    for (let next = asked.shift(); next; next = asked.shift()) {
      const { id, question, argument } = next
      try {
        if (!live) throw new UserError("The training is being prepared: ask again in a moment.")
        const answer = (await questions[question]()) as (live: Live, argument: unknown) => unknown
        const now = { ...live, step: live.training?.step ?? taken, isEvaluating }
        post({ type: "answer", id, value: (await answer(now, argument)) as never })
      } catch (error) {
        post({ type: "refused", id, message: sentenceOf(error) })
      }
    }
  }

  /** Between two calls: lets messages in and answers, and waits while the training is paused, unless it is closed. */
  async function breathe(working: TrainerState, mayGoOn: () => boolean): Promise<void> {
    for (;;) {
      await tick()
      await answerAll()
      if (signal.aborted) return
      if (mayGoOn()) return setState(working)
      setState(working === "done" ? working : "paused")
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }

  async function train(open: Open): Promise<void> {
    const { settings, run: name, resumes } = open
    rate = open.rate
    try {
      const { store, isKept } = open.isPassing
        ? { store: memoryStore(name), isKept: false }
        : await openStore(name)
      const config = resumes ? await readConfig(store) : undefined
      const list = config ? await keptList(store, config) : await givenList(open)
      let atOnce = 1
      let learningRate = 0
      let isTrained = false
      const rateNow = (scheduled: number) =>
        rate === undefined ? scheduled : (scheduled * rate) / learningRate
      const events = runTraining({
        ...(resumes
          ? { given: {}, resume: store }
          : { given: { ...oneThread(settings), ...settings, ...(list && { data: list.name }) }, out: store }),
        loading: list && atHand(list, config?.recipe ?? settings),
        rate: rateNow,
        every: () => Math.max(1, Math.min(atOnce, MOST_STEPS, wanted - taken)),
        keeps() {
          taken = live?.training?.step ?? taken
          const isDue = performance.now() - (kept?.time ?? 0) > MILLISECONDS_UNKEPT
          isKeeping = keepsSoon || taken >= wanted || isDue
          keepsSoon = false
          return isKeeping
        },
        interrupts: () => ({ signal, release() {} }),
        onStage: async (stage, done) => {
          post({ type: "stage", stage, done })
          if (!live || done === 0) return // nobody waits for the beginning of a stage
          isEvaluating = !isTrained
          await breathe(isTrained ? "finishing" : "training", () => !isPausing)
          isEvaluating = false
        },
        notice: (sentence) => post({ type: "notice", sentence }),
      })
      let begin = 0
      for await (const event of events) {
        if (event.kind === "begun") {
          const { run, corpus, training, model } = event
          const { recipe } = run.config
          taken = event.taken
          kept = { step: run.checkpoint ? taken : 0, time: performance.now() }
          learningRate = recipe.learningRate ?? 0
          live = {
            run,
            corpus,
            training,
            model: model as Live["model"],
            runtime: runtimeOf(recipe),
            step: taken,
            isEvaluating,
            rate: rateNow,
          }
          if (list && !resumes) for (const { name, bytes } of filesOf(list)) await store.write(name, bytes)
          post({
            ...describe(live),
            run: name,
            isKept,
            settings: resumes ? settingsBesideDefaults(recipe, corpus.longest) : settings,
            list: open.list ?? (list?.name === TONES ? undefined : list),
            history: resumes ? await readMetrics(store) : [],
          })
        } else if (event.kind === "progress") {
          const { progress } = event
          const count = progress.losses.length
          const took = (performance.now() - begin) / 1000
          taken = progress.step
          // Only now: a step whose parameters are not finite is not kept, though it was to be.
          if (isKeeping || taken % live!.run.config.recipe.checkpointEvery === 0)
            kept = { step: taken, time: performance.now() }
          isKeeping = false
          losses.push(...progress.losses)
          rates.push(...progress.rates)
          seconds += took
          const { validation } = progress
          if (validation !== undefined) post({ type: "validation", step: taken, validation })
          else atOnce = Math.max(1, Math.min(2 * count, Math.floor((SECONDS_A_CALL * count) / took)))
          if (performance.now() - posted > MILLISECONDS_A_POST) flush()
          if (taken < live!.run.config.recipe.steps) await breathe("training", () => taken < wanted)
        } else if (event.kind === "trained") {
          isTrained = true
          setState("finishing")
        } else if (event.kind === "evaluated") {
          const { train, validation } = event
          post({ type: "validation", step: taken, train, validation })
        } else if (event.kind === "sampled")
          post({ type: "sampled", samples: (event.results.json.samples ?? []) as string[] })
        if (signal.aborted) break // which keeps the run
        begin = performance.now()
      }
      await breathe("done", () => false)
      post({ type: "closed" })
    } catch (error) {
      if (error instanceof Interrupted) return post({ type: "closed" })
      flush()
      state = "failed"
      post({ type: "failed", message: sentenceOf(error), kept: kept?.step || undefined })
      if (!live) await removeEmpty(name)
    }
  }
}

/** A page has further threads only where it is isolated: by default it takes none, as for a list. */
const oneThread = ({ running, model }: Settings): Settings =>
  running && model !== NGRAM ? { threads: 1 } : {}

/** What the page is told of a training that is open. */
function describe(live: Live) {
  const { run, corpus, model, step } = live
  const { recipe, because } = run.config
  const network = networkOf(live)
  return {
    type: "opened",
    recipe,
    because,
    description: corpus.description,
    hint: corpus.hint,
    lines: corpus.size,
    parameters: model.parameterCount,
    symbols: corpus.vocabulary.symbols,
    contextLength: network?.contextLength ?? 0,
    reads: network?.reads ?? "sequences",
    condition: corpus.condition,
    isEndless: corpus.isEndless,
    taken: step,
  } as const
}

const sentenceOf = (error: unknown): string =>
  error instanceof UserError
    ? error.message
    : `This is a bug of makewave: ${(error as Error)?.stack ?? error}`

/** The run's folder in the private file system of the page; in memory where the browser has none. */
async function openStore(name: string): Promise<{ store: Store; isKept: boolean }> {
  try {
    return { store: await browserRun(name), isKept: true }
  } catch {
    return { store: memoryStore(name), isKept: false }
  }
}

/** The folder that was made for a training that could not begin. One that has files is another training's. */
const removeEmpty = async (name: string): Promise<void> =>
  (await browserFolder()).removeEntry(name).catch(() => {})
