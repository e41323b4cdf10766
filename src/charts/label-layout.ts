/**
 * Places labels on a map so that none covers another: at its point if there is room, else beside it, else nowhere. Earlier labels are
 * placed first.
 */

export interface Point {
  readonly x: number
  readonly y: number
}

/** The width of a text in em. Characters from Hangul and Chinese on take a full em. */
const widthOf = (text: string): number =>
  [...text].reduce((sum, character) => sum + (character.codePointAt(0)! < 0x1100 ? 0.62 : 1.05), 0)

/** Where a label may go, in em from its point: the point itself, then rings around it. */
const offsets: readonly Point[] = [0, 1, 1.6, 2.3, 3.1, 4].flatMap((radius) => {
  const count = radius === 0 ? 1 : 8 + Math.round(4 * radius)
  return Array.from({ length: count }, (_, k) => {
    const angle = (2 * Math.PI * k) / count - Math.PI / 2
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) }
  })
})

/** With more labels than this, each is only tried at its point: the search is quadratic. */
const MANY = 300

export interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/**
 * The center of each label of `size` pixels: the same object as its point if there is room there, undefined if there is none inside
 * `frame`. Points whose labels are placed elsewhere are kept free.
 */
export function layOut(
  points: readonly Point[],
  labels: readonly string[],
  { size, frame }: { size: number; frame: Box },
): (Point | undefined)[] {
  const taken: Box[] = []
  const centers: (Point | undefined)[] = points.map(() => undefined)
  const place = (v: number, offset: Point): boolean => {
    const point = points[v]
    const center =
      offset === offsets[0] ? point : { x: point.x + size * offset.x, y: point.y + size * offset.y }
    const [halfWidth, halfHeight] = [(size * widthOf(labels[v])) / 2 + 1, size / 2 + 1]
    const box = {
      left: center.x - halfWidth,
      right: center.x + halfWidth,
      top: center.y - halfHeight,
      bottom: center.y + halfHeight,
    }
    const inside =
      box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom
    if (!inside || taken.some((other) => overlap(box, other))) return false
    taken.push(box)
    centers[v] = center
    return true
  }
  const waiting = points.map((_, v) => v).filter((v) => !place(v, offsets[0]))
  for (const v of waiting) taken.push(around(points[v]))
  if (points.length <= MANY) for (const v of waiting) offsets.slice(1).some((offset) => place(v, offset))
  return centers
}

const around = ({ x, y }: Point): Box => ({ left: x - 2, right: x + 2, top: y - 2, bottom: y + 2 })

const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
