/** The network as a tree. */
import { trainer } from "../session.ts"

export function Tree() {
  const opened = trainer.value?.opened.value
  return <p>{opened ? `${opened.recipe.model}, ${opened.contextLength} symbols` : ""}</p>
}
