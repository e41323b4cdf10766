/** Why the address could not be opened, in a sentence that can be put away. */
import { addressProblem } from "./follow-address.ts"

export function AddressProblem() {
  if (addressProblem.value === "") return null
  return (
    <div class="failure" role="alert">
      <p>{addressProblem.value}</p>
      <button
        type="button"
        onClick={() => {
          addressProblem.value = ""
        }}
      >
        Close
      </button>
    </div>
  )
}
