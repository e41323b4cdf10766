/** Files that other tools open. */
export { readSafetensors, type SafeTensor, type SafeTensors, writeSafetensors } from "./safetensors.ts"
