/** The activations, gradients and updates of a run's network on one training batch, with charts in the run's folder. */
import { join } from "node:path"
import { embeddingMapSvg } from "../charts/embedding-map.ts"
import { histogramsSvg } from "../charts/histograms.ts"
import { colors } from "../charts/svg-chart.ts"
import { writeFileAtomic } from "../data/atomic-file.ts"
import { Embedding } from "../nn/embedding.ts"
import { Generator } from "../random/torch.ts"
import type { Corpus } from "../runs/corpora/corpus.ts"
import { openModel } from "../runs/open-model.ts"
import { createOptimizer, createSchedule, type Recipe, runtimeOf } from "../runs/recipe.ts"
import { openTeacher } from "../runs/teacher.ts"
import type { TrainedModel } from "../runs/trained-model.ts"
import {
  type Diagnosis,
  diagnose,
  type LayerDiagnosis,
  layerName,
  saturationName,
} from "../training/diagnostics.ts"
import { nextSymbolLoss } from "../training/loss.ts"
import { formatCount, notice, percent } from "./output.ts"
import { showStage } from "./show-loading.ts"

/** Diagnoses the step that training would take next, and writes charts of it. The batch size and the machine may differ from the run's. */
export async function lookInside(folder: string, recipe: Recipe, corpus: Corpus) {
  const { batchSize, clipNorm, seed } = recipe
  const runtime = runtimeOf(recipe, notice)
  const trained = await openModel(folder)
  const rows = corpus.trainingRows(trained.model)
  const teacher = await openTeacher(
    { ...recipe, teacherLines: 0 },
    { corpus, runtime, notice, onStage: showStage },
  )
  const diagnosis = await diagnose(trained.model, (await teacher?.teach(trained.model, rows)) ?? rows, {
    rows: new Generator(seed).randint(0, rows.inputs.shape[0], batchSize),
    optimizer: createOptimizer(recipe),
    rate: createSchedule(recipe)(trained.steps),
    clipNorm,
    loss: nextSymbolLoss(trained.model, recipe),
    from: trained.training,
    runtime,
  })
  const pictures: string[] = []
  for (const [name, svg] of Object.entries(await draw(trained, diagnosis, batchSize))) {
    const path = join(folder, name)
    await writeFileAtomic(path, svg)
    pictures.push(path)
  }
  return { diagnosis, steps: trained.steps, pictures }
}

/** The charts, by the name of their file. */
async function draw(
  { model, config, vocabulary, steps }: TrainedModel,
  { layers }: Diagnosis,
  batchSize: number,
): Promise<Record<string, string>> {
  const place = `${config.recipe.model}, after ${formatCount(steps)} steps`
  const batch = `one training batch of ${formatCount(batchSize)} rows`
  const [, orange] = colors
  const pictures: Record<string, string> = {
    "activations.svg": await histogramsSvg(layers.map(activationsOf), {
      title: `Activations in ${place}`,
      subtitle: `${batch}; mean ± standard deviation`,
      label: "activation",
    }),
    "gradients.svg": await histogramsSvg(layers.map(gradientsOf), {
      title: `Gradients in ${place}`,
      subtitle: `${batch}; ± standard deviation`,
      label: "gradient of the loss in nats with respect to the activation",
      color: orange,
    }),
  }
  const embedding = model
    .namedModules()
    .map(([, module]) => module)
    .find((module) => module instanceof Embedding)
  if (embedding) {
    const [rows] = embedding.weight.shape
    // Some models have a row for the blank that pads the context.
    const symbols = Array.from({ length: rows }, (_, id) => vocabulary.symbols[id] ?? "blank")
    pictures["embedding.svg"] = await embeddingMapSvg({
      numbers: embedding.weight.data,
      symbols,
      title: `Embedding of ${place}`,
    })
  }
  return pictures
}

const activationsOf = (layer: LayerDiagnosis) => {
  const { mean, deviation } = layer.activation
  const saturated =
    layer.saturated === undefined ? "" : `, ${percent(layer.saturated)} ${saturationName(layer)}`
  const note = `${mean.toFixed(2).replace("-0.00", "0.00")} ± ${deviation.toFixed(2)}${saturated}`
  return { name: layerName(layer), numbers: layer.activations, note }
}

const gradientsOf = (layer: LayerDiagnosis) => ({
  name: layerName(layer),
  numbers: layer.gradients,
  note: `± ${layer.gradient.deviation.toExponential(1)}`,
})
