/** The version of this framework that manifests compare their `mmf_version` with; a test keeps it equal to package.json. */
export const frameworkVersion = '0.2.0'
