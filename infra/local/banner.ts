import { type SigningAlgorithmName, signingAlgorithm } from '@mmf/framework'

export interface BannerFacts {
  readonly url: string
  readonly environment: string
  readonly dataDirectory: string
  /** Whether `mmf-cli` looks there by itself. */
  readonly isDefaultDataDirectory: boolean
  /** What this environment signs with, in the order of the configuration. */
  readonly algorithms: readonly SigningAlgorithmName[]
  /** Whether every request needs a client certificate, which this gateway cannot ask for. */
  readonly requiresClientCertificate: boolean
  /** Whose tokens count, where it is not the issuer of this machine; else empty. */
  readonly configuredIssuers: readonly { readonly issuer: string; readonly audience: readonly string[] }[]
}

/** What `npm start` prints once it answers: where it is, and commands that work when pasted. */
export function banner(facts: BannerFacts): string {
  const { url, environment, dataDirectory, configuredIssuers: issuers } = facts
  return `
Marty answers at ${url}
  environment  ${environment}
  data         ${dataDirectory}
  tokens       of ${issuers.length === 0 ? 'the issuer on this machine' : issuers.map(({ issuer }) => issuer).join(', ')} only

${facts.requiresClientCertificate ? closed : commands(facts)}
Ctrl-C stops it; what was answered is kept.
`
}

const closed = `This environment takes requests with a client certificate only (require_mutual_tls), and nothing on this machine asks for one.
To try it here, start it with MMF__plugins__marty__require_mutual_tls=false.
`

function commands(facts: BannerFacts): string {
  const { url, algorithms } = facts
  const algorithm = algorithms.find(isPlain) ?? algorithms.find(hasDigest)
  const token = `Try it in another shell, in this folder:

${tokenCommand(facts)}`
  if (algorithm !== undefined) return token + byDigest(url, algorithm) + withOpenssl(url, algorithm)
  const [first] = algorithms
  return first === undefined ? token : token + byDocument(url, first)
}

function tokenCommand({ url, configuredIssuers, dataDirectory, isDefaultDataDirectory }: BannerFacts): string {
  const [first] = configuredIssuers
  if (first !== undefined) {
    return `${trusting(url)}  # a token of ${first.issuer} for the audience ${first.audience.join(' or ')},
  # with the role document_signer and the permission sign_documents
  TOKEN=
`
  }
  const dataOption = isDefaultDataDirectory ? '' : ` --data-dir ${quoted(dataDirectory)}`
  return `${trusting(url)}  # a token of the local issuer
  TOKEN=$(npm run -s cli -- token --roles document_signer --permissions sign_documents${dataOption})
`
}

/** What curl must be given where no authority of the web has certified this machine. */
const trusting = (url: string) =>
  url.startsWith('https:')
    ? `  # the authority of the server certificate, such as the one that mmf-cli dev-ca made
  export CURL_CA_BUNDLE=dev-ca/ca.pem

`
    : ''

function byDigest(url: string, algorithm: SigningAlgorithmName): string {
  const { hash } = signingAlgorithm(algorithm)
  return `
  # sign README.md by its digest: the file itself stays here
  DIGEST=$(openssl dgst -${hash} -binary README.md | openssl base64 -A)
${requests(url, algorithm, 'digest', 'DIGEST')}`
}

function byDocument(url: string, algorithm: SigningAlgorithmName): string {
  return `
  # sign README.md
  DOCUMENT=$(openssl base64 -A -in README.md)
${requests(url, algorithm, 'document', 'DOCUMENT')}`
}

function requests(url: string, algorithm: SigningAlgorithmName, field: string, variable: string): string {
  const headers = `-H "authorization: Bearer $TOKEN" -H 'content-type: application/json'`
  return `  curl -s ${url}/v1/documents/sign ${headers} \\
    -d "{\\"${field}\\":\\"$${variable}\\",\\"signingAlgorithm\\":\\"${algorithm}\\"}" | tee signature.json; echo

  # verify it here
  curl -s ${url}/v1/documents/verify ${headers} \\
    -d "{\\"${field}\\":\\"$${variable}\\",\\"signature\\":$(cat signature.json)}"; echo
`
}

/** The key is named by the signature, so that the commands stay right when the key has been replaced. */
function withOpenssl(url: string, algorithm: SigningAlgorithmName): string {
  const { hash, scheme, saltBytes } = signingAlgorithm(algorithm)
  const pss = scheme === 'rsa-pss' ? ` -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:${saltBytes}` : ''
  return `
  # verify it with OpenSSL and the published key
  KEY=$(node -p "s = JSON.parse(fs.readFileSync('signature.json')); s.keyId + '/versions/' + s.keyVersion")
  curl -s ${url}/v1/keys/$KEY -H 'accept: application/x-pem-file' > key.pem
  node -p "JSON.parse(fs.readFileSync('signature.json')).signature" | openssl base64 -d -A > signature.bin
  openssl dgst -${hash}${pss} -verify key.pem -signature signature.bin README.md
`
}

const hasDigest = (name: SigningAlgorithmName) => signingAlgorithm(name).hash !== undefined
/** OpenSSL needs no further options for it. */
const isPlain = (name: SigningAlgorithmName) => hasDigest(name) && signingAlgorithm(name).scheme !== 'rsa-pss'

/** For a POSIX shell. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
