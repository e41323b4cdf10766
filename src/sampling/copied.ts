/**
 * How much of what a model wrote stands in the text that it learned from, word for word.
 * Source: Blumer et al. 1985, "The smallest automaton recognizing the subwords of a text", https://doi.org/10.1016/0304-3975(85)90157-4
 */

/** A set of ends of substrings, which are all followed by the same. */
interface State {
  /** The code points of its longest substring. */
  readonly length: number
  /** By the next code point. */
  readonly next: Map<number, State>
  /** That of the longest ending that belongs to another state. */
  shorter?: State
}

/**
 * The longest passage of `written` that is in `text`, in code points, the first in the text of several. In time proportional to both
 * lengths.
 */
export function longestCopied(written: string, text: string): string {
  const start = automatonOf(written)
  let [state, length, most, end] = [start, 0, 0, 0]
  for (let at = 0; at < text.length; ) {
    const point = text.codePointAt(at)!
    at += point > 0xffff ? 2 : 1
    while (state.shorter && !state.next.has(point)) {
      state = state.shorter
      length = state.length
    }
    const next = state.next.get(point)
    if (!next) continue
    state = next
    if (++length > most) [most, end] = [length, at]
  }
  const before = Array.from(text.slice(Math.max(0, end - 2 * most), end)) // a code point has at most two units
  return before.slice(before.length - most).join("")
}

/** The suffix automaton of a text: the paths from its start are the substrings. */
function automatonOf(text: string): State {
  const start: State = { length: 0, next: new Map() }
  let last = start
  for (const character of text) {
    const point = character.codePointAt(0)!
    const added: State = { length: last.length + 1, next: new Map(), shorter: start }
    let state: State | undefined = last
    for (; state && !state.next.has(point); state = state.shorter) state.next.set(point, added)
    if (state) added.shorter = splitOff(state, point)
    last = added
  }
  return start
}

/** The state of the substring that a state's longest becomes by one more code point; of its own, if longer ones shared it. */
function splitOff(state: State, point: number): State {
  const target = state.next.get(point)!
  if (target.length === state.length + 1) return target
  const copy: State = { length: state.length + 1, next: new Map(target.next), shorter: target.shorter }
  target.shorter = copy
  for (let each: State | undefined = state; each?.next.get(point) === target; each = each.shorter)
    each.next.set(point, copy)
  return copy
}
