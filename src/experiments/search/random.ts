/**
 * Random search: each parameter is drawn from its distribution.
 * Source: Bergstra & Bengio 2012, "Random Search for Hyper-Parameter Optimization", https://jmlr.org/papers/v13/bergstra12a.html.
 */
import type { Generator } from "../../random/torch.ts"
import { draw, gridOf, hasGrid, type Point, type Space } from "../space.ts"
import type { Search } from "./search.ts"
import { firstUntold } from "./untold.ts"

/** After so many points in a row that were tried before, few are left of a grid, and the first of them is taken. */
const DRAWS = 100

export const randomSearch = (space: Space): Search => ({
  ask: (told, random) =>
    firstUntold(told, draws(space, random)) ??
    (hasGrid(space) ? firstUntold(told, gridOf(space)) : undefined),
})

function* draws(space: Space, random: Generator): Iterable<Point> {
  for (let k = 0; k < DRAWS; k++) yield draw(space, random)
}
