/** What `lab/build/chapters.ts` makes of the file of a chapter, and the page shows. */
export interface ChapterText {
  readonly title: string
  /** The place in the lecture, such as "21:36 in the lecture, cells 7 to 9 of its notebook". */
  readonly place: string
  /** The text, with the code folded. */
  readonly html: string
}
