/** A component whose code is loaded when it is first shown. */
import type { ComponentType } from "preact"
import { useEffect, useState } from "preact/hooks"

export function Lazy({ load }: { load: () => Promise<ComponentType> }) {
  const [Component, setComponent] = useState<ComponentType>()
  useEffect(() => {
    let isShown = true
    void load().then((loaded) => {
      if (isShown) setComponent(() => loaded)
    })
    return () => {
      isShown = false
    }
  }, [load])
  return Component ? <Component /> : null
}
