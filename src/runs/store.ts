/**
 * Access to a run's files, independent of the disk: a store is one folder of named files.
 * `disk-store.ts` keeps them on Node's disk, `directory-store.ts` in a page. tests/everywhere/store.test.ts holds both to this contract.
 */
export interface Store {
  /** Its name in messages: on a disk the path of its folder. */
  readonly name: string
  /** The names of its files; none if the folder does not exist. In a page, a file of a folder within it has a path with /. */
  list(): Promise<string[]>
  /** The bytes of a file; undefined if there is none. */
  read(file: string): Promise<Uint8Array<ArrayBuffer> | undefined>
  /** Replaces a whole file. A reader, and the next start after a crash, finds the old file or the new one, never a part. */
  write(file: string, content: string | Uint8Array<ArrayBuffer>): Promise<void>
  /** Appends to a file, or creates it. A crash may leave part of the content; once this resolves, all of it is kept. */
  append(file: string, content: Uint8Array<ArrayBuffer>): Promise<void>
  /** Cuts a file to its first `length` bytes. A shorter file stays as it is. */
  truncate(file: string, length: number): Promise<void>
  /** Removes a file, if there is one. */
  remove(file: string): Promise<void>
  /** Creates the folder if need be and reserves it, until the returned function is called. A UserError while it is reserved. */
  lock(): Promise<() => Promise<void>>
}
