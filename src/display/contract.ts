/**
 * How a thing shows itself: as text in a console, and in a notebook in a richer form as well. A class has the two methods of these
 * symbols; a plain result gets them from `shownAs`.
 * Sources: Node's util.inspect.custom; Deno's Jupyter kernel, https://docs.deno.com/runtime/reference/cli/jupyter/
 */

/** The method that console.log calls, in Node and in Deno. */
export const inspect: unique symbol = Symbol.for("nodejs.util.inspect.custom")

/** The method that Deno's Jupyter kernel calls for the value of a cell. */
export const jupyterDisplay: unique symbol = Symbol.for("Jupyter.display")

/** One thing in several forms, by media type. A notebook shows the richest that it can. */
export interface Media {
  readonly "text/plain": string
  /** Without scripts, and legible without styles: sites that show notebooks remove both. */
  readonly "text/html"?: string
  readonly "text/markdown"?: string
  /** The text of an SVG file. */
  readonly "image/svg+xml"?: string
}

export interface Displayed {
  [jupyterDisplay](): Media | Promise<Media>
}

interface RichForms {
  readonly html?: () => string | Promise<string>
  readonly markdown?: () => string | Promise<string>
  readonly svg?: () => string | Promise<string>
}

/**
 * The text is without colors. One that takes a moment, such as a chart's, is awaited, and a console has the `name` in its place. `media`
 * makes all forms at once, where they have work in common.
 */
export type Forms =
  | (RichForms &
      (
        | { readonly text: () => string; readonly name?: string }
        | { readonly text: () => string | Promise<string>; readonly name: string }
      ))
  | { readonly media: () => Promise<Media>; readonly name: string }

/** The thing itself, which from now on shows itself in these forms. No form is made before it is asked for. */
export function shownAs<T extends object>(thing: T, forms: Forms): T & Displayed {
  // Not enumerable, so that copies, comparisons and JSON see the thing alone; configurable, so that it can get other forms.
  return Object.defineProperties(thing, {
    [jupyterDisplay]: {
      value: "media" in forms ? forms.media : () => mediaOf(forms),
      configurable: true,
    },
    [inspect]: {
      value: () => ("media" in forms ? forms.name : (forms.name ?? forms.text())),
      configurable: true,
    },
  }) as T & Displayed
}

const mediaOf = async ({
  text,
  html,
  markdown,
  svg,
}: RichForms & { readonly text: () => string | Promise<string> }): Promise<Media> => ({
  "text/plain": await text(),
  ...(html && { "text/html": await html() }),
  ...(markdown && { "text/markdown": await markdown() }),
  ...(svg && { "image/svg+xml": await svg() }),
})

export const isDisplayed = (thing: unknown): thing is Displayed =>
  typeof thing === "object" && thing !== null && jupyterDisplay in thing
