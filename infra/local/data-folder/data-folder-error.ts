import { isMmfError, MmfError } from '@mmf/framework'

/** What the operator can do, by the error of the system. */
const hints: Readonly<Record<string, string>> = {
  EACCES: 'give it to the user who runs this, or set MARTY_DATA_DIR to another folder',
  EPERM: 'give it to the user who runs this, or set MARTY_DATA_DIR to another folder',
  EROFS: 'it lies on a disk that cannot be written; set MARTY_DATA_DIR to another folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this user is used up',
  EFBIG: 'the limit of this user for the size of a file is too small (ulimit -f)',
  EEXIST: 'a file is in the way; set MARTY_DATA_DIR to a folder',
  ENOTDIR: 'a file is in the way; set MARTY_DATA_DIR to a folder',
}

/** The error of a data folder that cannot be used, in one line: which path, what the system says, what can be done. */
export function dataFolderUnusable(directory: string, error: unknown): MmfError {
  if (isMmfError(error)) return error
  const { code = '', path = directory } = error as { code?: string; path?: string }
  const hint = hints[code] ?? 'see whether the disk is sound'
  return new MmfError('data_folder_unusable', { detail: `${path}: ${code || String(error)}: ${hint}`, cause: error })
}
