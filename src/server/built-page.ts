/**
 * The page of the lab as `npm run build` leaves it in dist/lab. The package has it without ONNX Runtime's wasm, which lies in
 * onnxruntime-web.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { UserError } from "../errors.ts"
import { fileWithin } from "./runs-folder.ts"

/** The folder of the built page: the same for this file in src and in dist. */
const BUILT = fileURLToPath(new URL("../../dist/lab", import.meta.url))

/** A UserError if the page is not built. */
export function requireBuiltPage(folder = BUILT): string {
  if (existsSync(join(folder, "index.html"))) return folder
  throw new UserError(`${folder}: the lab's page is not built: run npm run build`)
}

/** The path of a file that the page asks for, by the path of its address, such as /assets/main-1a2b3c4d.js; undefined if there is none. */
export async function fileOfPage(folder: string, pathname: string): Promise<string | undefined> {
  const name = pathname.endsWith("/") ? `${pathname}index.html` : pathname
  return (await fileWithin(folder, join(folder, name))) ?? wasmFor(name)
}

/** The wasm of onnxruntime-web that a name with the hash of a build stands for. */
function wasmFor(pathname: string): string | undefined {
  const [, name] = /\/(ort-wasm[\w.-]*)\.wasm$/.exec(pathname) ?? []
  if (name === undefined) return undefined
  const folder = fileURLToPath(new URL(".", import.meta.resolve("onnxruntime-web")))
  const found = readdirSync(folder).find(
    (file) =>
      file.endsWith(".wasm") && [name, name.replace(HASH, "")].includes(file.slice(0, -".wasm".length)),
  )
  return found && join(folder, found)
}

/** What Vite puts after the names of files. */
const HASH = /-[\w-]{8}$/

/** Whether the name of a file has the hash of its content, so that it never changes. */
export const isHashed = (pathname: string): boolean => /^\/assets\/.*-[\w-]{8}\.\w+$/.test(pathname)

/** index.html, with the mark by which the page knows that there is an API, and where. */
export const markedPage = (path: string): string =>
  readFileSync(path, "utf8").replace("</head>", '<meta name="makewave-server" content="api/"></head>')
