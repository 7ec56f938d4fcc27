import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PluginDefinition } from '@mmf/framework'
import { Match } from 'aws-cdk-lib/assertions'
import { createRoot, testKey } from '../../layer/pki/src/testing/index.ts'
import { resourcesOf } from './policy-walk.ts'
import { issuer, type SynthOptions, synthToy } from './toy-deployment.ts'
import { toy } from './toy-plugin.ts'

const plain: PluginDefinition = toy
const demanding: readonly PluginDefinition[] = [
  { ...plain, transport: () => ({ requireClientCertificate: true, validateClientCertificate: true }) },
]
const root = createRoot('CN=Clients')
const pem = (der: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`
const files = { 'clients.pem': pem(root.der) }
const settings = {
  MMF__aws__domain_name: 'api.example.com',
  MMF__aws__certificate_arn: 'arn:aws:acm:eu-west-1:123456789012:certificate/0a1b-2c',
  MMF__aws__truststore: 'clients.pem',
}
const synth = (more: object, options: SynthOptions = {}) =>
  synthToy('production', { plugins: demanding, files, ...options, variables: { ...issuer, ...more } })
const without = (name: keyof typeof settings) => {
  const { [name]: _, ...rest } = settings
  return rest
}

describe('an environment that requires client certificates', () => {
  test('without a domain is refused, with the settings to make', async () => {
    await assert.rejects(
      synth({}),
      /^Error: production requires client certificates .*: set aws\.domain_name, aws\.certificate_arn, aws\.truststore in base\.yaml, or MMF__aws__domain_name, /,
    )
    for (const name of Object.keys(settings) as (keyof typeof settings)[]) {
      const setting = name.replace('MMF__aws__', 'aws\\.')
      await assert.rejects(synth(without(name)), new RegExp(`: set ${setting} in base\\.yaml, or ${name} `))
    }
  })

  test('takes them on its domain, and is reached at no other address', async () => {
    const { service } = await synth({ ...settings, MMF__server__base_path: '/pki' })
    service.hasResourceProperties('AWS::ApiGatewayV2::DomainName', {
      DomainName: 'api.example.com',
      DomainNameConfigurations: [
        { CertificateArn: settings.MMF__aws__certificate_arn, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' },
      ],
      MutualTlsAuthentication: {
        TruststoreUri: {
          'Fn::Join': ['', Match.arrayWith(['s3://', Match.stringLikeRegexp('^/[0-9a-f]{64}\\.pem$')])],
        },
      },
    })
    service.hasResourceProperties('AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: true })
    service.hasResourceProperties('AWS::ApiGatewayV2::ApiMapping', { Stage: '$default', ApiMappingKey: 'pki' })
  })

  test('another truststore is another object; the same is the same', async () => {
    const uri = async (text: string) => {
      const { service } = await synth(settings, { files: { 'clients.pem': text } })
      const domain = Object.values(resourcesOf(service)).find(r => r.Type === 'AWS::ApiGatewayV2::DomainName')
      return JSON.stringify(domain?.Properties['MutualTlsAuthentication'])
    }
    const other = pem(createRoot('CN=Others').der)
    assert.equal(await uri(files['clients.pem']), await uri(files['clients.pem']))
    assert.notEqual(await uri(files['clients.pem']), await uri(files['clients.pem'] + other))
  })

  for (const [what, text, reason] of [
    ['is not there', undefined, /there is no such file/],
    ['is empty', '', /no certificate in it/],
    ['holds a private key', '-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----', /private key/],
    ['holds garbage', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', /certificate 1 is none/],
    [
      'holds a certificate that issues nothing',
      pem(root.issue('CN=leaf').der),
      /certificate 1 is none of an authority/,
    ],
    [
      'holds an authority signed with SHA-1, behind a good one',
      files['clients.pem'] + pem(createRoot('CN=Old', { algorithm: 'ecdsa-sha1' }).der),
      /certificate 2 is signed with ecdsa-with-SHA1; .* SHA-2 is expected/,
    ],
    [
      'holds an authority with a Brainpool key',
      pem(createRoot('CN=Brainpool', { key: testKey('brainpoolP256r1') }).der),
      /certificate 1 has a key of ec brainpoolP256r1; /,
    ],
    [
      'holds an authority with a short key',
      pem(createRoot('CN=Short', { key: testKey('rsa-1024') }).der),
      /certificate 1 has a key of RSA of 1024 bits; /,
    ],
    ['is too large', ' '.repeat(1_000_001), /larger than/],
  ] as const) {
    test(`a truststore that ${what} is refused before anything is created`, async () => {
      const given = text === undefined ? {} : { 'clients.pem': text }
      await assert.rejects(synth(settings, { files: given }), error => reason.test(String(error)))
    })
  }
})

describe('an environment that requires none', () => {
  test('needs no domain, and keeps its own address open', async () => {
    const { service } = await synth({}, { plugins: [toy] })
    service.resourceCountIs('AWS::ApiGatewayV2::DomainName', 0)
    service.hasResourceProperties('AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: false })
  })

  test('may have one without a truststore; half of one is refused', async () => {
    const { service } = await synth(without('MMF__aws__truststore'), { plugins: [toy] })
    service.hasResourceProperties('AWS::ApiGatewayV2::DomainName', { MutualTlsAuthentication: Match.absent() })
    await assert.rejects(
      synth({ MMF__aws__domain_name: 'api.example.com' }, { plugins: [toy] }),
      /half a custom domain: set aws\.certificate_arn/,
    )
  })

  test('a name or an ARN that is none is refused', async () => {
    for (const more of [{ MMF__aws__domain_name: 'https://api.example.com/' }, { MMF__aws__certificate_arn: 'arn' }]) {
      await assert.rejects(synth({ ...settings, ...more }), { code: 'config_invalid' })
    }
  })
})
