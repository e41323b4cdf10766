/** Repeats what a panel asks, while it is shown and the page is visible. */
import { useEffect } from "preact/hooks"

const becomesVisible = (): Promise<void> =>
  new Promise((resolve) => document.addEventListener("visibilitychange", () => resolve(), { once: true }))

/** Calls `ask` at once and then every so many milliseconds, each time after the one before is answered. */
export function useEvery(
  milliseconds: number,
  ask: () => Promise<void>,
  dependencies: readonly unknown[],
): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    let isOver = false
    const again = async () => {
      if (document.hidden) await becomesVisible()
      if (isOver) return
      await ask()
      if (!isOver) timer = setTimeout(again, milliseconds)
    }
    void again()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, dependencies as unknown[])
}
