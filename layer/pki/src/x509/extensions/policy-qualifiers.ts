import { oids } from '../../der/oid-names.ts'
import { type DerElement, type DerReader, parseDer } from '../../der/reader.ts'
import { readString } from '../../der/strings.ts'
import { tags } from '../../der/tags.ts'
import { readInteger } from '../../der/values.ts'
import { PkiError } from '../../errors.ts'
import { expectSequence, expectTag } from './expect.ts'

/** DisplayText (RFC 5280 §4.2.1.4). Its bound of 200 characters is exceeded in practice, and the RFC has no one refuse it for that. */
const displayText: readonly number[] = [tags.IA5_STRING, tags.VISIBLE_STRING, tags.BMP_STRING, tags.UTF8_STRING]

/** What checks the policy qualifiers of RFC 5280 §4.2.1.4, by their id. Each @throws der_malformed */
export const qualifierDecoders: Readonly<Record<string, (qualifier: Uint8Array) => void>> = {
  [oids.cps]: qualifier => {
    if (readString(expectTag(parseDer(qualifier), tags.IA5_STRING)) === '') throw malformed('empty CPSuri')
  },
  [oids.unotice]: qualifier => readUserNotice(expectSequence(parseDer(qualifier))),
}

/** UserNotice ::= SEQUENCE { noticeRef NoticeReference OPTIONAL, explicitText DisplayText OPTIONAL } */
function readUserNotice(notice: DerReader): void {
  const reference = notice.optional(tags.SEQUENCE)
  if (reference !== undefined) {
    const fields = reference.children()
    readDisplayText(fields.any())
    const numbers = fields.next(tags.SEQUENCE).children()
    fields.finish()
    while (!numbers.done) readInteger(numbers.next(tags.INTEGER))
  }
  if (!notice.done) readDisplayText(notice.any())
  notice.finish()
}

function readDisplayText(element: DerElement): void {
  if (!displayText.includes(element.tag)) throw malformed('no DisplayText')
  if (readString(element) === '') throw malformed('empty DisplayText')
}

function malformed(reason: string): PkiError {
  return new PkiError('der_malformed', reason)
}
