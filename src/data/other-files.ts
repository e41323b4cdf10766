/** Files that are no list of lines, by their first bytes. Some of them are text all the same, and would be learned as one. */

interface OtherFile {
  /** Its first bytes, as Latin-1, in small letters. */
  readonly begins: string
  /** What follows soon. */
  readonly has?: string
  /** As in "this is ...". */
  readonly name: string
  readonly remedy?: string
}

const workbook = "save a workbook as CSV UTF-8"
const asText = "save it as plain text (UTF-8), one item per line"
const page = { name: "a saved web page", remedy: "copy the list from it into a text file, one item per line" }

const otherFiles: readonly OtherFile[] = [
  { begins: "pk\x03\x04", has: "word/", name: "a Word document (.docx)", remedy: asText },
  { begins: "pk\x03\x04", has: "opendocument.text", name: "a LibreOffice document (.odt)", remedy: asText },
  {
    begins: "pk\x03\x04",
    name: "a zip archive, as workbooks of Excel (.xlsx) and LibreOffice (.ods) are",
    remedy: `${workbook}, and unpack any other archive`,
  },
  {
    begins: "\xd0\xcf\x11\xe0".toLowerCase(),
    name: "a file of the old Office, such as an Excel workbook (.xls)",
    remedy: workbook,
  },
  { begins: "{\\rtf", name: "an RTF document", remedy: asText },
  { begins: "<!doctype html", ...page },
  { begins: "<html", ...page },
  { begins: "\x1f\x8b", name: "compressed by gzip", remedy: "unpack it (gunzip)" },
  { begins: "%pdf-", name: "a PDF file" },
  { begins: "\x89png", name: "a PNG picture" },
  { begins: "\xff\xd8\xff".toLowerCase(), name: "a JPEG picture" },
]

const LOOKED_AT = 8192

/** The end of an error message for the bytes of such a file, whose remedy is by default what is wanted; undefined for any others. */
export function otherFile(bytes: Uint8Array, wanted: string): string | undefined {
  const first = String.fromCharCode(...bytes.subarray(0, LOOKED_AT))
    .toLowerCase()
    .trimStart()
  const found = otherFiles.find(({ begins, has = "" }) => first.startsWith(begins) && first.includes(has))
  return found && `this is ${found.name}: ${found.remedy ?? wanted}`
}
