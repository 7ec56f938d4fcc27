/** A mistake of whoever deploys, or of a plugin's author, with one sentence that says what to do. */
export class DeploymentError extends Error {}
