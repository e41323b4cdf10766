/** How a run shows itself: its settings that are not the defaults, its losses, and in a notebook their curve. */
import { lossPlotSvg } from "../charts/loss-plot.ts"
import { table } from "../charts/table.ts"
import type { Media } from "../display/contract.ts"
import { bold, htmlTable, paragraph } from "../display/html.ts"
import { shown, type Value } from "../setting.ts"
import { batchLosses, readMetrics, validationLosses } from "./metrics.ts"
import { type Recipe, settingsBesideDefaults } from "./recipe.ts"
import type { RunConfig } from "./run-config.ts"
import type { Store } from "./store.ts"

const named = ["recipe", "data", "model"]

/** The model, the data, and the settings that are not the defaults of that model. */
function chosenSettings(recipe: Recipe): string[][] {
  const others = Object.entries(settingsBesideDefaults(recipe, undefined)).filter(
    ([name]) => !named.includes(name),
  )
  return Object.entries({ model: recipe.model, data: recipe.data, ...Object.fromEntries(others) }).map(
    ([name, value]) => [name, shown(value as Value)],
  )
}

export async function runMedia(store: Store, config: RunConfig): Promise<Media> {
  const metrics = await readMetrics(store)
  const [training, validation] = [batchLosses(metrics), validationLosses(metrics)]
  const rows = [
    ...chosenSettings(config.recipe),
    ["parameters", (config.parameters ?? 0).toLocaleString("en")],
    ...[["training loss", training] as const, ["validation loss", validation] as const].flatMap(
      ([name, losses]) =>
        losses
          .slice(-1)
          .map(({ step, loss }) => [name, `${loss.toFixed(4)} after ${step.toLocaleString("en")} steps`]),
    ),
  ]
  const curve =
    training.length > 1
      ? `<img alt="the loss curve" src="data:image/svg+xml,${encodeURIComponent(await lossPlotSvg({ training, batches: config.recipe.logEvery, validation }))}">`
      : ""
  return {
    "text/plain": `${store.name}\n\n${table([["", ""], ...rows], { left: 2 }).trimStart()}`,
    "text/html": [
      paragraph(bold(store.name)),
      htmlTable([["setting", "value"], ...rows], { left: 2 }),
      curve,
    ].join("\n"),
  }
}
