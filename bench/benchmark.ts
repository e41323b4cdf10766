/**
 * Runs a benchmark. Contenders take turns, one block of steps at a time, so that other load on the machine affects all
 * alike: ratios between neighbouring blocks are more stable than the times themselves.
 */

export type Benchmark = {
  readonly name: string
  /** What one step is, for the header of the table. */
  readonly description: string
  /** The first is the subject; the others' times are divided by its time. */
  readonly contenders: readonly Contender[]
  /** Steps per block. */
  readonly steps: number
  /** The largest difference allowed between the first losses of equal networks, due to float32 rounding. */
  readonly lossesWithin: number
  /** The result as the text of an SVG file. */
  chart?(contenders: readonly Measured[]): Promise<string>
}

export type Contender = {
  readonly name: string
  /** The target: this contender's time over the subject's should be at least this. */
  readonly atLeast?: number
  /** Called once, before measuring. Throws `Unavailable` if the contender cannot run. */
  prepare(): Promise<Prepared>
}

export type Prepared = {
  /** Takes this many further steps. Returns the µs per step if it has its own clock. */
  run(steps: number): Promise<number | undefined>
  /** Of the first steps, to check that all contenders compute the same. */
  readonly losses?: readonly number[]
  /** Printed below the table: versions, threads, data. */
  readonly notes?: readonly string[]
  close?(): Promise<void>
}

/** Thrown by a contender that cannot run on this machine; the message says why. */
export class Unavailable extends Error {}

export type Measured = {
  readonly name: string
  /** µs per step, one number per block. */
  readonly blocks: readonly number[]
  readonly median: number
  readonly minimum: number
  readonly maximum: number
  /** The median over rounds of this contender's time over the subject's. */
  readonly ratio: number
  readonly atLeast?: number
  /** The largest difference between its first losses and the subject's. */
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
        if (!(error instanceof Unavailable)) throw error
        missing.push({ name: contender.name, reason: error.message })
      }

    for (const { prepared } of running) await prepared.run(steps)
    for (let round = 0; round < rounds; round++) {
      onRound(round)
      for (let turn = 0; turn < running.length; turn++) {
        // The order rotates, so that none always follows the same one.
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

export function median(numbers: readonly number[]): number {
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
