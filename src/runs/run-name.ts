/** The name of a run that was given none: model, data and time, as in wavenet-names-20261123-184530. */

/** @param source The name of the data: a data set, a file or a folder. */
export function runName(model: string | undefined, source: string): string {
  const now = new Date()
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString()
  const time = local.slice(0, 19).replace(/[-:]/g, "").replace("T", "-")
  const plain = source
    .normalize("NFC") // otherwise a combining accent would become a dash
    .replace(/\.[^.]*$/, "")
    .replace(/[^\p{L}\p{N}_-]+/gu, "-")
  return [model, plain, time].filter((part) => part !== undefined && part !== "").join("-")
}
