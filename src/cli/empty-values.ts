/**
 * Refuses an empty value of a command's own flags, which `--out "$FOLDER"` gives where the variable is not set. Settings have checks of
 * their own, and a text may be empty.
 */
import { type Command, InvalidArgumentError } from "commander"

export function refuseEmptyValues({ options }: Command): void {
  for (const option of options) {
    const [, wanted] = / [<[](.*)[>\]]$/.exec(option.flags) ?? []
    if (wanted === undefined || wanted === "text" || option.parseArg) continue
    option.argParser((given) => {
      if (given === "") throw new InvalidArgumentError(`give a ${wanted.replaceAll("-", " ")}`)
      return given
    })
  }
}
