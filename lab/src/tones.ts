/** The name of the sounds that the page makes itself, as a value of the setting `data`. */
export const TONES = "tones"
