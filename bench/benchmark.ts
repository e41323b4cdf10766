/**
 * What a benchmark is, and how it is measured: the first contender and its peers take turns, block by block, so that
 * whatever else the machine does falls on all of them alike. The ratios of blocks that stood side by side are therefore
 * steadier than the times themselves.
 */

export type Benchmark = {
  readonly name: string
  /** What one step is, for the head of the table. */
  readonly description: string
  /** The first is the subject: the others' times are divided by its. */
  readonly contenders: readonly Contender[]
  /** The steps of one block. */
  readonly steps: number
  /** How far apart the first losses of equal networks may be: what float32 rounds in so many steps. */
  readonly lossesWithin: number
  /** The result as the text of an SVG. */
  chart?(contenders: readonly Measured[]): Promise<string>
}

export type Contender = {
  readonly name: string
  /** How many times the subject's time this one's should be at least. */
  readonly atLeast?: number
  /** Called once, before anything is measured. It throws `NotHere` where the contender cannot run. */
  prepare(): Promise<Prepared>
}

export type Prepared = {
  /** Takes this many further steps. It returns the µs of one where it keeps a clock of its own. */
  run(steps: number): Promise<number | undefined>
  /** Of the first steps: a contender that computes something else is no peer. */
  readonly losses?: readonly number[]
  /** What a reader of the table should know of how it ran: versions, threads, data. */
  readonly notes?: readonly string[]
  close?(): Promise<void>
}

/** A contender that cannot run on this machine; its message says why. */
export class NotHere extends Error {}

export type Measured = {
  readonly name: string
  /** µs of one step, a number a block. */
  readonly blocks: readonly number[]
  readonly median: number
  readonly minimum: number
  readonly maximum: number
  /** The median of this contender's blocks over the subject's, block by block. */
  readonly ratio: number
  readonly atLeast?: number
  /** The largest distance of its first losses from the subject's. */
  readonly lossDifference?: number
  readonly notes: readonly string[]
}

export type Result = {
  readonly benchmark: Benchmark
  readonly rounds: number
  readonly steps: number
  readonly measured: readonly Measured[]
  readonly missing: readonly { readonly name: string; readonly reason: string }[]
}

export async function measure(
  benchmark: Benchmark,
  { rounds = 15, steps = benchmark.steps, onRound = (_round: number) => {} } = {},
): Promise<Result> {
  const running: { contender: Contender; prepared: Prepared; blocks: number[] }[] = []
  const missing: { name: string; reason: string }[] = []
  try {
    for (const contender of benchmark.contenders)
      try {
        running.push({ contender, prepared: await contender.prepare(), blocks: [] })
      } catch (error) {
        if (!(error instanceof NotHere)) throw error
        missing.push({ name: contender.name, reason: error.message })
      }

    for (const { prepared } of running) await prepared.run(steps)
    for (let round = 0; round < rounds; round++) {
      onRound(round)
      for (let turn = 0; turn < running.length; turn++) {
        // Nobody always follows the same one.
        const { prepared, blocks } = running[(turn + round) % running.length]
        blocks.push(await timed(prepared, steps))
      }
    }
  } finally {
    for (const { prepared } of running) await prepared.close?.()
  }

  const subject = running[0]
  const measured = running.map(({ contender, prepared, blocks }): Measured => {
    const ratio = median(blocks.map((time, round) => time / subject.blocks[round]))
    return {
      name: contender.name,
      blocks,
      median: median(blocks),
      minimum: Math.min(...blocks),
      maximum: Math.max(...blocks),
      ratio,
      atLeast: contender === subject.contender ? undefined : contender.atLeast,
      lossDifference: largestDifference(prepared.losses, subject.prepared.losses),
      notes: prepared.notes ?? [],
    }
  })
  return { benchmark, rounds, steps, measured, missing }
}

async function timed({ run }: Prepared, steps: number): Promise<number> {
  const start = performance.now()
  const own = await run(steps)
  return own ?? ((performance.now() - start) / steps) * 1000
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function largestDifference(a?: readonly number[], b?: readonly number[]): number | undefined {
  if (!a || !b) return undefined
  const count = Math.min(a.length, b.length)
  let largest = 0
  for (let i = 0; i < count; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]))
  return largest
}
