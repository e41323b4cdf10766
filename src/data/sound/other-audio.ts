/** Audio formats other than WAV: how to recognize their files by first bytes and by name, and how to convert them. */

export interface OtherAudio {
  /** As in "this is ...". */
  readonly name: string
  /** What its first 16 bytes, as Latin-1, begin with. */
  readonly begins: RegExp
}

export const otherKinds: readonly OtherAudio[] = [
  { name: "a FLAC file", begins: /^fLaC/ },
  { name: "an Ogg file (Vorbis or Opus)", begins: /^OggS/ },
  { name: "an MP3 file", begins: /^(ID3|\xff[\xe2-\xe7\xf2-\xf7\xfa\xfb])/ },
  { name: "an AAC file", begins: /^\xff[\xf0\xf1\xf8\xf9]/ },
  { name: "an M4A or MP4 file", begins: /^.{4}ftyp/s },
  { name: "an AIFF file", begins: /^FORM.{4}AIF/s },
  { name: "a Core Audio file", begins: /^caff/ },
  { name: "a Sun audio file", begins: /^\.snd/ },
  { name: "a WavPack file", begins: /^wvpk/ },
  { name: "a Wave64 file", begins: /^riff/ },
  { name: "a Matroska or WebM file", begins: /^.\x45\xdf\xa3/s },
  { name: "a Windows Media file", begins: /^\x30\x26\xb2\x75/ },
  { name: "a NIST SPHERE file", begins: /^NIST_1A/ },
  { name: "an AMR file", begins: /^#!AMR/ },
]

/** The names of files in these formats. */
export const OTHER_AUDIO = /\.(flac|ogg|oga|opus|mp3|m4a|mp4|aac|aiff?|aifc|caf|au|snd|wv|w64|webm|wma|amr)$/i

/** The remedy in errors: how to convert the file. One that is named as WAV would still be read, so it has to go. */
export function converted(name: string): string {
  const stem = name.replace(/\.\w+$/, "")
  const quoted = (path: string) =>
    /^[\p{L}\p{N}._/-]+$/u.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
  const isRead = /\.wave?$/i.test(name)
  const path = isRead ? `${stem}-converted.wav` : `${stem}.wav`
  const command = `ffmpeg -i ${quoted(name)} ${quoted(path)}`
  return `give an uncompressed WAV file, as ${command} makes one${isRead ? ", and remove the original" : ""}`
}
