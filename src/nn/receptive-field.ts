/** How far back a stack of causal convolutions sees. Source: van den Oord et al. 2016, https://arxiv.org/abs/1609.03499, section 2.1. */

/** How many positions an output depends on, its own included: 1 + (kernelSize - 1) Σ dilations. */
export const receptiveField = (dilations: readonly number[], kernelSize: number): number =>
  1 + (kernelSize - 1) * dilations.reduce((total, dilation) => total + dilation, 0)
