/** The runs of the disk that `makewave lab` reads (src/server/lab-app.ts). */
import type { Listing } from "../../../src/experiments/run-row.ts"
import type { MetricsPart } from "../../../src/runs/metrics-part.ts"
import type { RunSource } from "./store.ts"

/** The source of a page that `makewave lab` serves, which it marks; undefined for a page that any other server has. */
export function servedRuns(): RunSource | undefined {
  const mark = document.querySelector<HTMLMetaElement>('meta[name="makewave-server"]')
  return mark ? serverRuns(new URL(mark.content, document.baseURI)) : undefined
}

function serverRuns(api: URL): RunSource {
  const at = (...names: string[]) => new URL(names.map(encodeURIComponent).join("/"), api)
  const json = async <T>(address: URL): Promise<T> => {
    const response = await fetch(address)
    if (!response.ok) throw new Error(`${address.pathname}: makewave lab answered ${response.status}`)
    return response.json()
  }
  const list = () => json<Listing>(at("runs"))
  return {
    place: "disk",
    list,

    metrics(run, from) {
      const address = at("runs", run, "metrics")
      address.searchParams.set("from", String(from))
      return json<MetricsPart>(address)
    },

    files: async (run) => (await json<{ files: string[] }>(at("runs", run))).files,

    async file(run, name) {
      const response = await fetch(at("runs", run, name))
      return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined
    },

    watch({ all, one, lost }) {
      const events = new EventSource(at("events"))
      events.addEventListener("all", ({ data }) => all(JSON.parse(data)))
      events.onmessage = ({ data }) => one(JSON.parse(data))
      events.onerror = lost // the browser connects again by itself
      return () => events.close()
    },
  }
}
