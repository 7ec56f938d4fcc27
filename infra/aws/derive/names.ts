/** `document_signer` → `DocumentSigner`: for logical ids. They decide about replacement, so they never change for a name. */
export function pascal(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map(part => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')
}
