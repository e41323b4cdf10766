/** The stream that is drawn from where no generator is given, as torch.default_generator. Source: torch.manual_seed. */
import { Generator } from "./torch.ts"

export const defaultGenerator = new Generator()

/** Restarts the default generator from a seed, a whole number. Before the first call it has PyTorch's default seed. */
export const manualSeed = (seed: number): Generator => defaultGenerator.manualSeed(seed)
