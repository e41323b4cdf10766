/**
 * Trains the networks of table 1 of Bengio et al. 2003 on words of the Brown corpus, one after another in one thread:
 * `node experiments/bengio/train.ts --out FOLDER [--networks MLP9,MLP3] [--seeds 1,2,3]`. Each has a folder of its own, FOLDER/MLP9-1, with
 *
 *   log.jsonl               a line an epoch: the mean loss of its steps, and that of the validation part
 *   best.safetensors        the parameters of the epoch with the lowest validation loss: early stopping
 *   validation.f32          under these, ln p of each of the 200,000 words, float32, for mixtures
 *   checkpoint.safetensors  from which the same command goes on after the last epoch that it finished
 *   result.json             once all epochs are trained
 *
 * The test part is not read.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { fail } from "../../src/cli/ending.ts"
import { print } from "../../src/cli/output.ts"
import { writeFileAtomic } from "../../src/data/atomic-file.ts"
import { epochBatches } from "../../src/data/batches.ts"
import type { Dataset } from "../../src/data/dataset.ts"
import { UserError } from "../../src/errors.ts"
import { tensorsOf, writeSafetensors } from "../../src/interchange/safetensors.ts"
import type { MLP } from "../../src/models/mlp.ts"
import { Dropout } from "../../src/nn/dropout.ts"
import { Module } from "../../src/nn/module.ts"
import { adamw, cosine, inverseTime, sgd } from "../../src/optim/index.ts"
import { Generator } from "../../src/random/index.ts"
import { decodeCheckpoint, encodeCheckpoint } from "../../src/runs/checkpoint.ts"
import { Tensor } from "../../src/tensor/tensor.ts"
import type { Batch, Columns } from "../../src/training/columns.ts"
import { nextSymbolLoss, openEvaluator, train } from "../../src/training/index.ts"
import {
  brownWords,
  makeNetwork,
  type NetworkName,
  networks,
  RARE,
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
  /**
   * Of AdamW. Much less would divide the gradients of words that a training part never has, all tiny and of one sign, by themselves: in
   * each step such a word would lose as much of its probability as any.
   */
  readonly eps: number
  readonly dropout: number
  readonly embeddingStd: number
  /**
   * The probability that a word of the context is taken for a rare one in training. Source: the blank noising of Xie et al. 2017,
   * https://arxiv.org/abs/1703.02573, section 3.3
   */
  readonly noise: number
  /** r of the paper's schedule, a step. */
  readonly rateDecay: number
  /** Rows of a step, of 253 predictions each. */
  readonly batchSize: number
}

const defaults: Recipe = {
  ...{ epochs: 8, optimizer: "adamw", rate: 4e-3, weightDecay: 0.1, eps: 1e-5, batchSize: 4 },
  ...{ dropout: 0.1, embeddingStd: 0.1, noise: 0, rateDecay: 1e-5 },
}

interface Epoch {
  readonly epoch: number
  readonly train: number
  readonly validation: number
  readonly perplexity: number
  readonly seconds: number
}

/** A network in training, some of whose words are taken for rare ones. */
class Noised extends Module {
  readonly network: MLP
  readonly noise: Dropout

  constructor(network: MLP, probability: number) {
    super()
    this.network = network
    this.noise = new Dropout(probability)
  }

  loss(batch: Batch<Dataset>) {
    const kept = this.noise.forward(Tensor.full(batch.inputs.shape, 1)).greater(0)
    return nextSymbolLoss(this.network)({ ...batch, inputs: kept.where(batch.inputs, RARE) })
  }
}

/** Trains one network from one seed, or what is left of it. */
async function trainOne(words: Words, name: NetworkName, seed: number, recipe: Recipe, folder: string) {
  mkdirSync(folder, { recursive: true })
  const file = (name: string) => join(folder, name)
  if (existsSync(file("result.json"))) return print(`${folder}: is trained`)
  const identity = JSON.stringify({ name, seed, ...recipe })
  const network = makeNetwork(name, words.vocabularySize, recipe)
  const generator = new Generator(seed)
  const noised = new Noised(network, recipe.noise)
  noised.initialize(generator)
  const earlier = existsSync(file("checkpoint.safetensors"))
    ? await decodeCheckpoint(readFileSync(file("checkpoint.safetensors")), folder)
    : undefined
  if (earlier && earlier.identity !== identity)
    throw new UserError(
      `${folder}: it was begun as ${earlier.identity}, and this is ${identity}: give another --out`,
    )
  if (earlier) noised.loadStateDict(earlier.model)

  const { epochs, optimizer, rate, weightDecay, eps, batchSize, rateDecay } = recipe
  const rows = trainingRows(words, network)
  const stepsAnEpoch = Math.floor(rows.inputs.shape[0] / batchSize)
  const steps = epochs * stepsAnEpoch
  // Decay is for the weights and the features of words, and not for biases, as in the paper.
  const decay = { weightDecay, decays: "matrices" } as const
  const training = train(noised, rows as Dataset & Columns, {
    ...{ steps, batchSize, generator, batches: epochBatches, from: earlier?.training },
    loss: (batch: Batch<Dataset>) => noised.loss(batch),
    ...(optimizer === "sgd"
      ? { optimizer: sgd(decay), rate: inverseTime(rate, { rateDecay }) }
      : { optimizer: adamw({ ...decay, eps }), rate: cosine(rate, { steps, warmup: 100 }) }),
  })
  const heldOut = rowsOf(words, network, words.validation)
  const evaluator = await openEvaluator(network, heldOut)
  const log: Epoch[] = earlier ? linesOf(file("log.jsonl")).slice(0, training.step / stepsAnEpoch) : []
  await writeFileAtomic(file("log.jsonl"), log.map((line) => `${JSON.stringify(line)}\n`).join(""))
  while (training.step < steps) {
    const begin = performance.now()
    let sum = 0
    for (const end = training.step + stepsAnEpoch; training.step < end; ) {
      const { losses } = await training.advance(Math.min(end, training.step + 20))
      sum += losses.reduce((total, loss) => total + loss, 0)
    }
    const losses = (await evaluator.lossPerTarget()).filter((_, k) => heldOut.targets.data[k] >= 0)
    const validation = losses.reduce((total, loss) => total + loss, 0) / losses.length
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
      await writeFileAtomic(file("validation.f32"), new Uint8Array(losses.map((loss) => -loss).buffer))
    }
    const state = { model: noised.stateDict(), training: training.state(), identity, metricsBytes: 0 }
    await writeFileAtomic(file("checkpoint.safetensors"), await encodeCheckpoint(state))
    appendFileSync(file("log.jsonl"), `${JSON.stringify(line)}\n`)
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

async function main(): Promise<void> {
  const keys = Object.keys(defaults) as (keyof Recipe)[]
  const { values } = parseArgs({
    options: Object.fromEntries(
      ["out", "networks", "seeds", ...keys].map((name) => [name, { type: "string" as const }]),
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
      return [key, key === "optimizer" ? value : Number(value)]
    }),
  ) as unknown as Recipe
  const words = await brownWords()
  for (const seed of seeds.split(",").map(Number))
    for (const name of names) await trainOne(words, name, seed, recipe, join(out, `${name}-${seed}`))
}

if (import.meta.main) await main().catch(fail)
