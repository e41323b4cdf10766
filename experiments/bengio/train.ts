/**
 * Trains the networks of table 1 of Bengio et al. 2003 on words of the Brown corpus, one after another:
 * `node experiments/bengio/train.ts --out FOLDER [--networks MLP9,MLP3] [--seeds 1,2,3] [--threads 2] [--provider webgpu]`. Each has a
 * folder of its own, FOLDER/MLP9-1, with
 *
 *   log.jsonl               a line an epoch: the mean loss of its steps, and that of the validation part
 *   best.safetensors        the parameters of the epoch with the lowest validation loss: early stopping
 *   validation.f32          under these, ln p of each of the 200,000 words, float32, for mixtures
 *   checkpoint.safetensors  from which the same command goes on after the last epoch that it finished
 *   result.json             once all epochs are trained
 *
 * Each field of the recipe is a flag too: `--rate 0.02`. The test part is not read.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { fail } from "../../src/cli/ending.ts"
import { print } from "../../src/cli/output.ts"
import { writeFileAtomic } from "../../src/data/atomic-file.ts"
import { epochBatches } from "../../src/data/batches.ts"
import { UserError } from "../../src/errors.ts"
import { mean } from "../../src/experiments/statistics.ts"
import { tensorsOf, writeSafetensors } from "../../src/interchange/safetensors.ts"
import { adamw, cosine, inverseTime, sgd } from "../../src/optim/index.ts"
import { Generator } from "../../src/random/index.ts"
import { decodeCheckpoint, encodeCheckpoint } from "../../src/runs/checkpoint.ts"
import type { Provider, RuntimeOptions } from "../../src/runtime/index.ts"
import { openEvaluator, train } from "../../src/training/index.ts"
import {
  brownWords,
  logProbabilities,
  makeNetwork,
  type NetworkName,
  networks,
  rowsOf,
  trainingRows,
  type Words,
} from "./networks.ts"

interface Recipe {
  readonly epochs: number
  /** adamw with half a cosine, or sgd with the schedule of the paper. */
  readonly optimizer: string
  readonly rate: number
  readonly weightDecay: number
  /** Of AdamW. Why it is large: docs/bengio.md, "Training". */
  readonly eps: number
  readonly dropout: number
  readonly embeddingStd: number
  /** r of the paper's schedule, a step. */
  readonly rateDecay: number
  /** Rows of a step: of 253 predictions each, or 256 for the LSTM and the transformer. */
  readonly batchSize: number
}

const defaults: Recipe = {
  ...{ epochs: 4, optimizer: "adamw", rate: 0.016, weightDecay: 0.1, eps: 1e-4, batchSize: 4 },
  ...{ dropout: 0.2, embeddingStd: 0.1, rateDecay: 1e-5 },
}

interface Epoch {
  readonly epoch: number
  readonly train: number
  readonly validation: number
  readonly perplexity: number
  readonly seconds: number
}

/** Trains one network from one seed, or what is left of it. */
async function trainOne(
  words: Words,
  name: NetworkName,
  seed: number,
  recipe: Recipe,
  runtime: RuntimeOptions,
  folder: string,
) {
  mkdirSync(folder, { recursive: true })
  const file = (name: string) => join(folder, name)
  const identity = JSON.stringify({ name, seed, ...recipe })
  const generator = new Generator(seed)
  const network = makeNetwork(name, words.vocabularySize, recipe, generator)
  const earlier = existsSync(file("checkpoint.safetensors"))
    ? await decodeCheckpoint(readFileSync(file("checkpoint.safetensors")), folder)
    : undefined
  if (earlier && earlier.identity !== identity)
    throw new UserError(
      `${folder}: it was begun as ${earlier.identity}, and this is ${identity}: give another --out`,
    )
  if (existsSync(file("result.json"))) return print(`${folder}: is trained`)
  if (earlier) network.loadStateDict(earlier.model)

  const { epochs, optimizer, rate, weightDecay, eps, batchSize, rateDecay } = recipe
  const rows = trainingRows(words, network)
  const stepsAnEpoch = Math.floor(rows.inputs.shape[0] / batchSize)
  const steps = epochs * stepsAnEpoch
  // Decay is for the weights and the features of words, and not for biases, as in the paper.
  const decay = { weightDecay, decays: "matrices" } as const
  const training = train(network, rows, {
    ...{ steps, batchSize, generator, batches: epochBatches, from: earlier?.training, runtime },
    ...(optimizer === "sgd"
      ? { optimizer: sgd(decay), rate: inverseTime(rate, { rateDecay }) }
      : { optimizer: adamw({ ...decay, eps }), rate: cosine(rate, { steps, warmup: 100 }) }),
  })
  const heldOut = rowsOf(words, network, words.validation)
  const evaluator = await openEvaluator(network, heldOut, { runtime })
  const log: Epoch[] = earlier ? linesOf(file("log.jsonl")).slice(0, training.step / stepsAnEpoch) : []
  while (training.step < steps) {
    const begin = performance.now()
    let sum = 0
    for (const end = training.step + stepsAnEpoch; training.step < end; ) {
      const { losses } = await training.advance(Math.min(end, training.step + 20))
      sum += losses.reduce((total, loss) => total + loss, 0)
    }
    const logs = logProbabilities(await evaluator.lossPerTarget(), heldOut)
    const validation = -mean([...logs])
    const isBest = log.every((earlier) => validation < earlier.validation)
    const line: Epoch = {
      epoch: training.step / stepsAnEpoch,
      train: sum / stepsAnEpoch,
      validation,
      perplexity: Math.exp(validation),
      seconds: Math.round((performance.now() - begin) / 1000),
    }
    log.push(line)
    if (isBest) {
      const metadata = { identity, epoch: String(line.epoch), validation: String(validation) }
      await writeFileAtomic(
        file("best.safetensors"),
        writeSafetensors(tensorsOf(network.stateDict()), metadata),
      )
      await writeFileAtomic(file("validation.f32"), new Uint8Array(logs.buffer))
    }
    const state = { model: network.stateDict(), training: training.state(), identity, metricsBytes: 0 }
    // The log first, so that it has each epoch of the checkpoint. A resumed training drops a later one.
    await writeFileAtomic(file("log.jsonl"), log.map((line) => `${JSON.stringify(line)}\n`).join(""))
    await writeFileAtomic(file("checkpoint.safetensors"), await encodeCheckpoint(state))
    print(`${name}-${seed}: ${JSON.stringify(line)}`)
  }
  await training.release()
  await evaluator.release()
  const best = log.reduce((best, line) => (line.validation < best.validation ? line : best))
  await writeFileAtomic(file("result.json"), `${JSON.stringify({ name, seed, ...recipe, ...best })}\n`)
}

const linesOf = (path: string): Epoch[] =>
  existsSync(path)
    ? readFileSync(path, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
    : []

function numberOf(name: string, given: string | number): number {
  const value = Number(given)
  if (given === "" || !Number.isFinite(value)) throw new UserError(`--${name} ${given}: give a number`)
  return value
}

async function main(): Promise<void> {
  const keys = Object.keys(defaults) as (keyof Recipe)[]
  const { values } = parseArgs({
    options: Object.fromEntries(
      ["out", "networks", "seeds", "provider", "threads", ...keys].map((name) => [
        name,
        { type: "string" as const },
      ]),
    ),
  })
  const given = values as Record<string, string | undefined>
  const { out, seeds = "1", networks: wanted = Object.keys(networks).join() } = given
  if (out === undefined) throw new UserError("train: name the folder of the results: --out FOLDER")
  const names = wanted.split(",") as NetworkName[]
  for (const name of names)
    if (!(name in networks))
      throw new UserError(
        `--networks ${name}: there are ${Object.keys(networks).join(", ")}: give some of them`,
      )
  const recipe = Object.fromEntries(
    keys.map((key) => {
      const value = given[key] ?? defaults[key]
      return [key, key === "optimizer" ? value : numberOf(key, value)]
    }),
  ) as unknown as Recipe
  const runtime: RuntimeOptions = {
    provider: given.provider as Provider | undefined,
    threads: given.threads === undefined ? undefined : numberOf("threads", given.threads),
  }
  const words = await brownWords()
  for (const seed of seeds.split(",").map((seed) => numberOf("seeds", seed)))
    for (const name of names) await trainOne(words, name, seed, recipe, runtime, join(out, `${name}-${seed}`))
}

if (import.meta.main) await main().catch(fail)
