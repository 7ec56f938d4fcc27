/**
 * A mock certification authority for tests: real keys and signatures, every extension, deliberate mistakes on request.
 * Not part of the package's public entry; import it from tests only.
 */
export * from './authority.ts'
export * from './certificate.ts'
export * from './crl.ts'
export * from './extensions.ts'
export * from './keys.ts'
export * from './names.ts'
export * from './ocsp.ts'
export * from './revocation-input.ts'
export * from './signing.ts'
export * from './times.ts'
