/** What the pages around a model's JavaScript have in common: their head with the style, and how texts are written into HTML. */

/** What a page begins with; the heading is escaped. */
export const pageHead = (heading: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${heading}</title>
<style>
  :root { color-scheme: light dark; font: 18px/1.5 system-ui, sans-serif; accent-color: #0a7d55 }
  body { max-width: 34rem; margin: 8vh auto; padding: 0 1.2rem }
  h1 { font-size: 2rem; line-height: 1.2; overflow-wrap: anywhere }
  form { display: grid; gap: 1rem }
  label { display: grid; gap: .2rem }
  input:not([type=range]), select, button { font: inherit; padding: .5rem .8rem; border: 1px solid #888; border-radius: .5rem }
  button { background: #0a7d55; border-color: #0a7d55; color: #fff; font-weight: 600; cursor: pointer }
  [type=button] { background: none; color: inherit }
  :focus-visible { outline: 3px solid #3aa0ff; outline-offset: 2px }
  ul { list-style: none; padding: 0; columns: 2 12rem; column-gap: 1.5rem; font-size: 1.2rem }
  .text { white-space: pre-wrap; overflow-wrap: anywhere; min-height: 20em; unicode-bidi: plaintext }
  li { padding: .15rem 0; overflow-wrap: anywhere; break-inside: avoid; min-height: 1.5em; unicode-bidi: plaintext }
</style>`

export const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
