/** What loading data may be given, whichever kind of data it is. */
import type { DownloadProgress } from "./download.ts"

export type LoadOptions = {
  /** Called while something is downloaded, and not at all where nothing has to be. */
  onProgress?: (progress: DownloadProgress) => void
  /** Called for each sound of a folder that was read: how many are, of how many. */
  onSound?: (read: number, total: number) => void
  fetch?: typeof globalThis.fetch
  /** A folder with data files of the user's; the environment variable MAKEWAVE_DATA where it is not given. */
  dataFolder?: string
  /** Where downloads are kept; the system's place for caches where it is not given. */
  cacheFolder?: string
  /** Of a line of the user's own file, in user-perceived characters. */
  maximumLength?: number
  /** The file is a table, and of it this column is read. */
  column?: string
  /** Of the same table the columns that hold labels of its rows. */
  labelColumns?: readonly string[]
}
