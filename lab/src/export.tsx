/** Takes the model away as a file: for a page, for other tools, or the whole run to go on with elsewhere. */
import { useSignal } from "@preact/signals"
import { Dialog } from "./dialog.tsx"
import { saveFile } from "./save-file.ts"
import { trainer } from "./session.ts"
import type { ExportName } from "./trainer/questions/export.ts"

interface Choice {
  readonly as: ExportName
  readonly title: string
  readonly description: string
  /** What the model must have: layers, or text that it makes. */
  readonly needs?: "layers" | "text"
}

const choices: readonly Choice[] = [
  {
    as: "javascript",
    title: "JavaScript",
    description: "one file that makes more, for a page of yours; 8 bits a number",
    needs: "text",
  },
  {
    as: "html",
    title: "A page",
    description: "one file that makes more, to open or to send to a friend",
    needs: "text",
  },
  { as: "safetensors", title: "safetensors", description: "the parameters, for makewave and others" },
  { as: "pytorch", title: "PyTorch", description: "the parameters, for load_state_dict", needs: "layers" },
  {
    as: "onnx",
    title: "ONNX",
    description: "the network, for any ONNX runtime and for Netron",
    needs: "layers",
  },
  { as: "run", title: "The run", description: "its folder as a zip, to go on with: makewave train --resume" },
]

export function Export() {
  const isOpen = useSignal(false)
  const said = useSignal("")
  const current = trainer.value
  const opened = current?.opened.value
  const { model, sampleRate } = opened?.recipe ?? {}
  const has = { layers: model !== "ngram", text: sampleRate === undefined }
  const offered = choices.filter(({ needs }) => needs === undefined || has[needs])

  const take = async (as: ExportName) => {
    said.value = "One moment…"
    try {
      const { name, bytes } = await current!.ask("export", { as })
      saveFile(name, bytes)
      said.value = `${name}: ${Math.ceil(bytes.length / 1000).toLocaleString("en")} KB`
    } catch (error) {
      said.value = (error as Error).message
    }
  }

  return (
    <>
      <button
        type="button"
        disabled={!opened || current?.state.value === "failed"}
        onClick={() => {
          said.value = ""
          isOpen.value = true
        }}
      >
        Export
      </button>
      <Dialog title="Export" isOpen={isOpen}>
        <ul class="choices">
          {offered.map(({ as, title, description }) => (
            <li key={as}>
              <button type="button" onClick={() => take(as)}>
                {title}
              </button>{" "}
              {description}
            </li>
          ))}
        </ul>
        <p role="status">{said.value}</p>
        <button class="main" type="submit">
          Close
        </button>
      </Dialog>
    </>
  )
}
