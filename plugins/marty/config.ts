import { pluginConfig, secretSetting, signingAlgorithmNames } from '@mmf/framework'
import * as z from 'zod'
import { defaultWarningDays, maxWarningDays } from './certificates/expiry/warning-days.ts'

const address = z.url({ protocol: /^https?$/ })
const seconds = z.int().min(1)
const day = 86_400
const days = seconds.max(3660 * day)

/** The settings of Marty, under the names of `config/plugins/marty.yaml`. Durations are in seconds. */
export const martyConfigSchema = pluginConfig({
  trust_anchor_url: address
    .default('https://trust-anchor.marty.internal:8443')
    .describe('Address of the trust anchor service itself; nothing is polled there'),
  trust_anchor_timeout: seconds.max(300).default(30).describe('Time for one request to master_list_source_url'),
  master_list_source_url: address
    .optional()
    .describe('Where a master list is fetched from four times a day; absent: nothing is polled'),
  master_list_source_authorization: secretSetting()
    .optional()
    .describe('The Authorization header of requests to master_list_source_url'),
  trust_list_max_age: days
    .default(100 * day)
    .describe('Seconds after its signing time for which a master list is not called too old by GET /ready'),
  pkd_url: address
    .default('https://pkd.marty.internal:8443')
    .describe('Address of the public key directory service itself; nothing is polled there'),
  pkd_source_url: address
    .optional()
    .describe('Where LDIF, CRLs or a master list are fetched from four times a day; absent: nothing is polled'),
  pkd_source_authorization: secretSetting()
    .optional()
    .describe('The Authorization header of requests to pkd_source_url'),
  pkd_cache_ttl: seconds.max(604_800).default(3600).describe('How long a looked-up public key is kept'),
  crl_max_age: days
    .default(100 * day)
    .describe(
      'Seconds after its thisUpdate for which a CRL of the directory is not called too old by GET /ready; one past its nextUpdate always is',
    ),
  pkd_uploads_per_hour: z
    .int()
    .min(1)
    .max(1000)
    .default(20)
    .describe('How many uploads to the directory one principal may begin in an hour'),
  document_signer_url: address
    .default('https://doc-signer.marty.internal:8443')
    .describe('Public address of the document signer'),
  signing_algorithms: z
    .array(z.enum(signingAlgorithmNames))
    .min(1)
    .refine(names => new Set(names).size === names.length, 'must name each algorithm once')
    .default(['RSA-SHA256', 'ECDSA-SHA256'])
    .describe('Algorithms this environment signs with; verifying is not limited by it'),
  require_mutual_tls: z.boolean().default(true).describe('Whether a request without a client certificate is refused'),
  certificate_validation_enabled: z
    .boolean()
    .default(true)
    .describe('Whether certificates are checked up to a trust anchor'),
  enable_online_verification: z
    .boolean()
    .default(true)
    .describe(
      'Whether a request may have issuers, OCSP responses and CRLs fetched from the addresses that certificates name',
    ),
  evidence_age_without_next_update: z
    .int()
    .min(0)
    .max(86_400)
    .default(300)
    .describe(
      'How many seconds after its thisUpdate a CRL or OCSP answer without nextUpdate may show a certificate good; 0: never',
    ),
  certificate_expiry_warning_days: z
    .array(z.int().min(0).max(maxWarningDays))
    .min(1)
    .max(32)
    .refine(days => new Set(days).size === days.length, 'must name each number of days once')
    .default([...defaultWarningDays])
    .describe(
      'How many days before a certificate expires the event is published, in any order; 0: when it has expired',
    ),
  audit_log_origin: z
    .string()
    .regex(/^[\x21-\x2a\x2c-\x7e]{1,100}$/, 'must be 1 to 100 visible ASCII characters without a plus sign')
    .default('marty.internal/audit')
    .describe(
      'The name of the audit log, and of the key that signs its checkpoints: once a checkpoint is signed it stays',
    ),
  trust_two_person_approval: z
    .boolean()
    .default(false)
    .describe('Whether changes of the trust store wait until another administrator approves them'),
})

export type MartyConfig = z.output<typeof martyConfigSchema>
