/** Copies an address that begins the same training on another computer. */
import { useSignal } from "@preact/signals"
import { useEffect } from "preact/hooks"
import { MOST_LINES } from "./address.ts"
import { addressNow } from "./follow-address.ts"
import { trainer } from "./session.ts"

export function Share() {
  const said = useSignal("")
  const shown = useSignal<string | undefined>(undefined)

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
    const { address, hasList } = now
    const without = hasList
      ? ""
      : `, without the list: it has more than ${MOST_LINES.toLocaleString("en")} lines`
    try {
      await navigator.clipboard.writeText(address)
      said.value = `The address is copied${without}.`
    } catch {
      said.value = without && `This is the address${without}.`
      shown.value = address
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
      {shown.value !== undefined && (
        <dialog
          aria-label="Share"
          ref={(dialog) => {
            if (dialog && !dialog.open) dialog.showModal()
          }}
          onClose={() => {
            shown.value = undefined
          }}
        >
          <form method="dialog">
            <label class="wide">
              The address, to copy
              <textarea
                readOnly
                rows={6}
                value={shown.value}
                onFocus={({ currentTarget }) => currentTarget.select()}
              />
            </label>
            <button class="main" type="submit">
              Close
            </button>
          </form>
        </dialog>
      )}
    </>
  )
}
