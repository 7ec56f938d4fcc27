/**
 * Every error the platform can answer with: `code → { status, title, retryable, expose }`.
 *
 * - `status`: the HTTP status at the edge (RFC 9110).
 * - `title`: the short sentence of RFC 9457; it never changes for a code.
 * - `retryable`: whether the same request may succeed later without being changed.
 * - `expose`: whether `detail` may reach the client. What is not exposed is logged under an error id only.
 */
export const catalogue = {
  // Authentication and authorization
  authentication_required: { status: 401, title: 'A bearer token is required', retryable: false, expose: true },
  token_malformed: { status: 401, title: 'The token is not a valid JWS', retryable: false, expose: true },
  token_expired: { status: 401, title: 'The token has expired', retryable: false, expose: true },
  token_not_yet_valid: { status: 401, title: 'The token is not valid yet', retryable: false, expose: true },
  token_algorithm_refused: { status: 401, title: 'The token algorithm is not allowed', retryable: false, expose: true },
  token_signature_invalid: {
    status: 401,
    title: 'The token signature does not verify',
    retryable: false,
    expose: true,
  },
  token_key_unknown: { status: 401, title: 'The token is signed by an unknown key', retryable: false, expose: true },
  token_claim_invalid: {
    status: 401,
    title: 'A claim of the token is missing or wrong',
    retryable: false,
    expose: true,
  },
  token_issuer_unavailable: { status: 503, title: 'The token issuer cannot be reached', retryable: true, expose: true },
  api_key_malformed: {
    status: 401,
    title: 'The API key is not one of this environment',
    retryable: false,
    expose: true,
  },
  api_key_invalid: { status: 401, title: 'The API key is not valid', retryable: false, expose: true },
  api_key_not_found: { status: 404, title: 'No such API key', retryable: false, expose: true },
  api_key_exists: { status: 409, title: 'The holder has a live API key', retryable: false, expose: true },
  api_key_not_live: { status: 409, title: 'The API key has ended', retryable: false, expose: true },
  api_key_rotation_open: {
    status: 409,
    title: 'The rotation before this one has not ended',
    retryable: false,
    expose: true,
  },
  api_key_grant_refused: {
    status: 403,
    title: 'An API key may not carry this role or permission',
    retryable: false,
    expose: true,
  },
  api_keys_disabled: { status: 501, title: 'This deployment makes no API keys', retryable: false, expose: true },
  credentials_conflict: {
    status: 400,
    title: 'The request shows more than one credential',
    retryable: false,
    expose: true,
  },
  client_certificate_required: {
    status: 401,
    title: 'A client certificate is required',
    retryable: false,
    expose: true,
  },
  client_certificate_invalid: {
    status: 401,
    title: 'The client certificate is not acceptable',
    retryable: false,
    expose: true,
  },
  role_missing: { status: 403, title: 'The role needed for this operation is missing', retryable: false, expose: true },
  permission_missing: {
    status: 403,
    title: 'A permission needed for this operation is missing',
    retryable: false,
    expose: true,
  },
  access_denied: { status: 403, title: 'This principal may not do this', retryable: false, expose: true },
  security_unavailable: { status: 503, title: 'No caller can be authenticated now', retryable: true, expose: false },

  // The request
  event_unsupported: {
    status: 501,
    title: 'This function does not take this kind of event',
    retryable: false,
    expose: true,
  },
  malformed_json: { status: 400, title: 'The body is not valid JSON', retryable: false, expose: true },
  malformed_request: { status: 400, title: 'The request is not well-formed', retryable: false, expose: true },
  unsupported_media_type: { status: 415, title: 'The content type is not supported', retryable: false, expose: true },
  not_acceptable: { status: 406, title: 'No representation of this type', retryable: false, expose: true },
  expectation_failed: { status: 417, title: 'This expectation is not met here', retryable: false, expose: true },
  headers_too_large: { status: 431, title: 'The headers are too large', retryable: false, expose: true },
  request_timeout: { status: 408, title: 'The request did not arrive in time', retryable: true, expose: true },
  payload_too_large: { status: 413, title: 'The body is too large', retryable: false, expose: true },
  validation_failed: { status: 422, title: 'The request does not match its schema', retryable: false, expose: true },
  route_not_found: { status: 404, title: 'No such route', retryable: false, expose: true },
  method_not_allowed: { status: 405, title: 'This method is not allowed here', retryable: false, expose: true },
  not_found: { status: 404, title: 'No such resource', retryable: false, expose: true },
  idempotency_key_invalid: {
    status: 422,
    title: 'The Idempotency-Key is not acceptable',
    retryable: false,
    expose: true,
  },
  idempotency_key_reused: {
    status: 422,
    title: 'This Idempotency-Key belongs to another request',
    retryable: false,
    expose: true,
  },
  idempotency_in_flight: {
    status: 409,
    title: 'A request with this Idempotency-Key is in flight',
    retryable: true,
    expose: true,
  },
  cursor_invalid: { status: 422, title: 'The cursor does not belong to this query', retryable: false, expose: true },
  conflict: { status: 409, title: 'The resource has changed', retryable: true, expose: true },
  quota_exceeded: { status: 429, title: 'More than is allowed in this time', retryable: true, expose: true },
  deadline_exceeded: { status: 503, title: 'The request could not be finished in time', retryable: true, expose: true },
  overloaded: { status: 503, title: 'Too much is in flight here', retryable: true, expose: true },
  circuit_open: {
    status: 503,
    title: 'This failed too often and is not tried again yet',
    retryable: true,
    expose: true,
  },
  shutting_down: { status: 503, title: 'This instance is stopping', retryable: true, expose: true },

  // Signing
  algorithm_not_allowed: {
    status: 422,
    title: 'This signing algorithm is not allowed here',
    retryable: false,
    expose: true,
  },
  algorithm_unavailable: {
    status: 501,
    title: 'This installation lacks the algorithm',
    retryable: false,
    expose: true,
  },
  digest_not_supported: {
    status: 422,
    title: 'This algorithm signs documents, not digests',
    retryable: false,
    expose: true,
  },
  digest_length_invalid: {
    status: 422,
    title: 'The digest does not have the length of its algorithm',
    retryable: false,
    expose: true,
  },
  signature_format_not_supported: {
    status: 422,
    title: 'This algorithm has no choice of signature format',
    retryable: false,
    expose: true,
  },
  signature_not_found: { status: 404, title: 'No such signature', retryable: false, expose: true },
  key_not_found: { status: 404, title: 'No such key version', retryable: false, expose: true },
  key_service_unavailable: { status: 503, title: 'The key service does not answer', retryable: true, expose: false },
  key_service_refused: { status: 503, title: 'The key service refused the request', retryable: false, expose: false },

  // Certificates and verdicts
  certificate_malformed: { status: 422, title: 'A certificate cannot be read', retryable: false, expose: true },
  crl_malformed: { status: 422, title: 'A revocation list cannot be read', retryable: false, expose: true },
  ocsp_malformed: { status: 422, title: 'An OCSP response cannot be read', retryable: false, expose: true },
  sod_malformed: { status: 422, title: 'An EF.SOD cannot be read', retryable: false, expose: true },
  document_signer_not_found: {
    status: 422,
    title: 'The certificate of the document signer is not known',
    retryable: false,
    expose: true,
  },
  validation_not_found: { status: 404, title: 'No such validation', retryable: false, expose: true },
  evidence_unavailable: {
    status: 500,
    title: 'Stored evidence is missing or was altered',
    retryable: false,
    expose: false,
  },

  // Trust anchors and master lists
  trust_anchor_not_found: { status: 404, title: 'No such trust anchor', retryable: false, expose: true },
  trust_anchor_exists: {
    status: 409,
    title: 'This certificate is a trust anchor already',
    retryable: false,
    expose: true,
  },
  trust_anchor_unsuitable: {
    status: 422,
    title: 'This certificate cannot be a trust anchor',
    retryable: false,
    expose: true,
  },
  trust_status_unchanged: {
    status: 409,
    title: 'The trust anchor is in this state already',
    retryable: false,
    expose: true,
  },
  trust_change_in_progress: {
    status: 409,
    title: 'Another change of the trust store is in progress',
    retryable: true,
    expose: true,
  },
  trust_proposal_not_found: { status: 404, title: 'No such proposal', retryable: false, expose: true },
  trust_proposal_decided: { status: 409, title: 'The proposal is decided already', retryable: false, expose: true },
  trust_proposal_own: {
    status: 403,
    title: 'Another administrator must decide on a proposal',
    retryable: false,
    expose: true,
  },
  master_list_invalid: { status: 422, title: 'The master list cannot be read', retryable: false, expose: true },
  master_list_untrusted: {
    status: 422,
    title: 'The signature of the master list is not trusted',
    retryable: false,
    expose: true,
  },
  master_list_older: {
    status: 409,
    title: 'The master list is older than the last one of its source',
    retryable: false,
    expose: true,
  },
  master_list_duplicate: { status: 409, title: 'This master list is in force already', retryable: false, expose: true },
  revocation_exists: { status: 409, title: 'The certificate is revoked already', retryable: false, expose: true },

  // The public key directory
  public_key_not_found: { status: 404, title: 'No such public key', retryable: false, expose: true },
  certificate_not_found: { status: 404, title: 'No such certificate', retryable: false, expose: true },
  certificate_withdrawn: { status: 409, title: 'This certificate was withdrawn', retryable: false, expose: true },
  certificate_refused: {
    status: 422,
    title: 'No trusted issuer has signed this certificate',
    retryable: false,
    expose: true,
  },
  import_not_found: { status: 404, title: 'No such import', retryable: false, expose: true },
  import_finished: { status: 409, title: 'The import is over', retryable: false, expose: true },
  source_not_configured: { status: 409, title: 'No source is configured', retryable: false, expose: true },
  import_input_invalid: { status: 422, title: 'This cannot be imported', retryable: false, expose: true },

  // Ports
  database_unavailable: { status: 503, title: 'The database does not answer', retryable: true, expose: false },
  database_conflict: { status: 409, title: 'A condition of the write does not hold', retryable: true, expose: false },
  database_limit_exceeded: {
    status: 500,
    title: 'The change exceeds a limit of the database',
    retryable: false,
    expose: false,
  },
  database_row_invalid: { status: 500, title: 'A row does not match its table', retryable: false, expose: false },
  access_undeclared: {
    status: 500,
    title: 'The service has not declared this access',
    retryable: false,
    expose: false,
  },
  service_unavailable: { status: 503, title: 'Another service does not answer', retryable: true, expose: false },
  event_invalid: { status: 500, title: 'The event does not match its declaration', retryable: false, expose: false },
  egress_refused: { status: 422, title: 'This address may not be fetched', retryable: false, expose: true },
  egress_failed: { status: 502, title: 'The other server cannot be used', retryable: true, expose: true },
  egress_timeout: { status: 504, title: 'The other server took too long', retryable: true, expose: true },
  egress_too_large: { status: 502, title: 'The other server sent too much', retryable: false, expose: true },
  egress_redirect_refused: { status: 502, title: 'The redirect may not be followed', retryable: false, expose: true },

  // Configuration, discovery, life cycle
  data_folder_unusable: { status: 500, title: 'The data folder cannot be used', retryable: false, expose: false },
  data_folder_in_use: { status: 500, title: 'Another process uses the data folder', retryable: false, expose: false },
  data_folder_incomplete: {
    status: 500,
    title: 'Something is missing from the data folder',
    retryable: false,
    expose: false,
  },
  config_unreadable: { status: 500, title: 'A configuration file cannot be read', retryable: false, expose: false },
  config_malformed: { status: 500, title: 'A configuration file is not valid YAML', retryable: false, expose: false },
  config_invalid: {
    status: 500,
    title: 'The configuration does not match its schema',
    retryable: false,
    expose: false,
  },
  environment_unknown: { status: 500, title: 'No such environment', retryable: false, expose: false },
  manifest_invalid: {
    status: 500,
    title: 'A plugin manifest does not match its schema',
    retryable: false,
    expose: false,
  },
  plugin_not_found: { status: 404, title: 'No such plugin', retryable: false, expose: true },
  plugin_duplicate: {
    status: 500,
    title: 'A plugin with this name is already registered',
    retryable: false,
    expose: false,
  },
  plugin_illegal_transition: {
    status: 500,
    title: 'The plugin cannot do this in its state',
    retryable: false,
    expose: false,
  },
  plugin_not_initialized: { status: 500, title: 'The plugin has no context yet', retryable: false, expose: false },
  plugin_failed: { status: 500, title: 'The plugin failed', retryable: false, expose: false },
  plugin_dependency_missing: {
    status: 500,
    title: 'A plugin that this one needs is missing',
    retryable: false,
    expose: false,
  },
  plugin_dependency_cycle: {
    status: 500,
    title: 'Plugins depend on each other in a circle',
    retryable: false,
    expose: false,
  },
  plugin_incompatible: { status: 500, title: 'The plugin asks for another version', retryable: false, expose: false },
  declaration_invalid: {
    status: 500,
    title: 'A declaration of a plugin is not what it must be',
    retryable: false,
    expose: false,
  },
  gateway_step_failed: { status: 500, title: 'A gateway step of the plugin failed', retryable: false, expose: true },
  plugin_conflict: {
    status: 500,
    title: 'The plugin claims what belongs to another one',
    retryable: false,
    expose: false,
  },
  plugin_in_use: { status: 409, title: 'Another active plugin needs this one', retryable: false, expose: false },
  service_unknown: { status: 404, title: 'No such service', retryable: false, expose: true },
  service_duplicate: {
    status: 500,
    title: 'A service with this name is already registered',
    retryable: false,
    expose: false,
  },
  operation_unprotected: {
    status: 500,
    title: 'An operation declares neither requiresAuth nor publicAccess',
    retryable: false,
    expose: false,
  },
  operation_duplicate: {
    status: 500,
    title: 'Two operations share a name or a route',
    retryable: false,
    expose: false,
  },
  concern_invalid: {
    status: 500,
    title: 'A concern is declared in a way that cannot work',
    retryable: false,
    expose: false,
  },
  role_undeclared: {
    status: 500,
    title: 'A role is named that the plugin does not declare',
    retryable: false,
    expose: false,
  },
  role_duplicate: { status: 500, title: 'Two roles of a plugin share a name', retryable: false, expose: false },
  role_circular: { status: 500, title: 'Roles inherit each other in a circle', retryable: false, expose: false },
  permission_undeclared: {
    status: 500,
    title: 'A permission is named that the plugin does not declare',
    retryable: false,
    expose: false,
  },
  permission_duplicate: {
    status: 500,
    title: 'Two permissions of a plugin share a name',
    retryable: false,
    expose: false,
  },

  internal_error: { status: 500, title: 'Something went wrong here', retryable: false, expose: false },
} as const satisfies Record<string, CatalogueEntry>

export interface CatalogueEntry {
  readonly status: number
  readonly title: string
  readonly retryable: boolean
  readonly expose: boolean
}

export type ErrorCode = keyof typeof catalogue
