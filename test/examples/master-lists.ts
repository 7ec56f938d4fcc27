import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { toPem } from '@mmf/pki'
import { csca, linkCertificate, listSigner, longLived, masterList } from '../http/support/trust-anchors.fixture.ts'

/**
 * `npm run --silent example-lists`: writes the files that docs/trust-anchors.md works with, of States that do not exist, into the folder where
 * it is called: `csca.pem`, and `january.ml` and `february.ml`, two lists that its signer has signed. Keys are new each time.
 */
function writeExample(folder: string): void {
  const [home, leaving, staying] = [csca('UT'), csca('UU'), csca('UV')]
  const signer = listSigner(home, 'UT')
  const link = linkCertificate(home, csca('UT', 2))
  const noCa = home.issue('C=UT, CN=Document signer', longLived).der
  const list = (month: string, certificates: readonly Uint8Array[]) =>
    masterList({ certificates, signer, signingTime: new Date(`2026-${month}-01T00:00:00Z`) })
  writeFileSync(join(folder, 'csca.pem'), toPem('CERTIFICATE', home.der))
  writeFileSync(join(folder, 'january.ml'), list('01', [home.der, leaving.der, staying.der]))
  writeFileSync(join(folder, 'february.ml'), list('02', [home.der, staying.der, link, noCa]))
}

parseArgs({ options: {} })
// npm runs scripts in the folder of package.json and names the caller's here.
writeExample(process.env['INIT_CWD'] ?? process.cwd())
