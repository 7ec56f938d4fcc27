/** What takes the place of a secret. */
export const redactedText = '[redacted]'

/** A name that contains one of these (case and punctuation aside) holds a secret: `accessToken`, `X-Api-Key`, `private_key` … */
const secretWords =
  /authorization|token|bearer|password|passwd|passphrase|passcode|secret|privatekey|privkey|cookie|apikey|accesskey|subscriptionkey|credential|assertion|codeverifier|sessionid|sessionkey|encryptionkey|masterkey|hmackey/
/** Short names that mean a secret only when they are the whole name. */
const secretNames: ReadonlySet<string> = new Set([
  'private',
  'pin',
  'otp',
  'jwt',
  'jws',
  'pwd',
  'pw',
  'pass',
  'auth',
  'seed',
])

/** The private members of a JWK (RFC 7518 §6.2.2, §6.3.2, §6.4.1; RFC 8037 §2). */
export const privateJwkMembers: ReadonlySet<string> = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'])

/** Texts that give a secret away whatever the field is called. A pattern runs only where one of its `signs` occurs. */
interface SecretText {
  readonly signs: readonly string[]
  readonly pattern: RegExp
  readonly by: string | ((...match: string[]) => string)
}

const secretTexts: readonly SecretText[] = [
  {
    // Up to the end of the text where the end line was cut off.
    signs: ['PRIVATE KEY'],
    pattern:
      /-----BEGIN [A-Z ]{0,32}PRIVATE KEY[A-Z ]{0,32}-----[\s\S]*?(?:-----END [A-Z ]{0,32}PRIVATE KEY[A-Z ]{0,32}-----|$)/g,
    by: '[redacted private key]',
  },
  // An API key, whole or cut: its id stays, by which it can be revoked.
  { signs: ['mk_'], pattern: /\b(mk_(?:dev|test|stag|prod)_[0-9A-Za-z]{16}_)[0-9A-Za-z]+/g, by: `$1${redactedText}` },
  // A JWS or JWE: the header is a JSON object, and `{"` in base64url begins with eyJ. So does the payload, for a header that is longer.
  { signs: ['eyJ'], pattern: /eyJ[\w-]{1,1024}\.[\w-]*(?:\.[\w-]*){0,3}/g, by: '[redacted token]' },
  {
    // Also as it stands in a path or a form.
    signs: ['earer ', 'EARER ', 'earer%20', 'EARER%20', 'earer+', 'EARER+'],
    pattern: /\b(bearer)(?: |%20|\+)+[^\s,"'[][^\s,"']*/gi,
    by: `$1 ${redactedText}`,
  },
  { signs: ['asic ', 'ASIC '], pattern: /\b(basic) +([A-Za-z0-9+/]{4,}={0,2})/gi, by: basicCredentials },
  // The name of a user may stay where its password is gone.
  { signs: ['://'], pattern: /:\/\/(?![^\s/?#@:]*:\[redacted\]@)[^\s/?#@]+@/g, by: `://${redactedText}@` },
  // Presigned URLs, and credentials in queries.
  {
    signs: ['='],
    pattern:
      /([?&](?:x-(?:amz|goog)-(?:signature|credential|security-token)|signature|sig|code|state|key|assertion|api[-_]?key|awsaccesskeyid)=)[^&\s#"']+/gi,
    by: `$1${redactedText}`,
  },
  // `password=hunter2`, `client_secret=…&`, and members of objects that became text, also with escaped quotes.
  {
    signs: ['=', '":', '" :', "':", ": '", ': "'],
    pattern:
      /((?:authorization|token|passw(?:or)?d|passphrase|secret(?:[-_]?access)?(?:[-_]?key)?|private[-_]?key|cookie|api[-_]?key|access[-_]?key|credential|session[-_]?id)s?(?:\s*=|\\?["']\s*[:=]|:(?=\s*["']))\s*)(\\?["'](?:(?!\\?["'])[\s\S])*|[^\s,;&"')\]}[][^\s,;&"')\]}]*)/gi,
    by: (_match, name = '', value = '') => `${name}${/^\\?["']/.exec(value)?.[0] ?? ''}${redactedText}`,
  },
  // A JWK that became text.
  {
    signs: ['kty'],
    pattern: /(\\?"(?:d|p|q|dp|dq|qi|k|priv)\\?"\s*:\s*\\?")[\w+/=-]+/g,
    by: `$1${redactedText}`,
  },
]

/**
 * `x-api-key: …`, as headers are printed: up to the end of the line. No pattern here begins with a repetition, so the time grows with the length
 * of a text and not with its square.
 */
const headerLines =
  /(authorization|cookie|passw(?:or)?d|passphrase|api[-_]?key|token|secret(?:[-_]?access)?(?:[-_]?key)?)(\s*:[ \t]*)(?!\/\/)[^\s"'[{][^\r\n"]*/gi

/** Whether a field of this name holds a secret. */
export function isSecretName(name: string): boolean {
  const plain = name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
  return secretNames.has(plain) || secretWords.test(plain)
}

/**
 * `text` without private keys, tokens, credentials of headers, passwords in URLs, signatures of presigned URLs, and values that stand beside
 * the name of a secret. For logs and traces, where it is better that a word too many is gone.
 */
export function redactText(text: string): string {
  const out = redactValues(text)
  return out.includes(':') ? out.replaceAll(headerLines, `$1$2${redactedText}`) : out
}

/** As {@link redactText}, but a text after `name: ` stays: in the answer to a client, what follows the name of its field is what is wrong with it. */
export function redactValues(text: string): string {
  let out = text
  for (const { signs, pattern, by } of secretTexts) {
    if (signs.some(sign => out.includes(sign))) out = out.replaceAll(pattern, by as string)
  }
  return out
}

/** RFC 7617 §2: base64 of `user:password`. What holds no colon is a word, as in "basic constraints". */
function basicCredentials(match: string, scheme = '', credentials = ''): string {
  return Buffer.from(credentials, 'base64').includes(':') ? `${scheme} ${redactedText}` : match
}
