/** Grid search: every point of the space, in order. */
import { gridOf, type Space } from "../space.ts"
import type { Search } from "./search.ts"
import { firstUntold } from "./untold.ts"

export const gridSearch = (space: Space): Search => ({
  ask: (told) => firstUntold(told, gridOf(space)),
})
