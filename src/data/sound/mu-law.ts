/**
 * µ-law quantization: a sample becomes one of 256 levels, finer for quiet samples than for loud ones. A model then predicts levels
 * as it does letters.
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, section 2.2; ITU-T G.711 with µ = 255.
 */
import { told, UserError } from "../../errors.ts"

export const LEVELS = 256
/** The level of a sample of 0. */
export const SILENCE = LEVELS / 2

const MU = LEVELS - 1

/**
 * Samples, clipped to [-1, 1] -> levels from 0 to 255: sign(x) ln(1 + µ |x|) / ln(1 + µ), scaled and rounded. Throws a UserError
 * for NaN.
 */
export function muLawEncode(samples: ArrayLike<number>): Int32Array {
  return Int32Array.from(samples, (sample, k) => {
    if (Number.isNaN(sample)) throw new UserError(`muLawEncode: sample ${k} is NaN: give numbers`)
    const magnitude = Math.min(1, Math.abs(sample))
    const compressed = (Math.sign(sample) * Math.log1p(MU * magnitude)) / Math.log1p(MU)
    return Math.floor(((compressed + 1) / 2) * MU + 0.5)
  })
}

/** Levels -> samples: the inverse, up to rounding. Throws a UserError for anything that is not a level. */
export function muLawDecode(levels: ArrayLike<number>): Float32Array {
  return Float32Array.from(levels, (level, k) => {
    if (!(Number.isInteger(level) && level >= 0 && level < LEVELS))
      throw new UserError(
        `muLawDecode: level ${k} is ${told(level)}: give whole numbers from 0 to ${LEVELS - 1}`,
      )
    const compressed = (2 * level) / MU - 1
    return (Math.sign(compressed) * ((1 + MU) ** Math.abs(compressed) - 1)) / MU
  })
}
