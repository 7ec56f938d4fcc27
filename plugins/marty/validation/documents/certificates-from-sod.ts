import { type Certificate, parseCertificate, type Sod } from '@mmf/pki'
import { decoded } from '../../certificates/decoded.ts'

/** Certificates that an EF.SOD embeds beyond these are left out: one signer needs one, and a link certificate or two. */
const maxEmbedded = 10

/** The embedded certificates that can be read. Nothing is believed of them. */
export function certificatesFromSod({ signedData }: Sod): readonly Certificate[] {
  return signedData.certificates.slice(0, maxEmbedded).flatMap(der => decoded(() => parseCertificate(der)) ?? [])
}
