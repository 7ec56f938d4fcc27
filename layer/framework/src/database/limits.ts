/**
 * DynamoDB's limits (Developer Guide, "Service, account, and table quotas" and "Constraints"). They hold on every adapter, so that what works
 * on a laptop works in AWS. Sizes are in bytes.
 */
export const limits = {
  transactionWrites: 100,
  transactionBytes: 4 * 1024 * 1024,
  rowBytes: 400 * 1024,
  partitionKeyBytes: 2048,
  sortKeyBytes: 1024,
  /** Lists and maps inside each other. */
  nesting: 32,
  fieldNameBytes: 255,
  getManyKeys: 100,
  pageRows: 1000,
  pageRowsDefault: 100,
  pageBytes: 1024 * 1024,
  /** Changed fields, compared fields and values of `in` together; keeps each expression under 4 KB and 300 operators. */
  operands: 100,
  tokenCharacters: 36,
  /** How long a transaction's token is remembered. */
  tokenSeconds: 600,
  /** Magnitudes that a DynamoDB number holds. */
  minNumber: 1e-130,
  maxNumber: 9.99e125,
} as const
