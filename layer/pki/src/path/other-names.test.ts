import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { oids } from '../der/oid-names.ts'
import * as der from '../der/writer.ts'
import * as T from '../testing/index.ts'
import { parseCertificate } from '../x509/certificate.ts'
import { NameConstraintState } from './name-constraints.ts'

const root = T.createRoot('CN=Root')

/** `ok`, or the code of the fault that the names of a certificate have under the constraints. */
function judge(
  constraints: { permitted?: readonly T.GeneralNameInput[]; excluded?: readonly T.GeneralNameInput[] },
  ...names: T.GeneralNameInput[]
): string {
  const ca = parseCertificate(root.issue('CN=CA', { extensions: [T.nameConstraints(constraints)] }).der)
  const leaf = parseCertificate(root.issue('', { extensions: [T.subjectAltName(names)] }).der)
  const state = new NameConstraintState(() => undefined)
  const decoded = ca.decode(oids.nameConstraints)
  assert.ok(decoded)
  return (state.add(decoded) ?? state.check(leaf))?.code ?? 'ok'
}

const utf8 = (oid: string, text: string): T.GeneralNameInput => ({ other: { oid, value: der.utf8String(text) } })
const mailbox = (text: string) => utf8(oids.smtpUTF8Mailbox, text)
const service = (text: string): T.GeneralNameInput => ({ other: { oid: oids.dnsSRV, value: der.ia5String(text) } })
const principal = (text: string) => utf8('1.3.6.1.4.1.311.20.2.3', text)

describe('constraints on rfc822Name bind SmtpUTF8Mailbox (RFC 9598 §6)', () => {
  for (const [constraint, within, outside] of [
    // A host, a domain, a mailbox.
    ['ex.example', ['å@ex.example', 'user@EX.example'], ['å@sub.ex.example', 'å@ex.test']],
    ['.example', ['å@ex.example', 'å@a.b.example'], ['å@example', 'å@ex.test']],
    ['user@ex.example', ['user@ex.example'], ['å@ex.example', 'User@ex.example', 'user@sub.ex.example']],
    // In A-labels, also where the mailbox has U-labels as RFC 8398 had them.
    [
      'xn--bcher-kva.example',
      ['å@xn--bcher-kva.example', 'å@bücher.example', 'å@BÜCHER.example'],
      ['å@bucher.example'],
    ],
    ['.xn--bcher-kva.example', ['å@a.bücher.example'], ['å@bücher.example']],
  ] as const) {
    test(constraint, () => {
      const list = [{ email: constraint }]
      for (const text of within) {
        assert.equal(judge({ permitted: list }, mailbox(text)), 'ok', text)
        assert.equal(judge({ excluded: list }, mailbox(text)), 'name_excluded', text)
      }
      for (const text of outside) {
        assert.equal(judge({ permitted: list }, mailbox(text)), 'name_not_permitted', text)
        assert.equal(judge({ excluded: list }, mailbox(text)), 'ok', text)
      }
    })
  }

  test('one that is no mailbox is refused where mailboxes are constrained, and only there', () => {
    const wrong: readonly T.GeneralNameInput[] = [
      mailbox('nobody'),
      mailbox('@ex.example'),
      mailbox('a b@ex.example'),
      mailbox('\ufeffa@ex.example'),
      mailbox('a@'),
      mailbox('a@ex..example'),
      { other: { oid: oids.smtpUTF8Mailbox, value: der.ia5String('a@ex.example') } },
      { other: { oid: oids.smtpUTF8Mailbox, value: Uint8Array.of(0x0c, 1, 0xff) } },
    ]
    for (const name of wrong) {
      assert.equal(judge({ excluded: [{ email: 'other.example' }] }, name), 'name_malformed')
      assert.equal(judge({ permitted: [{ email: 'ex.example' }] }, name), 'name_malformed')
      assert.equal(judge({ excluded: [{ dns: 'other.example' }] }, name), 'ok')
    }
  })

  test('each name of a certificate counts', () => {
    const permitted = [{ email: 'ex.example' }]
    assert.equal(judge({ permitted }, { email: 'a@ex.example' }, mailbox('å@ex.test')), 'name_not_permitted')
    assert.equal(judge({ permitted }, mailbox('å@ex.example'), { email: 'a@ex.test' }), 'name_not_permitted')
  })
})

describe('constraints on dNSName bind the domains in names of other forms', () => {
  const list = [{ dns: 'ex.example' }]
  for (const [form, within, outside, malformed] of [
    ['SRVName, RFC 4985', service('_imaps.mail.ex.example'), service('_imaps.ex.test'), service('ex.example')],
    [
      'NAIRealm, RFC 7585',
      utf8(oids.naiRealm, '*.ex.example'),
      utf8(oids.naiRealm, 'ex.test'),
      utf8(oids.naiRealm, 'a b'),
    ],
    [
      'XmppAddr, RFC 6120',
      utf8(oids.xmppAddr, 'å@ex.example/x@y'),
      utf8(oids.xmppAddr, 'ex.test'),
      utf8(oids.xmppAddr, ''),
    ],
  ] as const) {
    test(form, () => {
      assert.equal(judge({ permitted: list }, within), 'ok')
      assert.equal(judge({ excluded: list }, within), 'name_excluded')
      assert.equal(judge({ permitted: list }, outside), 'name_not_permitted')
      assert.equal(judge({ excluded: list }, outside), 'ok')
      assert.equal(judge({ excluded: list }, malformed), 'name_malformed')
      assert.equal(judge({ excluded: [{ email: 'ex.example' }] }, malformed), 'ok')
    })
  }
})

describe('constraints on otherName', () => {
  test('of the type SRVName restrict service and domain apart (RFC 4985 §4)', () => {
    for (const [constraint, within, outside] of [
      ['ex.example', ['_mail.ex.example', '_ntp.a.ex.example'], ['_mail.ex.test']],
      ['_mail', ['_mail.ex.example', '_MAIL.ex.test'], ['_ntp.ex.example']],
      ['_mail.ex.example', ['_mail.ex.example', '_mail.a.EX.example'], ['_mail.ex.test', '_ntp.ex.example']],
    ] as const) {
      for (const text of within) {
        assert.equal(judge({ permitted: [service(constraint)] }, service(text)), 'ok', text)
        assert.equal(judge({ excluded: [service(constraint)] }, service(text)), 'name_excluded', text)
      }
      for (const text of outside) {
        assert.equal(judge({ permitted: [service(constraint)] }, service(text)), 'name_not_permitted', text)
        assert.equal(judge({ excluded: [service(constraint)] }, service(text)), 'ok', text)
      }
    }
    for (const malformed of [service('_mail.ex..example'), service(''), utf8(oids.dnsSRV, 'ex.example')]) {
      assert.equal(judge({ excluded: [malformed] }, { dns: 'a' }), 'name_constraint_malformed')
      assert.equal(judge({ permitted: [malformed] }, service('_mail.ex.example')), 'name_constraint_malformed')
    }
  })

  test('of any other type refuse the names of that type, and let those of others be', () => {
    const principals = { permitted: [principal('user@ex.example')] }
    assert.equal(judge(principals, principal('user@ex.example')), 'name_constraint_unsupported')
    assert.equal(judge(principals, service('_mail.ex.example')), 'ok')
    assert.equal(judge(principals, { dns: 'ex.example' }), 'ok')
    assert.equal(judge({ excluded: [mailbox('å@ex.example')] }, mailbox('b@ex.test')), 'name_constraint_unsupported')
  })

  test('a user principal name is no mailbox and no domain', () => {
    const excluded = [{ email: 'ex.example' }, { dns: 'ex.example' }]
    assert.equal(judge({ excluded }, principal('user@ex.example')), 'ok')
  })
})
