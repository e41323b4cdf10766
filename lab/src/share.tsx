/** Copies an address that begins the same training on another computer. */
import { useSignal } from "@preact/signals"
import { useEffect } from "preact/hooks"
import { Dialog } from "./dialog.tsx"
import { addressNow } from "./follow-address.ts"
import { trainer } from "./session.ts"

export function Share() {
  const said = useSignal("")
  const address = useSignal("")
  const isOpen = useSignal(false)

  useEffect(() => {
    if (said.value === "") return
    const timer = setTimeout(() => {
      said.value = ""
    }, 8000)
    return () => clearTimeout(timer)
  }, [said.value])

  const share = async () => {
    const now = await addressNow()
    if (!now) return
    const { hasList } = now
    address.value = now.address
    const without = hasList ? "" : ", but without the list, which is too large for it"
    try {
      await navigator.clipboard.writeText(address.value)
      said.value = `The address is copied${without}.`
    } catch {
      said.value = without && `This is the address${without}.`
      isOpen.value = true
    }
  }

  return (
    <>
      <button type="button" disabled={!trainer.value?.opened.value} onClick={share}>
        Share
      </button>
      <span class="said" role="status">
        {said.value}
      </span>
      <Dialog title="Share" isOpen={isOpen}>
        <label class="wide">
          The address, to copy
          <textarea
            readOnly
            rows={6}
            value={address.value}
            onFocus={({ currentTarget }) => currentTarget.select()}
          />
        </label>
        <button class="main" type="submit">
          Close
        </button>
      </Dialog>
    </>
  )
}
