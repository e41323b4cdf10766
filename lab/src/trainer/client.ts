/** The page's side of a trainer: what it says as signals, what it is asked as promises. */
import { batch, computed, signal } from "@preact/signals"
import type { Settings } from "../../../src/runs/settings.ts"
import { type Curve, openCurve } from "./curve.ts"
import type { Change, Form } from "./form.ts"
import type { FromTrainer, Open, Opened, ToTrainer, TrainerState } from "./messages.ts"
import type { Answer, Argument, Question } from "./questions/index.ts"

export type Trainer = ReturnType<typeof openTrainer>

interface Asked {
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
}

/** The speed is that of the last steps which took so long. */
const SECONDS_OF_SPEED = 2

/** `onForm` receives the forms that are asked for. */
export function openTrainer(open: Omit<Open, "type">, onForm: (form: Form) => void = () => {}) {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "trainer" })
  const state = signal<TrainerState>("opening")
  const step = signal(0)
  const opened = signal<Opened | undefined>(undefined)
  const stage = signal<{ stage: string; done: number } | undefined>(undefined)
  const loss = signal(Number.NaN)
  const rate = signal(Number.NaN)
  const speed = signal(0)
  const end = signal<{ train?: number; validation?: number } | undefined>(undefined)
  const samples = signal<readonly string[] | undefined>(undefined)
  const failure = signal<{ message: string; kept?: number } | undefined>(undefined)
  const notices = signal<readonly string[]>([])
  const curve: Curve = openCurve()
  const asked = new Map<number, Asked>()
  let questions = 0
  let recent: { steps: number; seconds: number }[] = []
  const closed = Promise.withResolvers<void>()

  const ready = Promise.withResolvers<void>()
  const send = (message: ToTrainer) => void ready.promise.then(() => worker.postMessage(message))

  const fail = (message: string, kept?: number) =>
    batch(() => {
      state.value = "failed"
      failure.value = { message, kept }
      for (const { reject } of asked.values()) reject(new Error(message))
      asked.clear()
    })

  worker.onmessage = ({ data }: MessageEvent<FromTrainer>) =>
    batch(() => {
      switch (data.type) {
        case "ready":
          return ready.resolve()
        case "opened":
          opened.value = data
          step.value = data.taken
          stage.value = undefined
          curve.begin(data)
          loss.value = curve.smoothed()
          return
        case "steps": {
          curve.add(data)
          step.value = data.first + data.losses.length
          loss.value = curve.smoothed()
          rate.value = data.rates.at(-1)!
          recent.push({ steps: data.losses.length, seconds: data.seconds })
          const sum = (of: "steps" | "seconds") => recent.reduce((total, each) => total + each[of], 0)
          while (recent.length > 1 && sum("seconds") > SECONDS_OF_SPEED) recent = recent.slice(1)
          speed.value = sum("steps") / sum("seconds")
          return
        }
        case "state":
          state.value = data.state
          step.value = data.step
          if (data.state !== "finishing") stage.value = undefined
          return
        case "stage":
          stage.value = data.done < 1 ? data : undefined
          return
        case "validation":
          curve.validation(data)
          if (data.train !== undefined) end.value = data
          return
        case "sampled":
          samples.value = data.samples
          return
        case "form":
          onForm(data.form)
          return
        case "notice":
          notices.value = [...notices.value, data.sentence]
          return
        case "answer":
          asked.get(data.id)?.resolve(data.value as never)
          asked.delete(data.id)
          return
        case "refused":
          asked.get(data.id)?.reject(new Error(data.message))
          asked.delete(data.id)
          return
        case "failed":
          return fail(data.message, data.kept)
        case "closed":
          closed.resolve()
      }
    })
  worker.onerror = ({ message }) => fail(`The trainer could not be loaded: ${message || "reload the page"}.`)
  send({ type: "open", ...open })

  return {
    run: open.run,
    state,
    step,
    opened,
    stage,
    loss,
    rate,
    speed,
    /** The losses of the whole parts, at the end. */
    end,
    samples,
    failure,
    notices,
    curve,
    isBusy: computed(() => ["opening", "training", "finishing"].includes(state.value)),
    train: (until?: number) => send({ type: "run", until }),
    pause: () => send({ type: "pause" }),
    takeSteps: (count: number) => send({ type: "step", count }),
    setRate: (value: number) => send({ type: "rate", value }),
    keep: () => send({ type: "keep" }),
    askForm: (settings: Settings, change?: Change) => send({ type: "form", settings, change }),
    /** Rejects with a sentence if the trainer refuses. */
    ask<Q extends Question>(question: Q, argument: Argument<Q>): Promise<Answer<Q>> {
      const id = questions++
      return new Promise((resolve, reject) => {
        if (state.peek() === "failed") return reject(new Error("The training has ended."))
        asked.set(id, { resolve, reject })
        send({ type: "ask", id, question, argument } as ToTrainer)
      })
    },
    /** Keeps the run, and ends the worker. */
    async close(): Promise<void> {
      if (state.peek() !== "failed") {
        send({ type: "close" })
        await Promise.race([closed.promise, new Promise((resolve) => setTimeout(resolve, 1000))])
      }
      worker.terminate()
      for (const { reject } of asked.values()) reject(new Error("The training was closed."))
    },
  }
}
