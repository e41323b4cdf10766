/** How much of what a model wrote stands in the text that it learned from, word for word. */

/** The longest passage of `written` that is in `text`; the first of several. O(length of `written`) searches of the text. */
export function longestCopied(written: string, text: string): string {
  let longest = ""
  for (let from = 0; from + longest.length < written.length; from++)
    while (
      from + longest.length < written.length &&
      text.includes(written.slice(from, from + longest.length + 1))
    )
      longest = written.slice(from, from + longest.length + 1)
  return longest
}
