import { signingWith, startPlatform } from '../http/support/start-platform.ts'

// The product with a limit for each caller, in a process of its own; says where it answers, and gives tokens of two callers.

const rate = Number(process.argv[2])
const marty = await startPlatform({
  env: {
    ...signingWith('ECDSA-SHA256'),
    ...(rate > 0
      ? { MMF__rate_limits__callers: JSON.stringify({ '*': { requests_per_second: rate, burst: rate } }) }
      : {}),
  },
})
const roles = { roles: ['document_signer'], permissions: ['sign_documents'], ttlSeconds: 3600 }
process.send?.({
  url: marty.url,
  quiet: marty.token({ subject: 'quiet', ...roles }),
  noisy: marty.token({ subject: 'noisy', ...roles }),
})
process.once('message', () => void marty.stop().then(() => process.disconnect()))
