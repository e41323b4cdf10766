/** Seeded random number generators: `Generator` is PyTorch's, `PythonRandom` is CPython's. */

export { defaultGenerator, manualSeed } from "./default-generator.ts"
export { MersenneTwister, type MersenneTwisterState } from "./mersenne-twister.ts"
export { PythonRandom } from "./python.ts"
export { Generator, type GeneratorState } from "./torch.ts"
