/**
 * Says which Node makewave needs, before an older one fails at something that it does not know. `errors.ts` loads it, which
 * every entry loads that would fail. A page has no Node. `bin/makewave.cjs` says the same for the command.
 */
const needed = "22.18"

const here = globalThis.process?.versions?.node
if (here && isOlder(here, needed))
  throw new Error(
    `makewave needs Node ${needed} or later, and this is Node ${here}: install a later one, for instance from https://nodejs.org`,
  )

function isOlder(version: string, than: string): boolean {
  const [[major, minor], [majorThan, minorThan]] = [version, than].map((each) => each.split(".").map(Number))
  return major < majorThan || (major === majorThan && minor < minorThan)
}
