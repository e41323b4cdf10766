/** Files that are no text, by their first bytes: what an error says of one, in place of the line where it is no text. */

interface OtherFile {
  /** Its first bytes, as Latin-1. */
  readonly begins: string
  /** As in "this is ...". */
  readonly name: string
  readonly remedy?: string
}

const workbook = "save a workbook as CSV UTF-8"

const otherFiles: readonly OtherFile[] = [
  {
    begins: "PK\x03\x04",
    name: "a zip archive, as workbooks of Excel (.xlsx) and LibreOffice (.ods) are",
    remedy: `${workbook}, and unpack any other archive`,
  },
  {
    begins: "\xd0\xcf\x11\xe0",
    name: "a file of the old Office, such as an Excel workbook (.xls)",
    remedy: workbook,
  },
  { begins: "\x1f\x8b", name: "compressed by gzip", remedy: "unpack it (gunzip)" },
  { begins: "%PDF-", name: "a PDF file" },
  { begins: "\x89PNG", name: "a PNG picture" },
  { begins: "\xff\xd8\xff", name: "a JPEG picture" },
]

/** The end of an error message for the bytes of such a file, whose remedy is by default what is wanted; undefined for any others. */
export function otherFile(bytes: Uint8Array, wanted: string): string | undefined {
  const first = String.fromCharCode(...bytes.subarray(0, 8))
  const found = otherFiles.find(({ begins }) => first.startsWith(begins))
  return found && `this is ${found.name}: ${found.remedy ?? wanted}`
}
