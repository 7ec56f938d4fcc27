import { assertEcPoint } from '../signature/key-points.ts'
import { curveByOid, type NamedCurve } from '../signature/named-curves.ts'
import type { PublicKeyInfo } from '../signature/public-key.ts'
import { fromHex, hasBytesAt } from './bytes.ts'

/** What stands before the point in a SubjectPublicKeyInfo that names its curve (RFC 5480 §2.1.1), up to the octet 04 for "uncompressed". */
interface UsualForm {
  readonly curve: string
  readonly head: Uint8Array
}

function form(curve: string, head: string): UsualForm {
  return { curve, head: fromHex(head) }
}

/** P-256, P-384 and P-521, by the length of the whole, which is the same for every key of the curve. */
const forms: ReadonlyMap<number, UsualForm> = new Map([
  [91, form('1.2.840.10045.3.1.7', '3059301306072a8648ce3d020106082a8648ce3d03010703420004')],
  [120, form('1.3.132.0.34', '3076301006072a8648ce3d020106052b8104002203620004')],
  [158, form('1.3.132.0.35', '30819b301006072a8648ce3d020106052b810400230381860004')],
])

/** The form of a key that has one of them, its point unseen. */
export function usualEcForm(spki: Uint8Array): UsualForm | undefined {
  const usual = forms.get(spki.length)
  return usual !== undefined && hasBytesAt(spki, 0, usual.head) ? usual : undefined
}

/**
 * Reads in place the shape that nearly all EC keys have: a NIST curve by name, an uncompressed point. Undefined for every other;
 * readPublicKey then decides.
 * @throws key_malformed for a point that is not on the curve
 */
export function readUsualEcKey(spki: Uint8Array): PublicKeyInfo | undefined {
  const usual = usualEcForm(spki)
  if (usual === undefined) return undefined
  const { head } = usual
  const curve = curveByOid(usual.curve) as NamedCurve
  const point = spki.subarray(head.length - 1)
  assertEcPoint(point, curve)
  return { type: 'ec', bits: curve.bits, curve, explicit: false, point }
}
