/**
 * The one error that means "the user can mend this": the command line prints its sentence and exits with 1, without a
 * stack trace. Any other error is a bug and keeps its trace. A message says what was given, what is wrong with it, and
 * what would do.
 */
export class UserError extends Error {
  override readonly name = "UserError"
}
