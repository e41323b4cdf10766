/** Which samples are new, and which repeat the data. Source: makemore.py's print_samples. */
export interface Found {
  readonly thing: string
  /** The first part of the data that contains it, "empty" for nothing but spaces, or "new". */
  readonly found: "train" | "validation" | "test" | "empty" | "new"
}

export type Parts = Readonly<Record<"train" | "validation" | "test", readonly string[]>>

export function noveltyOf(things: readonly string[], parts: Parts): Found[] {
  const found = noveltyIn(parts)
  return things.map((thing) => ({ thing, found: found(thing) }))
}

/** The same as a function of one sample. */
export function noveltyIn(parts: Parts): (thing: string) => Found["found"] {
  const known = new Map<string, keyof Parts>()
  for (const part of ["test", "validation", "train"] as const)
    for (const thing of parts[part]) known.set(thing, part)
  return (thing) => known.get(thing) ?? (thing.trim() === "" ? "empty" : "new")
}
