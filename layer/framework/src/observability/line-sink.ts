/** Where finished lines go. Called once per line, with the line's end. */
export type LineSink = (line: string) => void

/** The process's standard output: what Lambda hands to CloudWatch, and what a terminal shows. One write per line. */
export const standardOutput: LineSink = line => {
  process.stdout.write(line)
}
