/** All that makes WaveNets of 2016 differ in what they see, for tests of what holds of each of them. */
import fc from "fast-check"

/** `T` is at most so many positions; the other settings are as the constructor takes them, but for labels without a width. */
export const waveNetSettings = ({ T }: { T: number }) =>
  fc
    .record({
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
      activation: fc.constantFrom("gated" as const, "tanh" as const, "relu" as const),
      plain: fc.boolean(),
      positions: fc.boolean(),
      seed: fc.nat(),
    })
    // The layers of a plain stack read what the one before puts out. Behind a norm a ReLU may shut, and two channels have nothing but a sign.
    .map(({ activation, ...settings }) => ({
      ...settings,
      ...(settings.plain && { residualChannels: 3, dilationChannels: 3 }),
      activation: activation === "relu" && settings.norm !== "none" ? ("tanh" as const) : activation,
    }))
