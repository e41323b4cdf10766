/** What goes on inside a run's network on one batch of its training part, and the pictures of it in the run's folder. */
import { join } from "node:path"
import { embeddingMapSvg } from "../charts/embedding-map.ts"
import { histogramsSvg } from "../charts/histograms.ts"
import { colors } from "../charts/svg-chart.ts"
import { Embedding } from "../nn/embedding.ts"
import { Generator } from "../random/torch.ts"
import { writeFileAtomic } from "../runs/atomic-file.ts"
import type { Corpus } from "../runs/corpora/corpus.ts"
import { openModel } from "../runs/open-model.ts"
import { createOptimizer, createSchedule } from "../runs/recipe.ts"
import type { RunConfig } from "../runs/run-config.ts"
import type { TrainedModel } from "../runs/trained-model.ts"
import { type Diagnosis, diagnose, type LayerDiagnosis, layerName } from "../training/diagnostics.ts"
import { nextSymbolLoss } from "../training/loss.ts"
import { grouped, notice } from "./output.ts"

export interface Inside {
  readonly diagnosis: Diagnosis
  /** After so many steps. */
  readonly steps: number
  /** The files that were drawn. */
  readonly pictures: readonly string[]
}

/** The step that the training would take next, looked at. `config` may have another batch size than the run. */
export async function lookInside(folder: string, config: RunConfig, corpus: Corpus): Promise<Inside> {
  const { recipe } = config
  const { batchSize, clipNorm, classWeight, provider, threads, seed } = recipe
  const trained = await openModel(folder)
  const rows = corpus.trainingRows(trained.model)
  const diagnosis = await diagnose(trained.model, rows, {
    rows: new Generator(seed).randint(0, rows.inputs.shape[0], batchSize),
    optimizer: createOptimizer(recipe),
    rate: createSchedule(recipe)(trained.steps),
    clipNorm,
    loss: nextSymbolLoss(trained.model, { classWeight }),
    from: trained.training,
    runtime: { provider, threads, notice },
  })
  const pictures: string[] = []
  for (const [name, svg] of Object.entries(await draw(trained, diagnosis, batchSize))) {
    const path = join(folder, name)
    await writeFileAtomic(path, svg)
    pictures.push(path)
  }
  return { diagnosis, steps: trained.steps, pictures }
}

async function draw(
  { model, config, vocabulary, steps }: TrainedModel,
  { layers }: Diagnosis,
  batchSize: number,
): Promise<Record<string, string>> {
  const place = `inside ${config.recipe.model}, after ${grouped(steps)} steps`
  const batch = `of one batch of ${grouped(batchSize)} rows of the training part`
  const [, orange] = colors
  const pictures: Record<string, string> = {
    "activations.svg": await histogramsSvg(layers.map(activationsOf), {
      title: `Activations ${place}`,
      subtitle: `${batch}; mean ± standard deviation`,
      label: "activation",
    }),
    "gradients.svg": await histogramsSvg(layers.map(gradientsOf), {
      title: `Gradients ${place}`,
      subtitle: `${batch}; ± standard deviation`,
      label: "gradient of the loss with respect to the activation, nats",
      color: orange,
    }),
  }
  const embedding = model.namedModules().find(([, module]) => module instanceof Embedding)?.[1]
  if (embedding instanceof Embedding) {
    const [rows] = embedding.weight.shape
    // A model may have a row for the blank before the start.
    const symbols = Array.from({ length: rows }, (_, id) => vocabulary.symbols[id] ?? "blank")
    pictures["embedding.svg"] = await embeddingMapSvg({
      numbers: embedding.weight.data,
      symbols,
      title: `The embedding of ${config.recipe.model}, after ${grouped(steps)} steps`,
    })
  }
  return pictures
}

const activationsOf = (layer: LayerDiagnosis) => {
  const { mean, deviation } = layer.activation
  const stuck = layer.saturated === undefined ? "" : `, ${(100 * layer.saturated).toFixed(1)} % saturated`
  const note = `${mean.toFixed(2).replace("-0.00", "0.00")} ± ${deviation.toFixed(2)}${stuck}`
  return { name: layerName(layer), numbers: layer.activations, note }
}

const gradientsOf = (layer: LayerDiagnosis) => ({
  name: layerName(layer),
  numbers: layer.gradients,
  note: `± ${layer.gradient.deviation.toExponential(1)}`,
})
