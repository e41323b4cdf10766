/** A module as an HTML table: the tree of modules with their settings, parameters and buffers. */
import { type Content, code, htmlTable, indent, joined } from "../display/html.ts"
import { show } from "../tensor/shape.ts"
import type { Module } from "./module.ts"
import { Parameter } from "./variable.ts"

/** A space at which no line ends. */
const UNBROKEN = "\u00a0"

export function moduleHtml(model: Module): string {
  const modules = model.namedModules()
  const paths = modules.map(([path]) => path)
  const ownerOf = (name: string) =>
    paths.reduce(
      (nearest, path) => (name.startsWith(`${path}.`) && path.length > nearest.length ? path : nearest),
      "",
    )
  const variables = Map.groupBy(model.namedVariables(), ([name]) => ownerOf(name))
  const rows = modules.map(([path, module]): Content[] => {
    const parent = path === "" ? "" : ownerOf(path)
    const depth =
      path === "" ? 0 : 1 + paths.filter((other) => other !== "" && path.startsWith(`${other}.`)).length
    const own = path === "" ? "" : `${path.slice(parent === "" ? 0 : parent.length + 1)}: `
    const settings = Object.entries(module.extraRepr()).map(([name, value]) => `${name} ${value}`)
    const held = variables.get(path) ?? []
    const size = held.reduce((sum, [, each]) => sum + (each instanceof Parameter ? each.size : 0), 0)
    return [
      `${indent.repeat(depth)}${own}${module.constructor.name}`.replaceAll(" ", UNBROKEN),
      settings.join(", "),
      joined(
        held.map(([name, each]) =>
          code(
            `${name.slice(path === "" ? 0 : path.length + 1)} ${show(each.shape)}`.replaceAll(" ", UNBROKEN),
          ),
        ),
        ", ",
      ),
      size > 0 ? size.toLocaleString("en") : "",
    ]
  })
  const total = ["Total", "", "", model.parameterCount.toLocaleString("en")]
  return htmlTable([["Module", "Settings", "Parameters and buffers", "Count"], ...rows, total], {
    left: 3,
    ruled: true,
  })
}
