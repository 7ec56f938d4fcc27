// Names come from strangers: what moves the cursor, colours or turns the writing direction is shown, not done.
const unprintable = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** Text that can be shown on a terminal without doing anything to it. */
export const printable = (text: string): string =>
  text.replace(unprintable, character => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
