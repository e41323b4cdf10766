/** `const names = await make(lines)`, then `await names.sample({ count: 20 })`: from a list to things like those on it, in memory. */
import { inventoryOf } from "../data/inventory.ts"
import { parseLines } from "../data/text.ts"
import { requireOptions, told, UserError } from "../errors.ts"
import { Generator } from "../random/torch.ts"
import { openSamplerWithWishes, otherCapitals } from "../runs/corpora/text-wishes.ts"
import { memoryStore } from "../runs/memory-store.ts"
import { openAnyModel } from "../runs/open-model.ts"
import { runtimeOf } from "../runs/recipe.ts"
import type { Store } from "../runs/store.ts"
import type { SampleOptions } from "../sampling/sampler.ts"
import { requireText, type Wishes } from "../sampling/wishes.ts"
import { notNegative, positive, requireAccepted, seed, whole } from "../setting.ts"
import { type Made, type MakeOptions, makeRun } from "./make-run.ts"
import { longestMade } from "./possible.ts"

/** How to sample, and what every sample must satisfy. */
export interface NewThings
  extends Omit<Wishes, "known" | "noRepeats">,
    Partial<Pick<SampleOptions, "count" | "temperature" | "topK" | "topP" | "generator">> {
  /** By default 20. */
  readonly count?: number
  /** By default 0.8. A little below 1, what is made looks more like the list. */
  readonly temperature?: number
  readonly startsWith?: string
  /** A whole number. The same seed gives the same things; without, each call goes on from the one before. */
  readonly seed?: number
}

export interface Maker extends Made {
  /** Things that are not on the list, none twice; fewer than `count` if too few satisfy what is asked for, and `notice` is told why. */
  sample(options?: NewThings): Promise<string[]>
}

const optionNames = ["seconds", "temperature", "seed", "threads", "signal", "onStage", "out", "notice"]

const sampleOptionNames = [
  ...["count", "temperature", "topK", "topP", "seed", "generator"],
  ...["startsWith", "endsWith", "contains", "length", "avoid"],
]

const settings = {
  seconds: positive(undefined, "", { most: 86_400 }),
  temperature: notNegative(undefined, "", { most: 1000 }),
  seed: seed(undefined, ""),
  threads: whole(undefined, "", { least: 1, most: 1024 }),
}

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
  requireLines(lines)
  requireMakeOptions(options)
  const text = parseLines(lines.join("\n"), { name: "the list" })
  const inventory = inventoryOf(text.lines)
  const { out = memoryStore(), temperature = TEMPERATURE, notice } = options
  const made = await makeRun(text, { ...options, out, temperature, inventory })
  const trained = await openAnyModel(made.run.store)
  const { recipe } = trained.config
  const runtime = runtimeOf(recipe)
  const longest = longestMade(trained.model, inventory)
  const seeds = new Generator(recipe.seed)
  return {
    ...made,
    async sample(options = {}) {
      requireOptions("sample", options, sampleOptionNames)
      requireAccepted("sample", { seed: settings.seed }, { seed: options.seed })
      const {
        count = 20,
        startsWith = "",
        temperature = TEMPERATURE,
        topK,
        topP,
        seed = Math.floor(seeds.nextUniform() * 2 ** 32),
        generator = new Generator(seed),
        ...wishes
      } = options
      if (options.seed !== undefined && options.generator !== undefined)
        throw new UserError("sample: seed and generator: give only one")
      requireText("startsWith", startsWith)
      const capitals = otherCapitals(startsWith, text.lines)
      if (capitals !== undefined) notice?.(capitals)
      const all = { ...wishes, known: text.lines, noRepeats: true }
      const sampler = await openSamplerWithWishes(trained, all, { runtime, longest })
      const prompt = Array.from(trained.vocabulary.encode(startsWith))
      const samples: string[] = []
      try {
        for await (const ids of sampler.sample({ count, prompt, temperature, topK, topP, generator }))
          samples.push(trained.vocabulary.decode(ids))
        const shortage = sampler.shortage()
        if (shortage) notice?.(shortage.sentence)
        return samples
      } finally {
        await sampler.release()
      }
    },
  }
}

function requireLines(lines: readonly string[]): void {
  if (!Array.isArray(lines) || !lines.every((line) => typeof line === "string"))
    throw new UserError(`make: ${told(lines)} in place of lines: give a list of texts`)
  const at = lines.findIndex((line) => /[\r\n]/.test(line.trim()))
  if (at >= 0)
    throw new UserError(
      `make: the text ${told(lines[at])} at index ${at} has several lines: give each as a text of its own`,
    )
  if (lines.every((line) => line.trim() === ""))
    throw new UserError(
      `make: ${lines.length === 0 ? "no lines" : "every line is blank"}: give at least two different texts`,
    )
}

function requireMakeOptions(options: MakeOptions): void {
  requireOptions("make", options, optionNames)
  requireAccepted("make", settings, { ...options })
  const { signal, out } = options
  const wanted = {
    onStage: [isFunction(options.onStage), "a function"],
    notice: [isFunction(options.notice), "a function"],
    signal: [isFunction(signal?.throwIfAborted), "the signal of an AbortController"],
    out: [
      (typeof out === "string" && out !== "") || isFunction((out as Store | undefined)?.read),
      "the path of a folder, or a store",
    ],
  } as const
  for (const [name, [fits, what]] of Object.entries(wanted)) {
    const value = options[name as keyof typeof wanted]
    if (value !== undefined && !fits)
      throw new UserError(`make: ${name} ${told(value)}: give ${what}, or leave it out`)
  }
}

const isFunction = (value: unknown): boolean => typeof value === "function"
