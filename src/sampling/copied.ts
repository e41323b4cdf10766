/**
 * How much of what a model wrote stands in the text that it learned from, word for word.
 * Source: Blumer et al. 1985, "The smallest automaton recognizing the subwords of a text", https://doi.org/10.1016/0304-3975(85)90157-4
 */

/** A set of ends of substrings, which are all followed by the same. */
interface State {
  /** The length of its longest substring. */
  readonly length: number
  /** By the next code unit. */
  readonly next: Map<number, State>
  /** That of the longest ending that belongs to another state. */
  shorter?: State
}

/** The longest passage of `written` that is in `text`, the first in the text of several. In time proportional to both lengths. */
export function longestCopied(written: string, text: string): string {
  const start = automatonOf(written)
  let [state, length, most, end] = [start, 0, 0, 0]
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    while (state.shorter && !state.next.has(unit)) {
      state = state.shorter
      length = state.length
    }
    const next = state.next.get(unit)
    if (!next) continue
    state = next
    if (++length > most) [most, end] = [length, at + 1]
  }
  return text.slice(end - most, end)
}

/** The suffix automaton of a text: the paths from its start are the substrings. */
function automatonOf(text: string): State {
  const start: State = { length: 0, next: new Map() }
  let last = start
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    const added: State = { length: last.length + 1, next: new Map(), shorter: start }
    let state: State | undefined = last
    for (; state && !state.next.has(unit); state = state.shorter) state.next.set(unit, added)
    if (state) added.shorter = splitOff(state, unit)
    last = added
  }
  return start
}

/** The state of the substring that a state's longest becomes by one more unit; of its own, if longer ones shared it. */
function splitOff(state: State, unit: number): State {
  const target = state.next.get(unit)!
  if (target.length === state.length + 1) return target
  const copy: State = { length: state.length + 1, next: new Map(target.next), shorter: target.shorter }
  target.shorter = copy
  for (let each: State | undefined = state; each?.next.get(unit) === target; each = each.shorter)
    each.next.set(unit, copy)
  return copy
}
