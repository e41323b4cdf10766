/**
 * How the numbers of a network are rounded in an exported script: as asked for, or so that the file fits a size, or else the fewest bits
 * that leave the validation loss as it is.
 */
import { gzipSync } from "node:zlib"
import { networkOf } from "../counting/mixture.ts"
import type { Lines } from "../data/text.ts"
import { UserError } from "../errors.ts"
import { roundedState } from "../interchange/index.ts"
import type { Written } from "../interchange/javascript.ts"
import { largestOf } from "../interchange/javascript-weights.ts"
import type { Model } from "../models/model.ts"
import { learnerOf } from "../runs/learners/index.ts"
import type { TrainedModel } from "../runs/trained-model.ts"
import type { RuntimeOptions } from "../runtime/session.ts"

/** The most by which 8 bits may raise the validation loss, in nats a symbol, before 16 are chosen. */
const TOLERANCE = 0.005

export interface Rounding {
  readonly content: string
  /** Absent for a model that only counts. */
  readonly bits?: number
  /** The validation loss, in nats a symbol, of the model and of the file. */
  readonly validation?: { readonly model: number; readonly file: number }
}

/** The size of a text as servers send it, in kilobytes of 1,000 bytes. */
export const kilobytesOf = (content: string): number => gzipSync(content, { level: 9 }).length / 1000

interface Wishes {
  readonly bits?: number
  /** The most kilobytes, gzipped. */
  readonly size?: number
  /** Whether the file has a filter of the list, which can be left out. */
  readonly filtered?: boolean
  /** The validation part; absent where the data is not at hand. */
  readonly validation?: Lines
  readonly runtime: RuntimeOptions
}

/** @param write The content of the file with numbers of so many bits. */
export async function roundTo(
  trained: TrainedModel<Written>,
  write: (bits?: number) => string,
  { bits, size, filtered, validation, runtime }: Wishes,
): Promise<Rounding> {
  const { model, config } = trained
  const learner = learnerOf(config.recipe)
  const loss = async (): Promise<number> => {
    const lines = await learner.lossPerLine(model, validation!, trained, runtime)
    const [nats, symbols] = (["nats", "symbols"] as const).map((unit) =>
      lines.reduce((total, line) => total + line[unit], 0),
    )
    return nats / symbols
  }
  const fits = (content: string) => size === undefined || kilobytesOf(content) <= size
  if (!learner.hasLayers) {
    const content = write()
    if (fits(content)) return { content }
    throw new UserError(
      `--size ${size}: the counted lines and the code are ${kilobytesOf(content).toFixed(1)} KB gzipped: give at least that, or train on fewer lines`,
    )
  }
  const network = networkOf(model as Model)
  const exact = network.stateDict()
  const known = validation !== undefined && validation.lines.length > 0
  const whole = known ? await loss() : undefined
  const rounded = async (bits: number) => {
    if (whole === undefined) return undefined
    network.loadStateDict(roundedState(network, bits))
    try {
      return { model: whole, file: await loss() }
    } finally {
      network.loadStateDict(exact)
    }
  }
  const made = async (bits: number): Promise<Rounding> => ({
    content: write(bits),
    bits,
    validation: await rounded(bits),
  })
  if (bits !== undefined) {
    const asked = await made(bits)
    if (fits(asked.content)) return asked
    throw new UserError(
      `--size ${size}: with --bits ${bits} the file has ${kilobytesOf(asked.content).toFixed(1)} KB gzipped: leave --bits out`,
    )
  }
  const eight = known ? await made(8) : undefined
  const close = eight?.validation && eight.validation.file - eight.validation.model <= TOLERANCE
  const best = eight && close ? eight : await made(16)
  if (fits(best.content)) return best
  if (eight && fits(eight.content)) return eight
  const levels = largestThat(FEWEST, largestOf(8), (most) => fits(write(bitsOf(most))))
  if (levels !== undefined) return made(bitsOf(levels))
  const least = kilobytesOf(write(bitsOf(FEWEST)))
  throw new UserError(
    `--size ${size}: even with numbers of ${bitsOf(FEWEST).toFixed(1)} bits the file has ${least.toFixed(1)} KB gzipped: ` +
      `give --size ${Math.ceil(least)}, ${filtered ? "leave the list out by --no-list, " : ""}or train a smaller network, such as --hidden 64`,
  )
}

/** Whole numbers from -2 to 2 are the fewest that a network can do with. */
const FEWEST = 2

const bitsOf = (most: number): number => Math.log2(2 * most + 1)

/** The largest whole number from `low` to `high` that fits, if all below one that fits do as well. */
function largestThat(low: number, high: number, fits: (number: number) => boolean): number | undefined {
  if (!fits(low)) return undefined
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle - 1
  }
  return low
}

/** What the rounding did, as a sentence; undefined where nothing was rounded. */
export function describeRounding({ bits, validation }: Rounding): string | undefined {
  if (bits === undefined) return undefined
  const numbers = `its numbers have ${Number.isInteger(bits) ? bits : bits.toFixed(1)} bits`
  if (!validation) return `${numbers}: without a validation part it is not known what that costs`
  const { model, file } = validation
  return `${numbers}: validation loss ${file.toFixed(4)}, the model's ${model.toFixed(4)}`
}
