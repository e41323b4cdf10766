/**
 * A search for lines that a model rarely makes by itself, such as those with a certain end. Lines that the model makes are cut at each of
 * their positions, and what is wished for is put there. The model says how likely it would have gone on like that, which is the weight by
 * which such a line is drawn: the distribution is that of the model, restricted to lines that satisfy the wishes, the closer the more
 * lines are cut.
 *
 *   u, a start of a line of the model ─> u + "son" + stop, weight p("son", stop | u) ─> drawn by weight
 *
 * Text within the line is put first, and the model goes on behind it. Long lines are made from the longest of the lines so far.
 *
 * Sources: Rubin 1987, "A noniterative sampling/importance resampling alternative", Journal of the American Statistical Association 82,
 * 543; for several texts one after another, Doucet, de Freitas and Gordon 2001, Sequential Monte Carlo Methods in Practice, chapter 1;
 * for long lines, Cérou and Guyader 2007, "Adaptive multilevel splitting", Stochastic Analysis and Applications 25, 417.
 */
import type { Generator } from "../random/torch.ts"
import type { Choice } from "./probabilities.ts"
import { type CheckedWishes, hasAt, indexOf } from "./wishes.ts"

/** The loss of a line. */
export interface ScoreOfLine {
  /** -ln p of the line with its stop. */
  readonly nats: number
  /** -ln p of the stop alone. */
  readonly stop: number
}

export interface SearchOptions extends Pick<CheckedWishes, "endsWith" | "contains" | "length" | "noRepeats"> {
  readonly count: number
  readonly prompt: readonly number[]
  /** The most symbols of a line. */
  readonly most: number
  readonly choice: Choice
  /** Of the model's lines, in symbols. */
  readonly meanLength: number
  readonly generator: Generator
  /** Lines of the model that start with these symbols. */
  readonly draw: (count: number, prompt: readonly number[]) => Promise<number[][]>
  readonly score: (lines: readonly (readonly number[])[]) => Promise<readonly (ScoreOfLine | undefined)[]>
  /** Whether a line satisfies all wishes. */
  readonly fits: (ids: readonly number[]) => boolean
}

/** Symbols, the logarithm of their weight, and how often they were found. */
interface Weighted {
  readonly ids: readonly number[]
  readonly log: number
  readonly times: number
}

/** Lines drawn at each stage of a round: fewer if they are long, so that there are about as many cuts. */
const [LEAST_LINES, MOST_LINES, CUTS] = [64, 1024, 8192]
/** The most symbols that are scored at each stage; beyond, cuts are chosen at random. */
const SYMBOLS = 2 ** 20
/** The most rounds, but for one more for each 50 lines that are wanted. */
const ROUNDS = 4
/** Lines with one start are drawn together, so there can be as many times more of them. */
const TOGETHER = 4

/** Whether a choice always takes the likeliest symbol. */
export const isGreedy = ({ temperature = 1 }: Choice): boolean => Math.fround(temperature) === 0

/** Rounds are made until what was found weighs as much as `count` equal lines. Ends early if there are fewer different ones. */
export async function* searchLines(options: SearchOptions): AsyncGenerator<number[]> {
  const { count, noRepeats, generator, choice } = options
  const pool = new Map<string, Weighted>()
  const rounds = isGreedy(choice) ? 1 : ROUNDS + Math.floor(count / 50)
  for (let round = 0; round < rounds; round++) {
    merge(pool, await oneRound(options))
    const lines = [...pool.values()]
    const weights = weightsOf(lines)
    const squares = sum(lines.map(({ times }, k) => weights[k] ** 2 / times))
    if (sum(weights) ** 2 >= count * squares && !(noRepeats && lines.length < count)) break
  }
  if (pool.size === 0) return
  const found = [...pool.values()]
  const weights = weightsOf(found)
  const distinct = weights.filter((weight) => Math.fround(weight) > 0).length
  const drawn = noRepeats
    ? generator.multinomial(weights, Math.min(count, distinct))
    : generator.multinomial(weights, count, { replacement: true })
  for (const k of drawn) yield [...found[k].ids]
}

/** Adds lines to a pool, and their weights to those of the same lines. */
function merge<W extends Weighted>(pool: Map<string, W>, lines: readonly W[]): Map<string, W> {
  for (const line of lines) {
    const key = line.ids.join()
    const before = pool.get(key)
    const both = before && { log: addLogs([line.log, before.log]), times: line.times + before.times }
    pool.set(key, { ...line, ...both })
  }
  return pool
}

/** Lines that satisfy all wishes, each with its weight. */
async function oneRound(options: SearchOptions): Promise<Weighted[]> {
  const { count, prompt, contains, endsWith, length, most } = options
  const { choice, meanLength, generator, draw, score, fits } = options
  const { temperature = 1 } = choice
  const few = Math.round(CUTS / (meanLength + 1))
  const lines = isGreedy(choice) ? 1 : Math.min(Math.max(few, LEAST_LINES), MOST_LINES)
  /** Starts of lines, of which the model makes more. */
  const kept = Math.ceil(Math.min(Math.max(2 * count, lines / 8), lines / 2))

  /** Lines of the model for these starts, each with its weight. */
  const drawn = async (starts: readonly Weighted[], wanted = lines) => {
    const all: (Weighted & { readonly start: readonly number[] })[] = []
    const weights = weightsOf(starts)
    const total = sum(weights)
    for (const [k, { ids: start, log }] of starts.entries()) {
      const n = Math.max(1, Math.round((wanted * weights[k]) / total))
      for (const ids of await draw(n, start)) all.push({ ids, start, log: log - Math.log(n), times: 1 })
    }
    return all
  }

  /** Puts a text at every cut of the lines of these starts, at the end with the stop. */
  const put = async (
    starts: readonly Weighted[],
    text: readonly number[],
    { end, accepts }: { end: boolean; accepts(ids: readonly number[], cut: number): boolean },
  ): Promise<Weighted[]> => {
    // A text may begin within the start, where they agree.
    const cuts = (await drawn(starts)).flatMap((line) => {
      const first = Math.max(0, line.start.length - text.length)
      const last = Math.min(line.ids.length, most - text.length)
      return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => ({ ...line, cut: first + k }))
    })
    const symbols = cuts.reduce((sum, { cut }) => sum + 2 * cut + text.length, 0)
    const taken = Math.max(1, Math.floor(cuts.length * Math.min(1, SYMBOLS / symbols)))
    const chosen = taken < cuts.length ? generator.randperm(cuts.length).slice(0, taken) : cuts.keys()
    const places = Array.from(chosen, (k) => {
      const { ids: line, start, log, times, cut } = cuts[k]
      const ids = [...line.slice(0, cut), ...text]
      const base = line.slice(0, Math.max(cut, start.length))
      return { ids, start, base, cut, log: log + Math.log(cuts.length / taken), times }
    }).filter(({ ids, start, cut }) => hasAt(ids, start, 0) && accepts(ids, cut))
    const found = [...merge(new Map(), places).values()]
    if (found.length === 0) return []
    const losses = await score([...found.map(({ ids }) => ids), ...found.map(({ base }) => base)])
    return found.flatMap(({ ids, log, times }, k) => {
      const [own, base] = [losses[k], losses[found.length + k]]
      if (!own || !base) return []
      const nats = (end ? own.nats : own.nats - own.stop) - (base.nats - base.stop)
      const weight = log - nats / Math.max(temperature, 1e-6)
      return Number.isFinite(weight) ? [{ ids, log: weight, times }] : []
    })
  }

  /** As many of them as are kept, by weight; the weight of all stays what it was. */
  const resampled = (lines: readonly Weighted[]): Weighted[] => {
    if (lines.length === 0) return []
    const all = [...merge(new Map(), lines).values()]
    const share = addLogs(all.map(({ log }) => log)) - Math.log(kept)
    const times = new Map<number, number>()
    for (const k of generator.multinomial(weightsOf(all), kept, { replacement: true }))
      times.set(k, (times.get(k) ?? 0) + 1)
    return Array.from(times, ([k, n]) => ({ ids: all[k].ids, log: share + Math.log(n), times: n }))
  }

  let starts: Weighted[] = [{ ids: prompt, log: 0, times: 1 }]
  if ([prompt, endsWith].every((ids) => indexOf(ids, contains) < 0)) {
    const accepts = (ids: readonly number[], cut: number) => indexOf(ids, contains) === cut
    starts = resampled(await put(starts, contains, { end: false, accepts }))
  }
  const needed = length.least - endsWith.length
  for (let level = Math.min(...starts.map(({ ids }) => ids.length)); level < needed; ) {
    const all = await drawn(starts, starts.length === 1 ? TOGETHER * lines : lines)
    const lengths = all.map(({ ids }) => ids.length).sort((a, b) => b - a)
    const reached = lengths[Math.min(kept, lengths.length) - 1]
    if (reached >= needed) break
    const next = Math.max(reached, level + 1)
    const longer = all.filter(({ ids }) => ids.length >= next)
    if (longer.length === 0) return []
    starts = resampled(
      longer.map((line) => ({ ...line, ids: line.ids.slice(0, Math.max(next, line.start.length)) })),
    )
    level = next
  }
  return put(starts, endsWith, { end: true, accepts: (ids) => fits(ids) })
}

/** Weights up to 1. */
function weightsOf(all: readonly Weighted[]): number[] {
  const largest = all.reduce((max, { log }) => Math.max(max, log), -Infinity)
  return all.map(({ log }) => Math.exp(log - largest))
}

/** ln of the sum of e^x. */
function addLogs(logs: readonly number[]): number {
  const largest = logs.reduce((max, log) => Math.max(max, log), -Infinity)
  return largest === -Infinity ? largest : largest + Math.log(sum(logs.map((log) => Math.exp(log - largest))))
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
