import * as z from 'zod'
import { authenticationSchema } from './authentication-schema.ts'
import { clientCertificatesSchema } from './client-certificates-schema.ts'
import { logNamespace } from './log-settings.ts'
import { secretSetting } from './secret.ts'
import { serviceResourcesSchema } from './service-resources.ts'
import { tlsSchema } from './tls-schema.ts'

/**
 * 4,700,000 bytes. Lambda takes 6 MiB per synchronous event (6,291,456 bytes), base64 of a binary body included, and the gateway adds up to
 * 16 KiB of headers and context: (6,291,456 − 16,384) · 3/4 = 4,706,304. A body within this limit arrives whatever its media type.
 */
const defaultMaxBodyBytes = 4_700_000

const lambdaEventBytes = 6_291_456

const seconds = z.int().min(1)

const server = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address of the local gateway. Alias: HOST'),
  port: z.int().min(0).max(65_535).default(8080).describe('Port of the local gateway; 0 takes a free one. Alias: PORT'),
  base_path: z
    .string()
    .regex(/^(?:\/[\w.~-]+)*$/, 'expected nothing, or a path such as /pki')
    .default('')
    .describe('What stands before the routes in a path: the mapping key of a custom domain, or what a proxy adds'),
  max_body_bytes: z
    .int()
    .min(1)
    .max(lambdaEventBytes)
    .default(defaultMaxBodyBytes)
    .describe('Largest request body, in bytes after base64 decoding'),
  request_timeout_seconds: seconds
    .max(29)
    .default(25)
    .describe('Time for one request; the HTTP API gives up after 30 seconds'),
  shutdown_timeout_seconds: seconds
    .max(300)
    .default(10)
    .describe('Time for requests in flight when the local gateway stops'),
  max_connections: z
    .int()
    .min(1)
    .max(100_000)
    .default(256)
    .describe('Connections, and requests in flight, that the local gateway serves at a time'),
  max_bytes_in_flight: z
    .int()
    .min(1_048_576)
    .max(68_719_476_736)
    .default(67_108_864)
    .describe('Bytes of request bodies that the local gateway holds at a time, over all requests'),
  max_stranger_body_bytes: z
    .int()
    .min(0)
    .max(1_048_576)
    .default(65_536)
    .describe('Largest body that the local gateway reads before the token of the request was verified'),
  receive_timeout_seconds: seconds
    .max(600)
    .default(60)
    .describe('Time for a request to arrive at the local gateway, from its first byte to its last'),
  idle_timeout_seconds: seconds
    .max(300)
    .default(10)
    .describe('Longest silence within a request to the local gateway, and before the next one on its connection'),
})

const plugins = z.strictObject({
  enabled: z
    .union([z.boolean(), z.array(z.string())])
    .default(true)
    .describe('true: all that are found; false: none; or a list of names. Alias: MMF_PLUGINS_ENABLED'),
  discovery_paths: z
    .array(z.string().min(1))
    .default(['./plugins'])
    .describe('Folders whose sub-folders are plugins. Alias: MMF_PLUGIN_DISCOVERY_PATHS'),
  start_timeout_seconds: seconds.max(300).default(30).describe('Time for one plugin to initialize and start'),
  stop_timeout_seconds: seconds.max(300).default(10).describe('Time for one plugin to stop'),
  health_timeout_seconds: seconds.max(60).default(5).describe('Time for one health check of a service'),
  resources: z
    .record(
      z.string(),
      serviceResourcesSchema.extend({ services: z.record(z.string(), serviceResourcesSchema).default({}) }),
    )
    .default({})
    .describe('By plugin, and in it by service: what its functions get, over what its manifest says'),
  readiness_seconds: z
    .int()
    .min(5)
    .max(3600)
    .default(60)
    .describe('How long GET /ready answers with what it found; each key signs a canary once in that time'),
  degraded_is_ready: z
    .boolean()
    .default(true)
    .describe('Whether GET /ready answers 200 while a trust list or a CRL is too old; false: 503'),
})

const apiKeys = z.strictObject({
  secret: secretSetting()
    .optional()
    .describe(
      '32 characters or more, for the digests of API keys. Absent: no API keys, but on this machine a secret of its own',
    ),
  previous_secret: secretSetting()
    .optional()
    .describe('The secret before this one: keys that were made with it go on working'),
  grantable_roles: z.array(z.string().min(1)).default([]).describe('Roles that API keys may carry; default none'),
  grantable_permissions: z
    .array(z.string().min(1))
    .default([])
    .describe('Permissions that API keys may carry; default none'),
  max_days: z.int().min(1).max(3650).default(365).describe('Longest life of an API key, in days'),
})

const logLevel = z.enum(['debug', 'info', 'warn', 'error'])

const logging = z.strictObject({
  level: logLevel.default('info').describe('Least severe level that is written. Alias: MMF_LOG_LEVEL'),
  levels: z
    .record(z.string().regex(logNamespace, 'expected a namespace such as framework.plugins or plugins.marty'), logLevel)
    .default({})
    .describe('Levels of namespaces, such as plugins.marty: debug. Alias: MMF_LOG_LEVELS'),
})

const tracing = z.strictObject({
  enabled: z.boolean().default(false).describe('Whether spans are recorded'),
})

const serviceAccounts = z
  .record(
    z.string().regex(/^[a-z][a-z0-9_]*$/),
    z.strictObject({
      roles: z.array(z.string().min(1)).default([]).describe('Names of roles'),
      permissions: z.array(z.string().min(1)).default([]).describe('Names of permissions'),
    }),
  )
  .default({})
  .describe(
    'By plugin: what it may do at other plugins in its own name, such as in a scheduled operation; default nothing',
  )
const remoteServices = z
  .record(
    z.string().regex(/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/, 'expected <plugin>.<service>, such as marty.pkd'),
    z.strictObject({
      url: z
        .url({ protocol: /^https?$/ })
        .refine(text => URL.parse(text)?.username === '', 'credentials do not stand in an address')
        .optional()
        .describe("Where it answers. Default: the address that the plugin's own configuration has for it"),
      token: secretSetting().optional().describe('Bearer token that this deployment is known by there'),
      client_certificate: z.string().min(1).optional().describe('PEM: client certificate for mutual TLS'),
      client_key: secretSetting().optional().describe('PEM: the key of the client certificate'),
      ca: z.string().min(1).optional().describe('PEM: authorities to trust instead of the well-known ones'),
    }),
  )
  .default({})
  .describe('Services that run in another deployment: calls to them go there, over HTTPS; default none')

/** Grants name applications and environments by their ids, so names would not do. */
const appConfigId = z.string().regex(/^[a-z0-9]{4,7}$/, 'expected an id of AppConfig, 4 to 7 letters and digits')

const configuration = z.strictObject({
  appconfig: z
    .strictObject({
      application: appConfigId.describe('Id of the AppConfig application'),
      environment: appConfigId.describe('Id of its environment'),
      profiles: z
        .array(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'expected base, or the name of a plugin'))
        .min(1)
        .describe('Configurations that are read from there, each from the profile of its name: base, or a plugin'),
      max_age_seconds: z
        .int()
        .min(0)
        .max(86_400)
        .default(60)
        .describe('Age after which a function asks again; 0 asks before each event'),
      extension_layer: z
        .string()
        .regex(/^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:layer:[\w-]+:\d+$/, 'expected the ARN of a layer version')
        .describe('ARN of the AppConfig agent layer for the region, with its version'),
    })
    .optional()
    .describe('On AWS: configurations that can be changed without a deployment. Absent: those of the deployment'),
})

const egress = z.strictObject({
  allow_hosts: z
    .array(z.string().min(1))
    .optional()
    .describe('Hosts that may be fetched from, `*.example.org` for what is below one; absent: every public host'),
  allow_private: z
    .union([z.boolean(), z.array(z.string().min(1))])
    .default(false)
    .describe('Subnets that may be fetched from although they are private; true opens all but metadata services'),
  timeout_seconds: seconds.max(60).default(10).describe('Time for one outgoing request, redirects included'),
  max_bytes: z.int().min(1).max(1_000_000_000).default(10_000_000).describe('Largest body that is fetched, unpacked'),
})

const embedded = z.strictObject({
  data_dir: z
    .string()
    .min(1)
    .default('.marty')
    .describe('Folder of the embedded database and keys. Alias: MARTY_DATA_DIR'),
})

/** Read where the stacks are made; a running function needs nothing of it. */
const aws = z.strictObject({
  domain_name: z
    .string()
    .regex(
      /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
      'expected a name such as api.example.com',
    )
    .optional()
    .describe('The custom domain of the API. Its own address is closed then'),
  certificate_arn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/,
      'expected the ARN of a certificate in AWS Certificate Manager',
    )
    .optional()
    .describe('The certificate of the custom domain, in the region of the deployment'),
  truststore: z
    .string()
    .min(1)
    .optional()
    .describe('A PEM file beside base.yaml with the authorities whose client certificates are taken (mutual TLS)'),
})

/** The schema of `config/base.yaml`: settings of the platform, not of a plugin. Everything has a default except who issues tokens. */
export const baseConfigSchema = z.strictObject({
  server: server.prefault({}),
  tls: tlsSchema,
  client_certificates: clientCertificatesSchema.prefault({}),
  authentication: authenticationSchema.prefault({}),
  api_keys: apiKeys.prefault({}),
  logging: logging.prefault({}),
  tracing: tracing.prefault({}),
  plugins: plugins.prefault({}),
  service_accounts: serviceAccounts,
  remote_services: remoteServices,
  configuration: configuration.prefault({}),
  egress: egress.prefault({}),
  embedded: embedded.prefault({}),
  aws: aws.prefault({}),
})

export type BaseConfig = z.output<typeof baseConfigSchema>
