/** Downloads a file of known size and hash, reports progress, and never reads more than the expected size. */
import type { LoadOptions } from "./load-options.ts"

export interface DownloadOptions extends Pick<LoadOptions, "onProgress" | "fetch"> {
  /** The expected size. */
  readonly totalBytes: number
  /** The expected SHA-256, in hexadecimal. */
  readonly sha256: string
  readonly timeoutSeconds?: number
}

/** Errors have only the reason as their message; the caller adds the rest. */
export async function download(
  url: string,
  { totalBytes, sha256, onProgress, fetch = globalThis.fetch, timeoutSeconds = 60 }: DownloadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(totalBytes)
  let receivedBytes = 0
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutSeconds * 1000) })
    if (!response.ok)
      throw new Error(`the server answered ${response.status} ${response.statusText}`.trimEnd())
    if (!response.body) throw new Error("the server sent nothing")
    onProgress?.({ receivedBytes, totalBytes })
    // Leaving the loop by an error cancels the download.
    for await (const value of response.body) {
      if (receivedBytes + value.length > totalBytes)
        throw new Error(`the server sent more than the expected ${totalBytes} bytes`)
      bytes.set(value, receivedBytes)
      receivedBytes += value.length
      onProgress?.({ receivedBytes, totalBytes })
    }
  } catch (error) {
    throw new Error(reason(error), { cause: error })
  }
  if (receivedBytes < totalBytes) throw new Error(`received only ${receivedBytes} of ${totalBytes} bytes`)
  if ((await sha256Of(bytes)) !== sha256) throw new Error(`the download does not have the SHA-256 ${sha256}`)
  return bytes
}

/** In hexadecimal. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

/** The message of `fetch`'s own errors is only "fetch failed"; the reason is in their cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
