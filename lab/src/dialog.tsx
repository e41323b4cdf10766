/** A modal dialog with a form. Escape, a button of type "submit" and a click beside it close it. */
import type { Signal } from "@preact/signals"
import type { ComponentChildren } from "preact"

export function Dialog({
  title,
  isOpen,
  onSubmit,
  children,
}: {
  title: string
  isOpen: Signal<boolean>
  onSubmit?: () => void
  children: ComponentChildren
}) {
  if (!isOpen.value) return null
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it
    <dialog
      aria-label={title}
      ref={(dialog) => {
        if (dialog && !dialog.open) dialog.showModal()
      }}
      onClick={({ target, currentTarget }) => {
        if (target === currentTarget) currentTarget.close()
      }}
      onClose={() => {
        isOpen.value = false
      }}
    >
      <form method="dialog" onSubmit={onSubmit}>
        <h2>{title}</h2>
        {children}
      </form>
    </dialog>
  )
}
