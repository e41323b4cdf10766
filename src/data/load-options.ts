/** Options for loading data of any kind, and their names. */
import type { Text } from "./text.ts"

export type DownloadProgress = { readonly receivedBytes: number; readonly totalBytes: number }

export type LoadOptions = {
  /** The lines, where they are at hand: nothing is read. */
  text?: Text
  /** The content of the file, where it is at hand: it need not be on the disk. */
  bytes?: Uint8Array<ArrayBuffer>
  /** The WAV files, where they are at hand: their names within the folder, such as anna/001.wav, and their contents. */
  sounds?: readonly { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }[]
  /** Called while a file is downloaded. */
  onProgress?: (progress: DownloadProgress) => void
  /** Called before the first sound of a folder is read and after each. */
  onSound?: (read: number, total: number) => void
  /** Called before standard input is read. */
  onStandardInput?: () => void
  fetch?: typeof globalThis.fetch
  /** A folder with data files. Default: the environment variable MAKEWAVE_DATA. */
  dataFolder?: string
  /** The folder for downloads. Default: the system's cache folder. */
  cacheFolder?: string
  /** The longest line allowed in a user's file, in user-perceived characters. Default: 1000. */
  maximumLineLength?: number
  /** The column to read, if the file is a table. Default: the only one that is not asked for as labels. */
  column?: string
  /** The table's columns to read as labels. */
  labelColumns?: readonly string[]
  /** The table has no header, and its columns are "1", "2", ... */
  noHeader?: boolean
}

export const loadOptions = [
  "text",
  "bytes",
  "sounds",
  "onProgress",
  "onSound",
  "onStandardInput",
  "fetch",
  "dataFolder",
  "cacheFolder",
  "maximumLineLength",
  "column",
  "labelColumns",
  "noHeader",
] as const satisfies (keyof LoadOptions)[]
