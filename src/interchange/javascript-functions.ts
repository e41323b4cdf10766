/**
 * The functions that an exported model is made of, as the JavaScript that is written into its file, those that it calls only.
 * Arrays are flat, in row-major order, and in double precision; the sizes that are given say how they are read.
 */
export const functions = {
  map: `
/** f of each number, or of the numbers at each place of several arrays. */
function map(f, a, b, c) {
  const y = new Float64Array(a.length)
  for (let i = 0; i < y.length; i++) y[i] = f(a[i], b?.[i], c?.[i])
  return y
}`,

  view: `
/** The numbers from start on, read with a stride for each axis of the shape. */
function view(a, start, shape, strides) {
  const y = new Float64Array(shape.reduce((product, extent) => product * extent, 1))
  const position = shape.map(() => 0)
  for (let i = 0, from = start; i < y.length; i++) {
    y[i] = a[from]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position[axis]++
      from += strides[axis]
      if (position[axis] < shape[axis]) break
      from -= strides[axis] * shape[axis]
      position[axis] = 0
    }
  }
  return y
}`,

  matmul: `
/** Matrix products, one for each of the batch: (M, K) x (K, N) -> (M, N). */
function matmul(a, b, batch, M, K, N) {
  const y = new Float64Array(batch * M * N)
  for (let row = 0; row < batch * M; row++)
    for (let k = 0; k < K; k++) {
      const left = a[row * K + k]
      const right = (Math.floor(row / M) * K + k) * N
      for (let n = 0; n < N; n++) y[row * N + n] += left * b[right + n]
    }
  return y
}`,

  gather: `
/** Rows of a table. */
function gather(table, ids, width) {
  const y = new Float64Array(ids.length * width)
  for (let i = 0; i < y.length; i++) y[i] = table[ids[Math.floor(i / width)] * width + (i % width)]
  return y
}`,

  oneHot: `
/** A row for each id, with a 1 at its place. */
function oneHot(ids, classes) {
  const y = new Float64Array(ids.length * classes)
  for (let i = 0; i < ids.length; i++) y[i * classes + ids[i]] = 1
  return y
}`,

  concat: `
/** Arrays side by side, so many rows: each is given with its width. */
function concat(rows, ...parts) {
  const y = new Float64Array(parts.reduce((total, [, width]) => total + rows * width, 0))
  let at = 0
  for (let row = 0; row < rows; row++)
    for (const [a, width] of parts) for (let i = 0; i < width; i++) y[at++] = a[row * width + i]
  return y
}`,

  sum: `
/** The sum of each row. */
function sum(a, width) {
  const y = new Float64Array(a.length / width)
  for (let i = 0; i < a.length; i++) y[Math.floor(i / width)] += a[i]
  return y
}`,

  largest: `
/** The largest number of each row. */
function largest(a, width) {
  const y = new Float64Array(a.length / width).fill(-Infinity)
  for (let i = 0; i < a.length; i++) y[Math.floor(i / width)] = Math.max(y[Math.floor(i / width)], a[i])
  return y
}`,

  indexOfLargest: `
/** Where the largest number of each row is, the first of equal ones. */
function indexOfLargest(a, width) {
  const y = new Float64Array(a.length / width)
  for (let row = 0; row < y.length; row++)
    for (let i = 1; i < width; i++) if (a[row * width + i] > a[row * width + y[row]]) y[row] = i
  return y
}`,

  logSoftmax: `
/** The logarithm of each row's softmax. */
function logSoftmax(a, width) {
  const y = new Float64Array(a.length)
  for (let row = 0; row < a.length; row += width) {
    let most = -Infinity
    for (let i = row; i < row + width; i++) most = Math.max(most, a[i])
    let total = 0
    for (let i = row; i < row + width; i++) total += Math.exp(a[i] - most)
    for (let i = row; i < row + width; i++) y[i] = a[i] - most - Math.log(total)
  }
  return y
}`,

  layerNorm: `
/** Each row with mean 0 and variance 1, times gamma plus beta. */
function layerNorm(a, gamma, beta, epsilon) {
  const width = gamma.length
  const y = new Float64Array(a.length)
  for (let row = 0; row < a.length; row += width) {
    let mean = 0
    for (let i = 0; i < width; i++) mean += a[row + i] / width
    let variance = 0
    for (let i = 0; i < width; i++) variance += (a[row + i] - mean) ** 2 / width
    const scale = 1 / Math.sqrt(variance + epsilon)
    for (let i = 0; i < width; i++) y[row + i] = (a[row + i] - mean) * scale * gamma[i] + beta[i]
  }
  return y
}`,

  erf: `
/** The error function of each number: its series, and far from 0 the continued fraction of 1 - erf. */
function erf(a) {
  return Float64Array.from(a, (x) => {
    const square = x * x
    if (square > 9) {
      let fraction = Math.abs(x)
      for (let n = 60; n > 0; n--) fraction = Math.abs(x) + n / 2 / fraction
      return Math.sign(x) * (1 - Math.exp(-square) / (fraction * Math.sqrt(Math.PI)))
    }
    let sum = x
    for (let n = 1, term = x; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (2 * square) / (2 * n + 1)
      sum += term
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-square) * sum
  })
}`,
}
