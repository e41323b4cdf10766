/** The lecture's chapters as the page tells them: the text and code of the files in `lecture/`, and what the page shows beside each. */
import { idOf } from "./address.ts"
import type { ChapterText } from "./chapter-text.ts"
import { type Preset, presets } from "./presets.ts"

export interface Chapter extends ChapterText {
  readonly preset: Preset
  readonly panel: string
  readonly context: string
}

/** The preset, the panel and the context beside each chapter, by the number of its file. */
const shown: Readonly<Record<string, { preset: string; panel: string; context: string }>> = {
  "01": { preset: "lecture-row-1", panel: "tree", context: "emm" },
  "02": { preset: "lecture-row-1", panel: "layers", context: "emm" },
  "03": { preset: "lecture-row-1", panel: "layers", context: "emm" },
  "04": { preset: "lecture-row-4", panel: "tree", context: "deandre" },
  "05": { preset: "lecture-row-2", panel: "tree", context: "deandre" },
  "06": { preset: "lecture-row-4", panel: "tree", context: "deandre" },
  "07": { preset: "lecture-row-3", panel: "batch-norm", context: "deandre" },
  "08": { preset: "lecture-row-5", panel: "tree", context: "deandre" },
  "09": { preset: "wavenet-2016", panel: "tree", context: "deandre" },
  "10": { preset: "lecture-row-2", panel: "activations", context: "deandre" },
  "11": { preset: "wavenet-2016", panel: "activations", context: "deandre" },
  "12": { preset: "lecture-row-4", panel: "layers", context: "deandre" },
  "13": { preset: "lecture-row-1", panel: "embedding", context: "emm" },
}

const files = import.meta.glob<ChapterText>("../../lecture/*.ts", {
  query: "?chapter",
  import: "default",
  eager: true,
})

export const chapters: readonly Chapter[] = Object.entries(files)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .flatMap(([path, text]) => {
    const beside = shown[/(\d\d)-[^/]*$/.exec(path)?.[1] ?? ""]
    return beside
      ? [{ ...text, ...beside, preset: presets.find((preset) => idOf(preset) === beside.preset)! }]
      : []
  })
