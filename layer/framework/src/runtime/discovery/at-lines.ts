import { describeOrigin, originAt, treeOf } from '../../config/config-tree.ts'
import { readYamlFile } from '../../config/yaml-file.ts'
import { MmfError } from '../../errors/mmf-error.ts'

/** The same error, each of its problems with the place in the manifest where the field stands, or that of the nearest field around it. */
export async function atLines(source: string, error: MmfError): Promise<MmfError> {
  const { errors = [], code, members, cause } = error
  if (errors.length === 0) return error
  const file = await readYamlFile(source)
  const tree = treeOf(file.value, file)
  const placed = errors.map(({ path, message }) => {
    const steps = path.split('.').map(step => (/^\d+$/.test(step) ? Number(step) : step))
    return { path, message: `${message}, at ${describeOrigin(originAt(tree, steps))}` }
  })
  return new MmfError(code, { detail: placed.map(({ message }) => message).join('; '), members, cause, errors: placed })
}
