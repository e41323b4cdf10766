/** The type of the lists of names in gender-detection-from-name, which declares types for its main file only. */
declare module "gender-detection-from-name/names/*.js" {
  const sexes: ReadonlyMap<string, "male" | "female">
  export default sexes
}
