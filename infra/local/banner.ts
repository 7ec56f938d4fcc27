export interface BannerFacts {
  readonly url: string
  readonly environment: string
  readonly dataDirectory: string
}

/** What `npm start` prints once it answers: where it is, and commands that work when pasted. */
export function banner({ url, environment, dataDirectory }: BannerFacts): string {
  const keys = `${url}/v1/keys/document_signer-rsa-3072/versions/1`
  return `
Marty answers at ${url}
  environment  ${environment}
  data         ${dataDirectory}

Try it in another shell, in this folder:

  # a token of the local issuer
  TOKEN=$(npx mmf-cli token --roles document_signer --permissions sign_documents)

  # sign README.md by its digest: the file itself stays here
  DIGEST=$(openssl dgst -sha256 -binary README.md | openssl base64 -A)
  curl -s ${url}/v1/documents/sign -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' \\
    -d "{\\"digest\\":\\"$DIGEST\\",\\"signingAlgorithm\\":\\"RSA-SHA256\\"}" | tee signature.json; echo

  # verify it here
  curl -s ${url}/v1/documents/verify -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' \\
    -d "{\\"digest\\":\\"$DIGEST\\",\\"signature\\":$(cat signature.json)}"; echo

  # verify it with OpenSSL and the published key
  curl -s ${keys} -H 'accept: application/x-pem-file' > key.pem
  node -p "JSON.parse(fs.readFileSync('signature.json')).signature" | openssl base64 -d -A > signature.bin
  openssl dgst -sha256 -verify key.pem -signature signature.bin README.md

Ctrl-C stops it; what was answered is kept.
`
}
