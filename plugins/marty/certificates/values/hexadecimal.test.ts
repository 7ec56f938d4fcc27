import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fingerprint, hexadecimal } from './hexadecimal.ts'

const digits = '0123456789abcdef'.repeat(4)
const colons = (digits.match(/../g) ?? []).join(':')

test('a fingerprint is read in upper case and with colons, and comes out in one form', () => {
  for (const text of [digits, digits.toUpperCase(), colons, colons.toUpperCase()]) {
    assert.equal(fingerprint.parse(text), digits)
  }
  for (const text of [
    '',
    digits.slice(1),
    `${digits}00`,
    `${colons}:`,
    `:${colons}`,
    digits.replace('0123', '01:23'),
  ]) {
    assert.equal(fingerprint.safeParse(text).success, false, text)
  }
})

test('a number of octets may be a range', () => {
  const serial = hexadecimal('{1,3}', 'a number')
  assert.deepEqual(
    ['0A', '0a:0B', '0a0b0c'].map(text => serial.parse(text)),
    ['0a', '0a0b', '0a0b0c'],
  )
  for (const text of ['', 'a', '0a:0b:0c:0d', '0a0b0c0d']) assert.equal(serial.safeParse(text).success, false, text)
})
