import type { AnyTable, Clock, Database, Events, Ids, Observability, Page, Write } from '@mmf/framework'
import type { MartyConfig } from '../../config.ts'
import type { certificateExpiring } from '../events/certificate-expiring.ts'
import type { expiryLookContinued } from '../events/expiry-look-continued.ts'
import type { TrustPurpose } from '../purposes.ts'
import type { expiryLooks } from '../tables/expiry-looks.ts'
import type { ExpiryPlace, expiryNotices } from '../tables/expiry-notices.ts'

/** Any version of a certificate, as an index has it: it need not be in force any more. */
export interface Expiring {
  readonly fingerprint: string
  readonly notAfter: string
}

/** What the event says of a certificate. */
export interface ExpiringCertificate extends Expiring {
  readonly subject: string
  readonly country?: string | undefined
  readonly kind: 'anchor' | 'link' | 'dsc' | 'csca' | 'master_list_signer'
  readonly purposes?: readonly TrustPurpose[]
}

/** Certificates that may be published, and the conditions of the transaction under which they still may. */
interface Standing<Guard extends AnyTable> {
  readonly certificates: readonly ExpiringCertificate[]
  /** At most one for each certificate, or one for all. */
  guards(certificates: readonly ExpiringCertificate[]): readonly Write<Guard>[]
}

/** A place with certificates that expire: how to find them there. */
export interface ExpirySource<Guard extends AnyTable> {
  readonly place: ExpiryPlace
  /** Partitions of the index by notAfter, each in any order. */
  partitions(): Promise<readonly string[]>
  /** Certificates of a partition whose notAfter lies in the range, ends included. Eventually consistent. */
  page(partition: string, range: ExpiryRange): Promise<Page<Expiring>>
  /** Those of them that count as things stand: neither withdrawn nor distrusted, ended or in quarantine. Strongly consistent. */
  standing(fingerprints: readonly string[]): Promise<Standing<Guard>>
}

interface ExpiryRange {
  readonly from: string
  readonly until: string
  readonly limit: number
  readonly cursor?: string | undefined
}

/** What a look needs: the scoped context of an operation whose scope holds `expiryWrites` and `expiryEvents`. */
export interface ExpiryContext<Guard extends AnyTable> {
  readonly config: Pick<MartyConfig, 'certificate_expiry_warning_days'>
  readonly database: Database<OwnTable, OwnTable | Guard>
  readonly events: Events<typeof certificateExpiring | typeof expiryLookContinued>
  readonly clock: Clock
  readonly ids: Ids
  readonly observability?: Pick<Observability, 'metrics'>
}

type OwnTable = typeof expiryNotices | typeof expiryLooks
