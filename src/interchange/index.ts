/** Files that other tools open. */
export { fromFloat16, toFloat16 } from "./float16.ts"
export { type Exported, type Format, formats } from "./formats.ts"
export { type JavaScriptOptions, toJavaScript, type Written } from "./javascript.ts"
export { type PageOptions, toPage } from "./javascript-page.ts"
export { javaScriptTypes } from "./javascript-types.ts"
export { roundedState } from "./javascript-weights.ts"
export { readNpz, writeNpz } from "./npz.ts"
export { toOnnx } from "./onnx-export.ts"
export { fromPyTorch, toPyTorch } from "./pytorch.ts"
export {
  readSafetensors,
  type SafeTensor,
  type SafeTensors,
  writeSafetensors,
} from "./safetensors.ts"
export { EventWriter, type EventWriterOptions, eventFileName } from "./tensorboard.ts"
