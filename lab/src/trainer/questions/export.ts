/** The model as it is now as a file for other tools, or the run's folder as a zip archive, to go on with elsewhere. */
import { UserError } from "../../../../src/errors.ts"
import { type Format, formats } from "../../../../src/interchange/formats.ts"
import { writeZip } from "../../../../src/interchange/zip.ts"
import { kindOf } from "../../../../src/runs/corpora/index.ts"
import type { TextCorpus } from "../../../../src/runs/corpora/text-corpus.ts"
import { exportedOf } from "../../../../src/runs/exported.ts"
import { learnerOf } from "../../../../src/runs/learners/index.ts"
import type { Live } from "../live.ts"

export type ExportName = "javascript" | "html" | "safetensors" | "pytorch" | "onnx" | "run"

export interface ExportedFile {
  /** Such as "names.js". */
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Of each number of a network in a script: what is made can hardly be told from that of the exact ones. */
const BITS = 8

export async function exportModel(live: Live, { as }: { as: ExportName }): Promise<ExportedFile> {
  return as === "run" ? runFolder(live) : modelFile(live, as)
}

function modelFile({ model, corpus, run: { config } }: Live, as: Exclude<ExportName, "run">): ExportedFile {
  const { takes, extension, content }: Format = formats[as]
  const { recipe } = config
  const { hasLayers, hasCounts } = learnerOf(recipe)
  if (takes === "network" && !hasLayers)
    throw new UserError("This model is counted and has no layers: choose JavaScript, a page or safetensors.")
  const isText = takes === "text"
  if (isText && !kindOf(recipe).scripts)
    throw new UserError("A script makes text, and this model sound: choose safetensors, PyTorch or ONNX.")
  const { tokens } = corpus.vocabulary
  if (isText && tokens !== "characters")
    throw new UserError(
      `A script makes characters, and this model ${tokens}: choose safetensors${hasLayers ? ", PyTorch or ONNX" : ""}.`,
    )
  if (isText && corpus.isEndless && hasCounts)
    throw new UserError(
      "A script of a running text has a network alone, and this model counts: choose safetensors.",
    )
  const parts = isText ? (corpus as TextCorpus).parts : undefined
  const exported = {
    ...exportedOf({ ...corpus, model, config }, takes, { parts }),
    ...(isText && hasLayers && { bits: BITS }),
  }
  const written = content(exported as never)
  const bytes = typeof written === "string" ? new TextEncoder().encode(written) : new Uint8Array(written)
  return { name: `${recipe.data.replace(/\.\w+$/, "")}${extension}`, bytes }
}

async function runFolder({ run, training, step, isEvaluating }: Live): Promise<ExportedFile> {
  const { steps, patience } = run.config.recipe
  if (training && step < steps && patience === undefined && !isEvaluating)
    await run.save(training.module, training.state())
  const { store } = run
  const files: Record<string, Uint8Array> = {}
  for (const file of await store.list()) files[`${store.name}/${file}`] = (await store.read(file))!
  return { name: `${store.name}.zip`, bytes: writeZip(files) }
}
