/** A mistake of the person who deploys, or of a plugin's author, with one sentence that says what to do. */
export class DeploymentError extends Error {}
