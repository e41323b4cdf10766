/** The generator used where none is given, like torch.default_generator. Source: torch.manual_seed. */
import { Generator } from "./torch.ts"

export const defaultGenerator = new Generator()

/** Reseeds the default generator with a whole number. Until then it has PyTorch's default seed. */
export const manualSeed = (seed: number): Generator => defaultGenerator.manualSeed(seed)
