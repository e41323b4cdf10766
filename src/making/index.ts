/** From a list to new things like those on it, with nothing to decide. */
export { type Maker, make, type NewThings } from "./make.ts"
export { type Made, type MakeOptions, makeRun } from "./make-run.ts"
