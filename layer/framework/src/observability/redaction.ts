/** What takes the place of a secret. */
export const REDACTED = '[redacted]'

/** A name that contains one of these (case and punctuation aside) holds a secret: `accessToken`, `X-Api-Key`, `private_key` … */
const SECRET_WORDS =
  /authorization|token|password|passwd|passphrase|secret|private|cookie|apikey|credential|sessionid|encryptionkey/
/** Short names that mean a secret only when they are the whole name. */
const SECRET_NAMES: ReadonlySet<string> = new Set(['pin', 'otp', 'jwt', 'pwd', 'pass'])

/** The private members of a JWK (RFC 7518 §6.2.2, §6.3.2, §6.4.1; RFC 8037 §2). */
export const PRIVATE_JWK_MEMBERS: ReadonlySet<string> = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'])

/** Texts that give a secret away whatever the field is called. A pattern runs only where its `sign` occurs. */
const SECRET_TEXTS: readonly { readonly sign: string; readonly pattern: RegExp; readonly by: string }[] = [
  {
    // Up to the end of the text where the end line was cut off.
    sign: 'PRIVATE KEY',
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    by: '[redacted private key]',
  },
  // A JWS or JWE: the header is a JSON object, and `{"` in base64url begins with eyJ.
  { sign: 'eyJ', pattern: /eyJ[\w-]+\.[\w-]*(?:\.[\w-]*){0,3}/g, by: '[redacted token]' },
  { sign: 'earer ', pattern: /\b[Bb]earer +[^\s,"']+/g, by: `Bearer ${REDACTED}` },
  { sign: '://', pattern: /:\/\/[^\s/?#@]+@/g, by: `://${REDACTED}@` },
  // Presigned URLs and tokens in queries.
  {
    sign: '=',
    pattern:
      /([?&](?:x-amz-(?:signature|credential|security-token)|access_token|id_token|token|client_secret)=)[^&\s#]+/gi,
    by: `$1${REDACTED}`,
  },
]

/** Whether a field of this name holds a secret. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  return SECRET_NAMES.has(plain) || SECRET_WORDS.test(plain)
}

/** `text` without private keys, tokens, bearer credentials, passwords in URLs and signatures of presigned URLs. */
export function redactText(text: string): string {
  let out = text
  for (const { sign, pattern, by } of SECRET_TEXTS) {
    if (out.includes(sign)) out = out.replaceAll(pattern, by)
  }
  return out
}
