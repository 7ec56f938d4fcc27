import { randomFillSync } from 'node:crypto'
import type { Clock } from '../clock/clock.ts'
import type { Ids } from './ids.ts'

const counterLimit = 1 << 12

/**
 * UUIDs of version 7 (RFC 9562 §5.7). Within one generator they increase strictly, also within a millisecond and when the clock steps back:
 * `rand_a` is a counter with a random start (§6.2, method 1), and an overflow borrows the next millisecond. `rand_b` is 62 random bits.
 */
export function createIds(options: { clock: Clock; random?: (bytes: Uint8Array) => void }): Ids {
  const { clock, random = (bytes: Uint8Array) => void randomFillSync(bytes) } = options
  let lastTime = -1
  let counter = 0

  return {
    next() {
      const bytes = Buffer.alloc(16)
      random(bytes)
      const now = clock.now().getTime()
      if (now > lastTime) {
        lastTime = now
        // The top bit starts at 0, so that at least 2,048 identifiers follow before the counter is full.
        counter = bytes.readUInt16BE(6) & 0x07ff
      } else if (++counter === counterLimit) {
        lastTime += 1
        counter = 0
      }
      bytes.writeUIntBE(lastTime, 0, 6)
      bytes.writeUInt16BE(0x7000 | counter, 6)
      bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8)
      const hex = bytes.toString('hex')
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
    },
  }
}
