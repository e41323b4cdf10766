/**
 * A run's event files for TensorBoard: losses and learning rate as they are logged, a histogram of each parameter at each checkpoint,
 * the samples, and the recipe. Each start of a training writes its own event file, which supersedes earlier ones for steps taken again.
 */
import { EventWriter, eventFileName } from "../interchange/tensorboard.ts"
import type { StateDict } from "../nn/module.ts"
import type { Checkpoint } from "./checkpoint.ts"
import type { Metrics } from "./metrics.ts"
import type { Settings } from "./settings.ts"
import type { Store } from "./store.ts"

/** The tag of each curve, by its name in the metrics. */
export const curves = {
  loss: "loss/batch",
  mean: "loss/mean",
  train: "loss/train",
  validation: "loss/validation",
  rate: "rate",
  teacherLoss: "loss/teacher",
  classLoss: "loss/class",
  accuracy: "accuracy",
} as const

export class EventLog {
  private readonly store: Store
  private readonly file = eventFileName()
  private readonly waiting: Uint8Array<ArrayBuffer>[] = []
  private readonly writer = new EventWriter((bytes) => this.waiting.push(bytes))
  private step = 0

  private constructor(store: Store) {
    this.store = store
  }

  /** `metrics` and `checkpoint` are those of a run that is resumed. */
  static async open(
    store: Store,
    recipe: Settings,
    { metrics = [], checkpoint }: { metrics?: readonly Metrics[]; checkpoint?: Checkpoint } = {},
  ): Promise<EventLog> {
    const steps = checkpoint?.training.steps ?? 0
    const logged = (await store.list()).some((name) => name.includes(".tfevents.")) ? steps : 0
    const log = new EventLog(store)
    log.writer.restart(logged)
    log.writer.hyperParameters(recipe)
    for (const each of metrics) if (each.step >= logged) log.metrics(each)
    if (checkpoint) log.numbers(checkpoint.model, steps)
    await log.flush()
    return log
  }

  /** Appends everything logged since the last call to its file. */
  async flush(): Promise<void> {
    const bytes = await new Blob(this.waiting.splice(0)).arrayBuffer()
    if (bytes.byteLength > 0) await this.store.append(this.file, new Uint8Array(bytes))
  }

  metrics(line: Metrics): void {
    this.step = line.step
    logMetrics(this.writer, line)
  }

  /** Histograms of parameters and buffers after `step` steps. */
  numbers(state: StateDict, step: number): void {
    for (const [name, { data }] of Object.entries(state)) this.writer.histogram(name, data, step)
  }

  samples(samples: readonly string[]): void {
    // Markdown shows lines indented by four spaces verbatim.
    this.writer.text("samples", samples.map((sample) => `    ${sample}`).join("\n"), this.step)
    this.writer.ended()
  }
}

/** Writes the curves' points of a line of the metrics. */
export function logMetrics(writer: EventWriter, { step, ...values }: Metrics): void {
  for (const [name, curve] of Object.entries(curves)) {
    const value = values[name as keyof typeof curves]
    if (value !== undefined) writer.scalar(curve, value, step)
  }
}
