/** Configurations that lie elsewhere than in the folders. */
export interface ConfigSource {
  /**
   * The text of a configuration, YAML or JSON with sections like the files, and where it is from; undefined for one that is not there, so that its
   * file counts.
   * @throws {MmfError} `config_unreadable` when the source does not answer
   */
  read(name: string): Promise<{ readonly path: string; readonly text: string } | undefined>
}
