/** All that makes WaveNets of 2016 differ in what they see, for tests of what holds of each of them. */
import fc from "fast-check"

/** `T` is at most so many positions; the other settings are as the constructor takes them, but for labels without a width. */
export const waveNetSettings = ({ T }: { T: number }) =>
  fc.record({
    T: fc.integer({ min: 1, max: T }),
    layers: fc.integer({ min: 1, max: 3 }),
    stacks: fc.integer({ min: 1, max: 2 }),
    kernelSize: fc.integer({ min: 1, max: 3 }),
    labels: fc.constantFrom(0, 3),
    labelWidth: fc.constantFrom(undefined, 2),
    seriesWidth: fc.constantFrom(0, 2),
    seriesStride: fc.integer({ min: 1, max: 4 }),
    upsampling: fc.constantFrom("learned" as const, "repeat" as const),
    contextLayers: fc.integer({ min: 0, max: 2 }),
    contextStride: fc.integer({ min: 1, max: 4 }),
    norm: fc.constantFrom("none" as const, "layer" as const, "rms" as const),
    positions: fc.boolean(),
    seed: fc.nat(),
  })
