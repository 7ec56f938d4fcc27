/**
 * String preparation for caseIgnoreMatch (RFC 5280 §7.1, by RFC 4518): map, normalise to NFKC, fold case, and take any run
 * of white space for one space with none at either end. Two texts name the same exactly where the results are equal.
 */
export function prepareString(text: string): string {
  if (SIMPLE.test(text)) return text.toLowerCase()
  return text
    .replace(MAPPED_TO_NOTHING, '')
    .replace(MAPPED_TO_SPACE, ' ')
    .replace(CONTROLS, '')
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKC')
    .replace(/ {2,}/g, ' ')
    .replace(/^ | $/g, '')
}

// Most names: printable ASCII words with single spaces between them.
const SIMPLE = /^[!-~]+(?: [!-~]+)*$/

// RFC 4518 §2.2: soft hyphens, joiners, variation selectors, marks of direction and the controls vanish …
const MAPPED_TO_NOTHING =
  /\u00ad|\u034f|\u1806|[\u180b-\u180e]|[\ufe00-\ufe0f]|\ufffc|\u06dd|\u070f|[\u200b-\u200f]|[\u202a-\u202e]|[\u2060-\u2063]|[\u206a-\u206f]|\ufeff|[\ufff9-\ufffb]/gu
// … and the separators, line ends and tabs among them, become a space.
const MAPPED_TO_SPACE = /[\s\u0085]/gu
const CONTROLS = /\p{Cc}/gu
