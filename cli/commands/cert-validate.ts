import { defined } from '@mmf/framework'
import {
  type Certificate,
  type CertificateList,
  isPkiError,
  type OcspResponse,
  type ProfileCompatibility,
  type ProfileName,
  profiles,
  type RevocationMode,
  type Verdict,
  validateCertificate,
} from '@mmf/pki'
import { type Colours, plain } from '../colours.ts'
import { failure } from '../failure.ts'
import type { CommandResult } from '../result.ts'
import { type PkiItem, readCertificateFile, readPkiFile } from './cert-file.ts'
import { verdictText } from './cert-verdict.ts'

export interface CertValidateOptions {
  /** The certificate in question first; others in the file help to build its path. */
  readonly file: string
  readonly anchors: readonly string[]
  readonly intermediates?: readonly string[] | undefined
  readonly crls?: readonly string[] | undefined
  readonly ocsp?: readonly string[] | undefined
  readonly profile: string
  /** RFC 3339; default now. */
  readonly time?: string | undefined
  readonly host?: string | undefined
  /** Default: required where CRLs or OCSP responses are given, else off. */
  readonly revocation?: string | undefined
  readonly compatibilities?: readonly string[] | undefined
  readonly json?: boolean | undefined
}

/** `mmf-cli cert validate FILE`: 0 when the certificate is valid, 6 when not. @throws {Failure} `usage_invalid`, `file_…` */
export function certValidate(options: CertValidateOptions, colours: Colours = plain): CommandResult {
  try {
    const verdict = judge(options)
    const stdout = options.json
      ? `${JSON.stringify(verdict, undefined, 2)}\n`
      : coloured(verdictText(verdict), verdict.valid, colours)
    return { stdout, exitCode: verdict.valid ? 0 : 6 }
  } catch (error) {
    if (!isPkiError(error, 'argument_invalid')) throw error
    throw failure('usage_invalid', error.message, error)
  }
}

/** The first word, which a person looks for. */
const coloured = (text: string, valid: boolean, { paint }: Colours): string =>
  text.replace(/^\w+/, word => paint(valid ? 'green' : 'red', word))

function judge(options: CertValidateOptions): Verdict {
  const { file, anchors, intermediates = [], crls = [], ocsp = [], host } = options
  const profile = oneOf('profile', options.profile, Object.keys(profiles) as ProfileName[])
  const [target, ...others] = readCertificateFile(file)
  if (target === undefined) throw failure('file_invalid', `${file}: there is no certificate in it`)
  const lists = crls.flatMap(path => only(path, 'CRL', crlOf))
  const responses = ocsp.flatMap(path => only(path, 'OCSP response', ocspOf))
  const hasEvidence = lists.length + responses.length > 0
  const revocation =
    options.revocation === undefined
      ? hasEvidence
        ? 'required'
        : 'off'
      : oneOf('revocation', options.revocation, ['required', 'soft-fail', 'off'] as const satisfies RevocationMode[])
  return validateCertificate({
    target,
    intermediates: [...others, ...intermediates.flatMap(readCertificateFile)],
    anchors: anchors.flatMap<Certificate>(readCertificateFile),
    profile,
    revocation,
    crls: lists,
    ocspResponses: responses,
    ...defined({ time: options.time === undefined ? undefined : moment(options.time), serverName: host }),
    compatibilities: (options.compatibilities ?? []) as ProfileCompatibility[],
  })
}

function oneOf<const T extends string>(what: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find(candidate => candidate === value)
  if (found !== undefined) return found
  throw failure('usage_invalid', `${what} ${JSON.stringify(value)} is not one of: ${allowed.join(', ')}`)
}

function moment(text: string): Date {
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text) ? new Date(text) : undefined
  if (time === undefined || Number.isNaN(time.getTime())) {
    throw failure('usage_invalid', `time ${JSON.stringify(text)} is no moment: 2026-06-15T12:00:00Z is one`)
  }
  return time
}

function only<T>(path: string, what: string, pick: (item: PkiItem) => readonly T[]): readonly T[] {
  const found = readPkiFile(path).flatMap(item => pick(item))
  if (found.length === 0) throw failure('file_invalid', `${path}: there is no ${what} in it`)
  return found
}

const crlOf = (item: PkiItem): readonly CertificateList[] => (item.kind === 'crl' ? [item.value] : [])
const ocspOf = (item: PkiItem): readonly OcspResponse[] => (item.kind === 'ocsp-response' ? [item.value] : [])
