/** The field for what the network looks at. */
import { context } from "../session.ts"
import { Term } from "../term.tsx"

export function ContextField() {
  return (
    <label class="context">
      <Term name="context" />
      <input
        value={context.value}
        autocomplete="off"
        onInput={({ currentTarget }) => {
          context.value = currentTarget.value
        }}
      />
    </label>
  )
}
