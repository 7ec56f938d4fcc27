import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMmfError } from '../errors/mmf-error.ts'
import { testConfigFolder } from './config-folder-fixture.ts'
import { parseYaml } from './parse-yaml.ts'
import { readConfigFile, readYamlFile } from './yaml-file.ts'

function refusal(text: string) {
  try {
    parseYaml('marty.yaml', text)
  } catch (error) {
    if (isMmfError(error, 'config_malformed')) return error
    throw error
  }
  throw new Error('was accepted')
}

test('a broken file is refused with file, line, column and key', () => {
  const error = refusal('default:\n  pkd_url: "https://pkd\n  pkd_cache_ttl: 3600\n')
  const { file, key, line } = error.members
  assert.deepEqual([file, key, line], ['marty.yaml', 'pkd_cache_ttl', 4])
  assert.match(error.message, /marty\.yaml:\d+:\d+ at key "pkd_cache_ttl"/)

  const indented = refusal('default:\n  signing_algorithms:\n    - "RSA-SHA256"\n   - "ECDSA-SHA256"\n').members
  assert.partialDeepStrictEqual(indented, { line: 4, key: 'signing_algorithms' })
})

test('duplicate keys, several documents, unknown tags and keys that are no strings are refused', () => {
  assert.partialDeepStrictEqual(refusal('default:\n  a: 1\n  a: 2\n').members, { line: 3 })
  refusal('a: 1\n---\nb: 2\n')
  refusal('a: !!js/function "x"\n')
  refusal('1: a\n')
  refusal('? [a, b]\n: c\n')
  refusal('default:\n  __proto__:\n    polluted: true\n')
})

test('aliases cannot grow a few lines into gigabytes', () => {
  const bomb = ['a0: &a0 [x,x,x,x,x,x,x,x,x]']
  for (let i = 1; i < 10; i++)
    bomb.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(',')}]`,
    )
  assert.match(refusal(bomb.join('\n')).message, /alias/i)
})

test('a broken file is refused in our words, which never quote it', () => {
  const broken: Readonly<Record<string, RegExp>> = {
    'a: "hunter2\nb: 1\n': /: a quote, comma, colon or space is missing$/,
    'a: 1\na: 2\n': /: the key is there twice$/,
    'a: 1\n---\nb: 2\n': /: the file must hold one document$/,
    'a: !hunter2 x\n': /: an unknown tag/,
    'a: [hunter2\n': /bracket or brace that is not closed$/,
    'a: hunter2: c\n': /: " that needs quotes$/,
    '\ta: hunter2\n': /: indent with spaces, not with tabs$/,
    'a: @hunter2\n': /put it in quotes$/,
    'a: "\\hunter2"\n': /: an unknown escape in double quotes/,
    'a: |hunter2\n  b\n': /: something stands where the value has ended$/,
    'a: *hunter2\n': /: an alias must name an anchor that stands before it$/,
  }
  for (const [text, expected] of Object.entries(broken)) {
    const { message } = refusal(text)
    assert.match(message, expected, text)
    assert.doesNotMatch(message, /hunter2/, text)
  }
})

test('the core schema: yes and no are text, dates too', () => {
  const { value } = parseYaml('f', 'a: yes\nb: 2026-01-01\nc: 0x10\nd: true\ne: ~\n')
  assert.deepEqual(value, { a: 'yes', b: '2026-01-01', c: 16, d: true, e: null })
})

test('positions are those of keys and of items; what is missing answers its nearest ancestor', () => {
  const file = parseYaml('f', 'default:\n  list:\n    - one\n    - two\n')
  assert.deepEqual(file.positionOf(['default', 'list', 1]), { line: 4, column: 7 })
  assert.deepEqual(file.positionOf(['default', 'absent', 'deep']), { line: 1, column: 1 })
  assert.equal(file.positionOf(['production']), undefined)
})

test('a missing file is config_unreadable', async () => {
  await assert.rejects(readYamlFile('/nowhere/marty.yaml'), error => isMmfError(error, 'config_unreadable'))
})

test('what a build made of a file is read where the file itself is not there', async t => {
  const { folder, write } = testConfigFolder(t, { 'base.json': '{"default":{"a":1}}' })
  const compiled = await readConfigFile(`${folder}/base`)
  assert.deepEqual([compiled.path, compiled.value], [`${folder}/base.json`, { default: { a: 1 } }])
  for (const broken of ['{', '[]', '{"default":{"a":1,"a":2}}']) {
    write('base.json', broken)
    await assert.rejects(readConfigFile(`${folder}/base`), error => isMmfError(error, 'config_malformed'))
  }
  write('base.yaml', 'default: {a: 2}')
  assert.deepEqual((await readConfigFile(`${folder}/base`)).value, { default: { a: 2 } })
  await assert.rejects(readConfigFile(`${folder}/absent`), /absent\.yaml: there is no such file/)
})
