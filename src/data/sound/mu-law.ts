/**
 * Sound as symbols: a sample becomes one of 256 levels, which lie close together where it is quiet, as hearing does, and far apart
 * where it is loud. A model then says how probable each level is, as it does of letters.
 * Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, section 2.2; ITU-T G.711 with µ = 255.
 */

export const LEVELS = 256
/** The level of a sample of 0. */
export const SILENCE = LEVELS / 2

const MU = LEVELS - 1

/** Samples from -1 to 1 -> levels from 0 to 255; what lies beyond is clipped. sign(x) ln(1 + µ |x|) / ln(1 + µ), rounded. */
export function muLawEncode(samples: ArrayLike<number>): Int32Array {
  return Int32Array.from(samples, (sample) => {
    const loud = Math.min(1, Math.abs(sample))
    const curved = (Math.sign(sample) * Math.log1p(MU * loud)) / Math.log1p(MU)
    return Math.floor(((curved + 1) / 2) * MU + 0.5)
  })
}

/** Levels -> samples, each in the middle of those that have its level. */
export function muLawDecode(levels: ArrayLike<number>): Float32Array {
  return Float32Array.from(levels, (level) => {
    const curved = (2 * level) / MU - 1
    return (Math.sign(curved) * ((1 + MU) ** Math.abs(curved) - 1)) / MU
  })
}
