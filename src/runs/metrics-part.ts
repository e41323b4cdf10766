/** The lines of a run's metrics from a byte on, for who has read what comes before: whole lines only, as the last may still be being written. */

export interface MetricsPart {
  /** The byte at which `text` begins. */
  readonly from: number
  /** Whole lines. */
  readonly text: string
  /** The byte to go on from. */
  readonly next: number
  /** The file is no longer the one that was read: it begins again, as that of a run that was resumed may. */
  readonly reset?: true
}

/** A file that may grow. */
export interface GrowingFile {
  /** In bytes. */
  readonly size: number
  read(begin: number, end: number): Promise<Uint8Array>
}

/** `from` is the `next` of the part before, or 0. From the beginning where the file became shorter, or has no end of a line there. */
export async function metricsPart(file: GrowingFile, from: number): Promise<MetricsPart> {
  const goesOn = from === 0 || (from <= file.size && (await file.read(from - 1, from))[0] === LINE_FEED)
  const begin = goesOn ? from : 0
  const bytes = await file.read(begin, file.size)
  const whole = bytes.subarray(0, bytes.lastIndexOf(LINE_FEED) + 1)
  const text = new TextDecoder().decode(whole)
  return { from: begin, text, next: begin + whole.length, ...(!goesOn && { reset: true }) }
}

export const LINE_FEED = 10
