import { signAt } from './sign-at.ts'

// The noisy caller, in a process of its own: so many requests a second whatever the answers are, at most 200 at once, until its parent ends it.

const [url = '', token = '', perSecond = ''] = process.argv.slice(2)
const counts: Record<string, number> = {}
let inFlight = 0
let due = 0
const timer = setInterval(() => {
  due += Number(perSecond) / 100
  while (due >= 1) {
    due -= 1
    if (inFlight >= 200) continue
    inFlight += 1
    signAt(url, token)
      .then(status => {
        counts[status] = (counts[status] ?? 0) + 1
      })
      .catch(() => {
        counts['failed'] = (counts['failed'] ?? 0) + 1
      })
      .finally(() => {
        inFlight -= 1
      })
  }
}, 10)
process.once('message', () => {
  clearInterval(timer)
  process.send?.(counts, () => process.exit())
})
