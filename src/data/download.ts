/** Downloads a file of known size and hash, reports progress, and never reads more than the expected size. */

export type DownloadProgress = { readonly receivedBytes: number; readonly totalBytes: number }

export type DownloadOptions = {
  /** The expected size. */
  totalBytes: number
  /** The expected SHA-256, in hexadecimal. */
  sha256: string
  onProgress?: (progress: DownloadProgress) => void
  fetch?: typeof globalThis.fetch
  timeoutSeconds?: number
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
    const reader = response.body.getReader()
    onProgress?.({ receivedBytes, totalBytes })
    while (true) {
      const { done, value } = await reader.read()
      if (done) break
      if (receivedBytes + value.length > totalBytes) {
        await reader.cancel()
        throw new Error(`the server sent more than the expected ${totalBytes} bytes`)
      }
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
