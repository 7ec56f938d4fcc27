/**
 * String preparation for caseIgnoreMatch (RFC 5280 §7.1, by RFC 4518 §2): map and fold case (§2.2, RFC 3454 table B.2), normalise to
 * NFKC (§2.3), and take any run of spaces for one with none at either end (§2.6.1). Two texts name the same exactly where the results are
 * equal. What §2.4 prohibits (code points unassigned in Unicode 3.2, private use) stays as it is and equals itself.
 */
export function prepareString(text: string): string {
  if (simplePattern.test(text)) return text.toLowerCase()
  const mapped = text.replace(mappedToNothing, '').replace(mappedToSpace, ' ').replace(controls, '')
  return foldCase(mapped).replace(spaces, ' ').replace(outerSpace, '')
}

/**
 * RFC 3454 table B.2, then NFKC. The table is full case folding, closed under NFKC; lower case does the same but for four letters: the
 * sharp s, the sigmas and the iota below a vowel. A test compares the result with the table for every code point of Unicode 3.2.
 */
function foldCase(text: string): string {
  return (
    text
      .replace(iotaBelow, letter => letter.normalize('NFKD').replace('\u0345', 'ι'))
      .normalize('NFKC')
      // Lower case depends on the place of a capital sigma in its word; folding does not.
      .replaceAll('Σ', 'σ')
      .toLowerCase()
      .replaceAll('ς', 'σ')
      .replaceAll('ß', 'ss')
      .normalize('NFKC')
  )
}

// Most names: printable ASCII words with single spaces between them.
const simplePattern = /^[!-~]+(?: [!-~]+)*$/

// The Greek iota below a vowel: by itself, by itself with a space, and in the letters that are written with it.
const iotaBelow =
  /[\u0345\u037a\u1f80-\u1faf\u1fb2-\u1fb4\u1fb7\u1fbc\u1fc2-\u1fc4\u1fc7\u1fcc\u1ff2-\u1ff4\u1ff7\u1ffc]/gu

// RFC 4518 §2.2: soft hyphens, joiners, variation selectors, marks of direction, tags and the controls vanish …
const mappedToNothing =
  /\u00ad|\u034f|\u1806|[\u180b-\u180e]|[\ufe00-\ufe0f]|\ufffc|\u06dd|\u070f|[\u200b-\u200f]|[\u202a-\u202e]|[\u2060-\u2063]|[\u206a-\u206f]|\ufeff|[\ufff9-\ufffb]|[\u{1d173}-\u{1d17a}]|\u{e0001}|[\u{e0020}-\u{e007f}]/gu
// … and the separators, line ends and tabs among them, become a space.
const mappedToSpace = /[\s\u0085]/gu
const controls = /\p{Cc}/gu

// §2.6.1: what carries a combining mark is no space.
const spaces = / (?!\p{M})(?: (?!\p{M}))+/gu
const outerSpace = /^ (?!\p{M})| $/gu
