/** The table of the models: the name on the command line, and the class. */
import { Flat } from "./flat.ts"
import { WaveNet } from "./wavenet.ts"

export { Flat, type FlatConfig } from "./flat.ts"
export { Model } from "./model.ts"
export { WaveNet, type WaveNetConfig } from "./wavenet.ts"

export const models = { flat: Flat, wavenet: WaveNet }
