/** The file of a service's function among the built handlers, without its ending: `document_signer` → `document-signer`. */
export const functionFile = (service: string): string => service.replaceAll('_', '-')
