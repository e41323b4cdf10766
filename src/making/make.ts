/** `const names = await make(lines)`, then `await names.sample({ count: 20 })`: from a list to things like those on it, in memory. */
import { parseLines } from "../data/text.ts"
import { requireOptions, told, UserError } from "../errors.ts"
import { Generator } from "../random/torch.ts"
import { openSamplerWithWishes } from "../runs/corpora/text-wishes.ts"
import { memoryStore } from "../runs/memory-store.ts"
import { openAnyModel } from "../runs/open-model.ts"
import { runtimeOf } from "../runs/recipe.ts"
import type { SampleOptions } from "../sampling/sampler.ts"
import type { Wishes } from "../sampling/wishes.ts"
import { positive, requireAccepted } from "../setting.ts"
import { type Made, type MakeOptions, makeRun } from "./make-run.ts"

/** How to sample, and what every sample must satisfy. */
export interface NewThings
  extends Omit<Wishes, "known" | "noRepeats">,
    Partial<Pick<SampleOptions, "count" | "temperature" | "topK" | "topP" | "generator">> {
  /** By default 20. */
  readonly count?: number
  /** By default 0.8. A little below 1, what is made looks more like the list. */
  readonly temperature?: number
  readonly startsWith?: string
}

export interface Maker extends Made {
  /** Things that are not on the list, none twice; fewer than `count` if too few satisfy what is asked for. */
  sample(options?: NewThings): Promise<string[]>
}

const optionNames = ["seconds", "temperature", "seed", "threads", "signal", "onStage", "out", "notice"]

const sampleOptionNames = [
  ...["count", "temperature", "topK", "topP", "generator"],
  ...["startsWith", "endsWith", "contains", "length", "avoid"],
]

/** Of the samples: a little below 1, they look more like the list. */
export const TEMPERATURE = 0.8

/**
 * Trains on lines for at most `seconds`, 20 by default. The run is kept in memory, unless `out` says where. Throws a UserError for lines
 * that no model can be trained on, such as none.
 */
export async function make(
  lines: readonly string[],
  options: Omit<MakeOptions, "data" | "inventory" | "request"> = {},
): Promise<Maker> {
  if (!Array.isArray(lines) || !lines.every((line) => typeof line === "string"))
    throw new UserError(`make: ${told(lines)} in place of lines: give a list of texts`)
  if (lines.length === 0) throw new UserError("make: no lines: give at least two different texts")
  requireOptions("make", options, optionNames)
  const { seconds } = options
  requireAccepted("make", { seconds: positive(undefined, "", { most: 86_400 }) }, { seconds })
  const text = parseLines(lines.join("\n"), { name: "the list" })
  const made = await makeRun(text, { out: memoryStore(), temperature: TEMPERATURE, ...options })
  const trained = await openAnyModel(made.run.store)
  const runtime = runtimeOf(trained.config.recipe)
  return {
    ...made,
    async sample(options = {}) {
      requireOptions("sample", options, sampleOptionNames)
      const {
        count = 20,
        startsWith = "",
        temperature = TEMPERATURE,
        topK,
        topP,
        generator = new Generator(),
        ...wishes
      } = options
      const all = { ...wishes, known: text.lines, noRepeats: true }
      const sampler = await openSamplerWithWishes(trained, all, { runtime })
      const prompt = Array.from(trained.vocabulary.encode(startsWith))
      const samples: string[] = []
      try {
        for await (const ids of sampler.sample({ count, prompt, temperature, topK, topP, generator }))
          samples.push(trained.vocabulary.decode(ids))
        return samples
      } finally {
        await sampler.release()
      }
    },
  }
}
