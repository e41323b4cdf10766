/** The size of an element, as it changes. */
import { useSignal } from "@preact/signals"
import { useLayoutEffect, useRef } from "preact/hooks"

export function useSize() {
  const ref = useRef<HTMLDivElement>(null)
  const size = useSignal({ width: 0, height: 0 })
  useLayoutEffect(() => {
    const element = ref.current!
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = element
      size.value = { width, height }
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [ref, size.value] as const
}
