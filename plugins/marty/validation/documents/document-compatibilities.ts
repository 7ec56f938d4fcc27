/** Departures that a travel document may be allowed; names of earlier verdicts stay. */
export const documentCompatibilities = [
  'rsa-digestinfo-without-null',
  'lenient-extensions',
  'cms-tolerant',
  'sod-content-type-data',
  'sod-without-tag',
] as const
