/** Which samples are new, and which repeat the data. Source: makemore.py's print_samples. */
export interface Found {
  readonly thing: string
  /** The first part of the data that contains it, or "new". */
  readonly found: "train" | "validation" | "test" | "new"
}

export interface Parts {
  readonly train: readonly string[]
  readonly validation: readonly string[]
  readonly test: readonly string[]
}

export function noveltyOf(things: readonly string[], parts: Parts): Found[] {
  const found = noveltyIn(parts)
  return things.map((thing) => ({ thing, found: found(thing) }))
}

/** The same as a function of one sample. */
export function noveltyIn({ train, validation, test }: Parts): (thing: string) => Found["found"] {
  const known = new Map<string, Found["found"]>()
  for (const thing of test) known.set(thing, "test")
  for (const thing of validation) known.set(thing, "validation")
  for (const thing of train) known.set(thing, "train")
  return (thing) => known.get(thing) ?? "new"
}
