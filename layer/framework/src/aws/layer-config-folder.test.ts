import assert from 'node:assert/strict'
import { test } from 'node:test'
import { layerConfigFolder } from './layer-config-folder.ts'

test('the configuration lies in the layer, wherever that is unpacked', () => {
  assert.equal(layerConfigFolder('/opt/nodejs/node_modules/@mmf/framework'), '/opt/config')
  assert.equal(layerConfigFolder('/tmp/x/nodejs/node_modules/@mmf/framework/chunks'), '/tmp/x/config')
  assert.equal(layerConfigFolder(), undefined)
})
