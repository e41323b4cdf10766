/** The export formats of a trained model: for other tools, other languages, and pages. */
import type { Model } from "../models/model.ts"
import type { StateDict } from "../nn/module.ts"
import { type JavaScriptOptions, toJavaScript, type Written } from "./javascript.ts"
import { toPage } from "./javascript-page.ts"
import { javaScriptTypes } from "./javascript-types.ts"
import { writeNpz } from "./npz.ts"
import { toOnnx } from "./onnx-export.ts"
import { toPyTorch } from "./pytorch.ts"
import { tensorsOf, writeSafetensors } from "./safetensors.ts"

/** A trained model and what its file says about it. */
export interface Exported<M = Model> extends JavaScriptOptions {
  readonly model: M
  /** The heading of a page, such as "New town names". */
  readonly title?: string
  /** Texts stored in the file: the model's name, its config, its symbols. */
  readonly metadata: Readonly<Record<string, string>>
}

interface FormatOf<Takes extends string, M> {
  readonly extension: string
  /** Other extensions of this format. */
  readonly alsoNamed?: readonly string[]
  readonly description: string
  /** The minimum that the model must be: anything with numbers, a network, or anything that makes text. */
  readonly takes: Takes
  content(exported: Exported<M>): Uint8Array | string
  /** TypeScript declarations, which are written beside the file. */
  types?(exported: Exported<M>): string
}

export type Format =
  | FormatOf<"numbers", { stateDict(): StateDict }>
  | FormatOf<"network", Model>
  | FormatOf<"text", Written>

const scriptOptions = ({
  symbols,
  labels,
  bits,
  lines,
  counted,
  unseen,
  global,
}: JavaScriptOptions): JavaScriptOptions => ({
  symbols,
  labels,
  bits,
  lines,
  counted,
  unseen,
  global,
})

export const formats = {
  safetensors: {
    extension: ".safetensors",
    description: "the parameters, for makewave and other tools that read safetensors",
    takes: "numbers",
    content: ({ model, metadata }) => writeSafetensors(tensorsOf(model.stateDict()), metadata),
  },
  pytorch: {
    extension: ".pytorch.safetensors",
    alsoNamed: [".safetensors"],
    description: "the parameters as in PyTorch: load_state_dict(safetensors.torch.load_file(FILE))",
    takes: "network",
    content: ({ model, metadata }) => writeSafetensors(toPyTorch(model), metadata),
  },
  npz: {
    extension: ".npz",
    description: "the parameters, for numpy.load(FILE)",
    takes: "numbers",
    content: ({ model }) => writeNpz(tensorsOf(model.stateDict())),
  },
  onnx: {
    extension: ".onnx",
    description: "ids (and a label) in, logits out, for any ONNX runtime and for Netron",
    takes: "network",
    content: ({ model, metadata }) => toOnnx(model, { metadata }),
  },
  javascript: {
    extension: ".js",
    alsoNamed: [".mjs"],
    description: "a script without dependencies that samples from the model, for a page",
    takes: "text",
    content: ({ model, ...options }) => toJavaScript(model, scriptOptions(options)),
    types: javaScriptTypes,
  },
  html: {
    extension: ".html",
    alsoNamed: [".htm"],
    description: "a finished page that makes more, to open or to send to a friend",
    takes: "text",
    content: ({ model, title = "New things", ...options }) =>
      toPage(model, scriptOptions(options), { title }),
  },
} satisfies Readonly<Record<string, Format>>
