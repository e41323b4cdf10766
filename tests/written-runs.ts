/** Finished runs as files, for tests of what reads many runs: no training takes place. */
import { mkdirSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { resolveRecipe } from "../src/runs/recipe.ts"
import { type RunConfig, showConfig } from "../src/runs/run-config.ts"
import type { Settings } from "../src/runs/settings.ts"

export interface WrittenRun {
  readonly settings: Settings
  /** The last validation loss. */
  readonly loss: number
  readonly config?: Partial<RunConfig>
  /** Steps taken; all by default. */
  readonly taken?: number
}

/** The steps of a run, of which every hundredth is logged. */
export const STEPS = 1000

/** Writes a run that was last changed `time` seconds after an epoch. */
export function writeRun(
  folder: string,
  { settings, loss, config, taken = STEPS }: WrittenRun,
  time = 0,
): void {
  const isTrained = settings.model !== "ngram" && settings.model !== "ensemble"
  const network: Settings = { recipe: "lecture", model: "flat", steps: STEPS }
  const whole: RunConfig = {
    recipe: resolveRecipe({ ...(isTrained ? network : {}), data: "things.txt", ...settings }),
    data: { lines: 3, sha256: "5e1f" },
    vocabulary: ["a", "b", "c"],
    parameters: 100,
    ...config,
  }
  const last = { train: loss - 0.1, validation: loss, seconds: 12.5 }
  const ofNetwork = [
    ...Array.from({ length: taken / 100 }, (_, k) => ({
      ...{ step: 100 * k, loss: 2 - k / 10, mean: 2.05 - k / 10, rate: 0.1 },
    })),
    { step: taken / 2, validation: loss + 0.2 },
    { step: taken, ...(taken === STEPS ? last : { validation: loss }) },
  ]
  const members = [{ name: "a", weight: 1, validation: loss }]
  const atOnce = [{ step: 0, ...last, ...(settings.model === "ensemble" && { members }) }]
  const lines = isTrained ? ofNetwork : atOnce
  mkdirSync(folder, { recursive: true })
  const files = {
    "config.json": showConfig(whole),
    "metrics.jsonl": lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  }
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), content)
    utimesSync(join(folder, name), 1.7e9 + time, 1.7e9 + time)
  }
}
