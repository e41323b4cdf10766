/** A number with two decimals as the panels print it: no minus before a zero, and else a real one. */
export const decimal = (x: number): string => x.toFixed(2).replace("-0.00", "0.00").replace("-", "−")
